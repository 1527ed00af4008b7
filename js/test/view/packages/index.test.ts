import { afterEach, describe, expect, it, vi } from "vitest";
import { type App, createApp, ref } from "vue";
import { Trame } from "../../../src/view/contract/trame";
import { type Fetcher, PackageResources } from "../../../src/view/packages";
import type { ResourcesContext } from "../../../src/view/render/place";
import { createShell, type Mode } from "../../../src/view/shell/shadow";
import { MemoryConnection } from "../memory";
import "../setup";

const files: Record<string, string> = {
  "p/a.js": "window.A = { install: (app, options) => app.provide('a', [options, trame]) };",
  "p/b.js": "window.B = { make: () => ({ install: (app) => app.provide('b', 1) }) };",
  "p/bad.js": "throw new Error('broken bundle')",
  "p/a.css": "body { color: red }",
  "__trame_vuetify3_3.0.0/v.js":
    "window.Vuetify = { createVuetify: (o) => ({ install: (app) => app.provide('v', o) }) };",
};

function setup(mode: Mode = "inline", onFrame?: (reason: string) => void) {
  const asked: string[] = [];
  const fetcher: Fetcher = {
    address: () => null,
    async fetch(path) {
      asked.push(path);
      const text = files[path];
      if (text === undefined) throw new Error(`${path}: 404`);
      return { bytes: new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>, type: "" };
    },
  };
  const connection = new MemoryConnection();
  const errors: string[] = [];
  const report = (where: string, error: unknown) => errors.push(`${where}: ${error}`);
  const trame = new Trame(connection, report);
  const shell = createShell(document.body.appendChild(document.createElement("div")), mode);
  const context = { trame, shell, mode, report, step: () => undefined } as ResourcesContext;
  const resources = new PackageResources(context, { fetcher, onFrame });
  const app = createApp({}) as App;
  const provided = () => app._context.provides as Record<string, unknown>;
  return { asked, connection, errors, trame, shell, resources, app, provided };
}

afterEach(() => {
  document.body.replaceChildren();
  for (const name of ["A", "B", "trame", "Vue"]) {
    delete (window as unknown as Record<string, unknown>)[name];
  }
});

describe("the packages of an app", () => {
  it("are loaded and installed in order, with options", async () => {
    const { connection, resources, app, provided, trame, errors } = setup();
    const state = {
      trame__styles: ["p/a.css"],
      trame__scripts: ["p/a.js", "p/b.js"],
      trame__vue_use: [["A", { js_eval: "trame.state.get('n')" }], "B.make()"],
      n: 5,
    };
    connection.open(state);
    expect(resources.isUsed(state)).toBe(true);
    await resources.load(app);
    expect(provided()).toMatchObject({ a: [5, trame], b: 1 });
    expect(errors).toEqual([]);
    expect("A" in window || "B" in window).toBe(false);
    expect(resources.place.evaluate("A !== undefined && trame.state.get('n')")).toBe(5);
  });

  it("are asked for at once; scripts run when the styles are there", async () => {
    const { asked, connection, resources, app } = setup();
    connection.open({ trame__styles: ["p/a.css"], trame__scripts: ["p/a.js", "p/b.js"] });
    void resources.load(app);
    await Promise.resolve();
    expect(asked).toEqual(["p/a.css", "p/a.js", "p/b.js"]);
    await vi.waitFor(() => expect(resources.place.evaluate("B")).toBeDefined());
    expect(asked).toHaveLength(3);
  });

  it("that fail are shown, and the rest goes on", async () => {
    const { connection, resources, app, provided, errors } = setup();
    connection.open({
      trame__scripts: ["p/gone.js", "p/bad.js", "p/b.js"],
      trame__vue_use: ["Gone", "B.nothing", "B.make()"],
    });
    await resources.load(app);
    expect(provided().b).toBe(1);
    expect(errors.join("\n")).toContain("package p/gone.js: Error: p/gone.js: 404");
    expect(errors.join("\n")).toContain("package p/bad.js: Error: broken bundle");
    expect(errors.join("\n")).toContain("package Gone: ReferenceError");
    expect(errors.join("\n")).toContain('package B.nothing: Error: the page has no "B.nothing"');
  });

  it("that come later are loaded once, and the templates drawn again", async () => {
    const { asked, connection, resources, app, provided, trame } = setup();
    connection.open({ trame__scripts: ["p/a.js"], trame__vue_use: [["A"]] });
    await resources.load(app);
    const events: string[] = [];
    trame.state.addListener(({ type }) => events.push(type));
    connection.push({ trame__scripts: ["p/a.js", "p/b.js"], trame__vue_use: [["A"], "B.make()"] });
    await vi.waitFor(() => expect(events).toContain("refresh"));
    expect(asked).toEqual(["p/a.js", "p/b.js"]);
    expect(provided().b).toBe(1);
    connection.push({ trame__scripts: ["p/b.js"] });
    expect(events.filter((type) => type === "refresh")).toHaveLength(1);
  });

  it("that need a document of their own are not loaded here", async () => {
    const onFrame = vi.fn();
    const { asked, connection, resources, app } = setup("inline", onFrame);
    connection.open({ trame__scripts: ["__trame_datagrid/g.js"] });
    void resources.load(app);
    expect(onFrame.mock.calls[0]?.[0]).toContain("datagrid");
    expect(asked).toEqual([]);
  });

  it("keep Vuetify's pop-ups in the view, and plain elements to themselves", async () => {
    const { connection, resources, app, provided, shell } = setup();
    connection.open({
      trame__scripts: ["__trame_vuetify3_3.0.0/v.js"],
      trame__vue_use: ["Vuetify.createVuetify({ defaults: { VBtn: { flat: true } } })"],
    });
    await resources.load(app);
    const { defaults } = provided().v as { defaults: Record<string, unknown> };
    expect(defaults).toEqual({ VBtn: { flat: true }, global: { attach: shell.overlay } });
    expect(shell.app.classList.contains("jt-base")).toBe(false);
  });

  it("are globals on a page of its own", async () => {
    const { connection, resources, app, trame } = setup("page");
    const page = window as unknown as Record<string, unknown>;
    expect(page.trame).toBe(trame);
    expect((page.Vue as { ref: unknown }).ref).toBe(ref);
    connection.open({ trame__scripts: ["p/b.js"], trame__vue_use: ["B.make()"] });
    await resources.load(app);
    expect(page.B).toBeDefined();
  });
});
