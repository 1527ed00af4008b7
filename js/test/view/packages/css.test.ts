import { describe, expect, it } from "vitest";
import { detachRem, inlineImports, resolveUrls } from "../../../src/view/packages/css";
import { type Fetcher, HttpFetcher } from "../../../src/view/packages/fetcher";
import { adaptRules, scopeSelector } from "../../../src/view/shell/rules";

const HTTP = new HttpFetcher(new URL("https://hub.example/me/trame/k/app/"));
const asked: string[] = [];
const COMM: Fetcher = {
  address: () => null,
  async fetch(path) {
    asked.push(path);
    if (path.endsWith("no.png")) throw new Error("404");
    return { bytes: new Uint8Array([1]), type: "x/y" };
  },
};

describe("lengths", () => {
  it.each([
    [
      "a{margin:-1.5rem .5rem}",
      "a{margin:calc(-1.5 * var(--jt-rem, 16px)) calc(.5 * var(--jt-rem, 16px))}",
    ],
    [".size-2rem{top:0}", ".size-2rem{top:0}"],
    ["a{--x-1rem: 3px}", "a{--x-1rem: 3px}"],
    ["a{width:calc(100% - 2rem)}", "a{width:calc(100% - calc(2 * var(--jt-rem, 16px)))}"],
    ["@media (min-width: 40rem){a{top:0}}", "@media (min-width: 640px){a{top:0}}"],
  ])("%s", (css, expected) => {
    expect(detachRem(css)).toBe(expected);
  });
});

describe("addresses in a sheet", () => {
  it("are whole ones, whatever page uses the sheet", async () => {
    const css = "a{b:url(../f/x.woff2?v=1)}c{d:url(\"data:,y\")}e{f:url(#g)}h{i:url('/j')}";
    expect(await resolveUrls(css, "p/css/a.css", HTTP)).toBe(
      'a{b:url("https://hub.example/me/trame/k/app/p/f/x.woff2?v=1")}c{d:url("data:,y")}e{f:url(#g)}' +
        'h{i:url("https://hub.example/j")}',
    );
  });

  it("are the files themselves where the browser cannot ask for them, of a font the one that is needed", async () => {
    const css =
      '@font-face{font-family:x;src:url(x.eot);src:url(x.eot?#iefix) format("embedded-opentype"),' +
      'url("../x.woff2?v=2") format("woff2"),url(x.ttf) format("truetype")}a{b:url(no.png)}';
    const text = await resolveUrls(css, "p/css/a.css", COMM);
    expect(asked).toEqual(["p/x.woff2", "p/css/no.png"]);
    expect(text).toBe(
      '@font-face{font-family:x;src: url("data:x/y;base64,AQ==") format("woff2");}a{b:url("no.png")}',
    );
  });

  it("of fonts are the files where the browser is refused them, and those only", async () => {
    const asked: string[] = [];
    const guarded: Fetcher = {
      address: (path) => HTTP.address(path),
      guarded: async () => true,
      async fetch(path) {
        asked.push(path);
        return { bytes: new Uint8Array([1]), type: "font/woff2" };
      },
    };
    const css =
      '@font-face{font-family:x;src:url("x.woff2") format("woff2"),url(x.ttf)}a{b:url(c.png)}';
    expect(await resolveUrls(css, "p/a.css", guarded)).toBe(
      '@font-face{font-family:x;src: url("data:font/woff2;base64,AQ==") format("woff2");}' +
        'a{b:url("https://hub.example/me/trame/k/app/p/c.png")}',
    );
    expect(asked).toEqual(["https://hub.example/me/trame/k/app/p/x.woff2"]);
  });

  it("of imports are followed once", async () => {
    const files: Record<string, string> = { "p/b.css": "b{}", "p/c/d.css": "d{}" };
    const css = '@import "b.css";@import url(c/d.css) print;@import "gone.css";a{}';
    const load = async (path: string) => files[path] ?? Promise.reject(new Error(path));
    expect(await inlineImports(css, "p/a.css", load)).toBe("b{}@media print { d{} }a{}");
  });
});

describe("selectors of the app", () => {
  it.each([
    [":root", ":host"],
    ["html.dark .a", ":host(.dark) .a"],
    ["body > .a, .text-body-1, .v-card__body", ".jt-root > .a, .text-body-1, .v-card__body"],
    ["html body .a", ":host .jt-root .a"],
    ["html > body", ".jt-root"],
    [".body, #html-x, tbody", ".body, #html-x, tbody"],
  ])("%s", (selector, scoped) => {
    expect(scopeSelector(selector)).toBe(scoped);
  });
});

describe("rules of the app", () => {
  it.each([
    ["stay, if they speak of nothing outside", ".a{b:c}@media print{.d{e:f}}", null],
    [
      "name the host and the wrapper, also in groups and in each other",
      "@layer l{html{a:b}.c{d:e;body &{f:g}}}/* h */body{i:j}@supports (a:b){:root{k:l}}",
      "@layer l{:host{a:b}.c{d:e;.jt-root &{f:g}}} .jt-root{i:j}@supports (a:b){:host{k:l}}",
    ],
    [
      "ask for the width of the app, those of pop-ups for that of the window",
      "@media only screen and (min-width:6px)and (width <= 9px){body{b:c}}",
      "@container (min-width:6px) and (width <= 9px){.jt-root{b:c}}" +
        "@media (min-width:6px) and (width <= 9px){.jt-overlay{.jt-root{b:c}}}",
    ],
    [
      "ask for other things as before",
      "@media not (min-width:6px){}@media print,(width>1px){}",
      null,
    ],
    [
      "are not found in strings, comments and addresses",
      '.a{b:\'}html{\'}/* }html{ */.c{d:url(data:,}html{)}.e\\{{f:"\\"}html{"}',
      null,
    ],
    [
      "end with the sheet",
      "@media (min-width:1px){html{a:b",
      "@container (min-width:1px){:host{a:b}}@media (min-width:1px){.jt-overlay{:host{a:b}}}",
    ],
  ])("%s", (_, css, expected) => {
    expect(adaptRules(css)).toEqual({ css: expected ?? css, document: "" });
  });

  it("are for the document too, where a root does not know them", () => {
    const font = "@font-face{a:b}";
    const property = '@property --x{syntax:"*"}';
    const css = `.a{}${font}@media (width>1px){.c{}${property}}`;
    expect(adaptRules(css).document).toBe(font + property);
  });
});
