import base from "./css/base.css?inline";
import shell from "./css/shell.css?inline";
import tokens from "./css/tokens.css?inline";

const OWN = [tokens, shell, base];
/** The class of the wrapper that stands for `body` in an app's style sheets. */
export const ROOT_CLASS = "jt-root";

type Sheet = CSSStyleSheet | HTMLStyleElement;

interface Entry {
  css: string;
  /** Rules of the app speak of `body` and `:root`; ours are written for the shadow root. */
  scoped: boolean;
  sheet: Sheet | null;
}

const shared = new WeakMap<Document, Map<string, CSSStyleSheet>>();

/**
 * The style sheets of one shadow root: adopted ones, since these work under any content policy.
 * A sheet belongs to a document, so all are built again when the host moves to another.
 */
export class RootStyles {
  readonly #root: ShadowRoot;
  readonly #entries: Entry[] = OWN.map((css) => ({ css, scoped: false, sheet: null }));

  constructor(root: ShadowRoot) {
    this.#root = root;
    this.rebuild();
  }

  /** Adds a sheet of the app; the function changes its text, null removes it. */
  add(): (css: string | null) => void {
    const entry: Entry = { css: "", scoped: true, sheet: null };
    this.#entries.push(entry);
    return (css) => {
      discard(entry);
      if (css === null) this.#entries.splice(this.#entries.indexOf(entry), 1);
      else entry.css = css;
      this.#apply();
    };
  }

  rebuild(): void {
    for (const entry of this.#entries) discard(entry);
    this.#apply();
  }

  #apply(): void {
    const adopted: CSSStyleSheet[] = [];
    for (const entry of this.#entries) {
      if (!entry.css) continue;
      entry.sheet ??= this.#build(entry);
      if ("replaceSync" in entry.sheet) adopted.push(entry.sheet);
      else if (!entry.sheet.isConnected) this.#root.prepend(entry.sheet);
    }
    if ("adoptedStyleSheets" in this.#root) this.#root.adoptedStyleSheets = adopted;
  }

  #build(entry: Entry): Sheet {
    const { ownerDocument } = this.#root;
    if (!canAdopt(this.#root)) {
      const element = ownerDocument.createElement("style");
      element.textContent = entry.css;
      return element;
    }
    if (entry.scoped) {
      const sheet = construct(ownerDocument, entry.css);
      scope(sheet.cssRules);
      return sheet;
    }
    const sheets = shared.get(ownerDocument) ?? new Map<string, CSSStyleSheet>();
    shared.set(ownerDocument, sheets);
    const known = sheets.get(entry.css) ?? construct(ownerDocument, entry.css);
    sheets.set(entry.css, known);
    return known;
  }
}

function discard(entry: Entry): void {
  if (entry.sheet && "remove" in entry.sheet) entry.sheet.remove();
  entry.sheet = null;
}

function canAdopt(root: ShadowRoot): boolean {
  const view = root.ownerDocument.defaultView;
  if (view === null || !("adoptedStyleSheets" in root)) return false;
  return "replaceSync" in view.CSSStyleSheet.prototype;
}

function construct(owner: Document, css: string): CSSStyleSheet {
  const view = owner.defaultView as (Window & typeof globalThis) | null;
  const sheet = new (view ?? window).CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}

function scope(rules: CSSRuleList): void {
  for (const rule of rules) {
    const { selectorText } = rule as CSSStyleRule;
    if (selectorText !== undefined) {
      const scoped = scopeSelector(selectorText);
      if (scoped !== selectorText) (rule as CSSStyleRule).selectorText = scoped;
    }
    const nested = (rule as CSSGroupingRule).cssRules;
    if (nested?.length) scope(nested);
  }
}

/** `:root`/`html` are the host and `body` is the wrapper; `.text-body-1` stays what it is. */
export function scopeSelector(selector: string): string {
  return selector
    .replace(/(^|[\s,>+~(])html((?:[.#[:][^\s,>+~)]*)?)(?=$|[\s,>+~)])/g, (_, before, rest) =>
      rest ? `${before}:host(${rest})` : `${before}:host`,
    )
    .replace(/:root\b/g, ":host")
    .replace(/(^|[\s,>+~(])body(?=$|[\s,>+~.#[:)])/g, `$1.${ROOT_CLASS}`)
    .replace(/:host\s*>\s*\.jt-root/g, ".jt-root");
}
