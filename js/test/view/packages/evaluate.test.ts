import { afterEach, describe, expect, it } from "vitest";
import {
  type BundleContext,
  evaluateBundle,
  withGlobalsLater,
} from "../../../src/view/packages/evaluate";
import { appWindow, evaluateWith } from "../../../src/view/packages/globals";

const page = window as unknown as Record<string, unknown>;
const nothing = { addEventListener() {}, removeEventListener() {} };

function context(name: string): BundleContext {
  return {
    trame: { name },
    vue: { version: "3" },
    scoped: { document: { activeElement: name }, keys: nothing, window: nothing },
    globals: new Map(),
    late: {},
    fetch: () => Promise.reject(new Error(name)),
    Worker: window.Worker,
    XMLHttpRequest: window.XMLHttpRequest,
  };
}

const run = (text: string, of: BundleContext, scoped = false) =>
  evaluateBundle(text, "https://x/y.js", scoped, of);

const UMD = `(function (root, factory) {
  typeof exports == "object" && typeof module < "u" ? factory(exports, require("vue"))
    : typeof define == "function" && define.amd ? define(["exports", "vue"], factory)
    : (root = typeof globalThis < "u" ? globalThis : root, factory(root.Lib = {}, root.Vue));
})(this, function (lib, Vue) { lib.vue = Vue; lib.trame = () => window.trame; });`;

afterEach(() => {
  for (const name of ["Lib", "define", "trame", "Vue", "mine"]) delete page[name];
});

describe("a bundle", () => {
  it("is the app's own: no global of the page changes", () => {
    page.Lib = "the page's";
    page.trame = "the page's";
    const [one, two] = [context("one"), context("two")];
    run(UMD, one);
    run(UMD, two);
    const libraries = [one, two].map(({ globals }) => globals.get("Lib") as { trame(): unknown });
    expect(libraries.map((library) => library.trame())).toEqual([{ name: "one" }, { name: "two" }]);
    expect(libraries[0]).not.toBe(libraries[1]);
    expect((libraries[0] as { vue?: unknown }).vue).toBe(one.vue);
    expect([page.Lib, page.trame, "Vue" in window]).toEqual(["the page's", "the page's", false]);
  });

  it("does not find the page's module loader", () => {
    const define = Object.assign(() => expect.fail("registered"), { amd: {} });
    page.define = define;
    const own = context("a");
    run(UMD, own);
    expect(own.globals.has("Lib")).toBe(true);
    expect(page.define).toBe(define);
  });

  it("finds what earlier ones of its app made, and declares globals at its top", () => {
    const own = context("a");
    run('/* x */ "use strict"; var mine = 1;', own);
    run("window.mine2 = window.mine + 1;", own);
    expect(Object.fromEntries(own.globals)).toEqual({ mine: 1, mine2: 2 });
    expect("mine" in window || "mine2" in window).toBe(false);
  });

  it("keeps what it looks up later", () => {
    const own = context("a");
    run("regeneratorRuntime = 1; self.MonacoEnvironment = {regeneratorRuntime: 2};", own);
    run("window.mine = () => [regeneratorRuntime, globalThis.MonacoEnvironment]", own);
    expect((own.globals.get("mine") as () => unknown)()).toEqual([1, { regeneratorRuntime: 2 }]);
    expect("regeneratorRuntime" in window || "MonacoEnvironment" in window).toBe(false);
  });

  it("uses the Leaflet that it has in itself", () => {
    const own = context("a");
    run("window.mine = {useGlobalLeaflet:{type:Boolean,default:!0,custom:!0}}", own);
    expect(own.globals.get("mine")).toEqual({
      useGlobalLeaflet: { type: Boolean, default: false, custom: true },
    });
  });

  it("leaves nothing behind where it throws", () => {
    const own = context("a");
    expect(() => run("window.mine = 1; throw new TypeError('no')", own)).toThrow("no");
    expect("mine" in window).toBe(false);
  });

  it("sees the root as its document where it is declared so", () => {
    const own = context("root");
    run("window.mine = [document.activeElement, typeof document.createElement]", own, true);
    expect(own.globals.get("mine")).toEqual(["root", "function"]);
    run("window.mine = document.activeElement", own);
    expect(own.globals.get("mine")).toBe(document.body);
  });

  it("finds its trame by name when it runs, and may have a variable of this name", () => {
    const own = context("a");
    run("window.mine = () => trame.name", own);
    expect((own.globals.get("mine") as () => unknown)()).toBe("a");
    run("const trame = window.trame; window.mine = trame.name;", own);
    expect(own.globals.get("mine")).toBe("a");
  });

  it("knows where it came from", () => {
    const own = context("a");
    run("window.mine = document.currentScript.src", own);
    expect(own.globals.get("mine")).toBe("https://x/y.js");
  });
});

describe("what takes turns", () => {
  it("has the globals one app after the other", async () => {
    const [one, two] = [context("one"), context("two")];
    const seen: unknown[] = [];
    const body = async () => {
      seen.push(page.trame);
      await Promise.resolve();
      page.mine = seen.length;
    };
    await Promise.all([withGlobalsLater(one, body), withGlobalsLater(two, body)]);
    expect(seen).toEqual([{ name: "one" }, { name: "two" }]);
    expect([one.globals.get("mine"), two.globals.get("mine"), page.mine]).toEqual([
      1,
      2,
      undefined,
    ]);
  });
});

describe("an expression", () => {
  it("is over the app's globals and its trame", () => {
    const own = context("a");
    own.globals.set("Lib", { make: (name: string) => `made ${name}` });
    const view = appWindow(own);
    expect(evaluateWith(own, view, "Lib.make(trame.name)")).toBe("made a");
    expect(evaluateWith(own, view, "window.Lib === Lib && window.trame === trame")).toBe(true);
    expect(() => evaluateWith(own, view, "Missing.make()")).toThrow(ReferenceError);
  });

  it("has a window that works like one", () => {
    const own = context("a");
    const view = appWindow(own) as Window & Record<string, unknown>;
    expect(view.window).toBe(view);
    expect(view.atob("YQ==")).toBe("a");
    expect(new (view.Event as typeof Event)("x").type).toBe("x");
    view.mine = 4;
    expect([own.globals.get("mine"), "mine" in window, "mine" in view]).toEqual([4, false, true]);
  });
});
