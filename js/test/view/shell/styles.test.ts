import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PageStyles, RootStyles } from "../../../src/view/shell/styles";

afterEach(() => {
  vi.restoreAllMocks();
  document.head.replaceChildren();
  document.body.replaceChildren();
  Reflect.deleteProperty(document, "adoptedStyleSheets");
});

describe("the sheets of a page", () => {
  it("are elements where sheets cannot be adopted, in the order of the cascade", () => {
    const styles = new PageStyles(document);
    const own = document.head.querySelectorAll("style").length;
    expect(own).toBeGreaterThan(3);
    const [first, second] = [styles.add(), styles.add()];
    second("b {}");
    first("a {}");
    const texts = () => Array.from(document.head.children, (one) => one.textContent).slice(own);
    expect(texts()).toEqual(["a {}", "b {}"]);
    first(null);
    expect(texts()).toEqual(["b {}"]);
    styles.addOwn("ours {}");
    styles.addOwn("ours {}");
    expect(texts()).toEqual(["b {}", "ours {}"]);
    styles.dispose();
    expect(document.head.children).toHaveLength(0);
  });

  it("are adopted where that is possible; the page's own stay", () => {
    const theirs = {} as CSSStyleSheet;
    Object.defineProperty(document, "adoptedStyleSheets", {
      value: [theirs],
      writable: true,
      configurable: true,
    });
    Object.assign(CSSStyleSheet.prototype, { replaceSync: () => undefined });
    try {
      const styles = new PageStyles(document);
      expect(document.adoptedStyleSheets.length).toBeGreaterThan(4);
      expect(document.head.children).toHaveLength(0);
      styles.dispose();
      expect(document.adoptedStyleSheets).toEqual([theirs]);
    } finally {
      Reflect.deleteProperty(CSSStyleSheet.prototype, "replaceSync");
    }
  });
});

describe("the sheets of a root", () => {
  let root: ShadowRoot;
  beforeEach(() => {
    root = document.body.appendChild(document.createElement("div")).attachShadow({ mode: "open" });
  });
  const texts = () => Array.from(root.querySelectorAll("style"), (one) => one.textContent);

  it("that are our own come before what others bring, once", () => {
    const styles = new RootStyles(root);
    const own = texts().length;
    styles.add("package")("p {}");
    styles.addOwn("ours {}");
    styles.addOwn("ours {}");
    expect(texts().slice(own)).toEqual(["ours {}", "p {}"]);
  });

  it("are ranked: packages, their theme, the app", () => {
    const styles = new RootStyles(root);
    const own = texts().length;
    styles.add("app")("app {}");
    styles.add("theme")("theme {}");
    styles.add("package")("package {}");
    expect(texts().slice(own)).toEqual(["package {}", "theme {}", "app {}"]);
    styles.rebuild();
    expect(texts().slice(own)).toEqual(["package {}", "theme {}", "app {}"]);
    styles.dispose();
    expect(texts()).toEqual([]);
  });
});
