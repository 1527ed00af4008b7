import base from "./css/base.css?inline";
import light from "./css/light.css?inline";
import packages from "./css/packages.css?inline";
import shadow from "./css/shadow.css?inline";
import shell from "./css/shell.css?inline";
import tokens from "./css/tokens.css?inline";
import touch from "./css/touch.css?inline";
import why from "./css/why.css?inline";
import widget from "./css/widget.css?inline";
import { adaptRules } from "./rules";

/** Where a sheet stands among the others: a later one wins. */
export type Rank = "package" | "theme" | "app";
const RANKS: Rank[] = ["package", "theme", "app"];

/** Changes the text of a sheet; null removes it. */
export type PutStyle = (css: string | null) => void;

/** The style sheets of one view. */
export interface Styles {
  add(rank: Rank): PutStyle;
  /** Adds a sheet of this package, once however often it is asked for: it is written for where it is. */
  addOwn(css: string): void;
  /** Builds all sheets again: one belongs to the document that it was built in. */
  rebuild(): void;
  dispose(): void;
}

type Sheet = CSSStyleSheet | HTMLStyleElement;

interface Entry {
  css: string;
  /** Rules of the app speak of `body` and `:root`; ours are written for where they are. */
  own: boolean;
  rank: number;
  sheet: Sheet | null;
}

interface Built {
  sheet: CSSStyleSheet;
  /** Rules that have no effect in a shadow root: fonts and registered properties. */
  document: CSSStyleSheet | null;
}

const shared = new WeakMap<Document, Map<string, Built>>();

function ownEntries(texts: string[]): Entry[] {
  return texts.map((css) => ({ css, own: true, rank: -1, sheet: null }));
}

/** Builds the sheet of a package that roots in the document will be given. */
export function prepareSheet(owner: Document, css: string): void {
  if (canAdopt(owner)) buildOnce(owner, { ...emptyEntry("package"), css });
}

function emptyEntry(rank: Rank): Entry {
  return { css: "", own: false, rank: RANKS.indexOf(rank), sheet: null };
}

/**
 * The sheets of a shadow root: adopted ones, since these work under any content policy. Views of a page share
 * what has the same text.
 */
export class RootStyles implements Styles {
  readonly #root: ShadowRoot;
  readonly #entries = ownEntries([tokens, shadow, shell, why, touch, base, packages]);

  constructor(root: ShadowRoot) {
    this.#root = root;
    this.rebuild();
  }

  addOwn(css: string): void {
    if (this.#entries.some((entry) => entry.own && entry.css === css)) return;
    for (const entry of ownEntries([css])) insert(this.#entries, entry);
    this.#apply();
  }

  add(rank: Rank): PutStyle {
    const entry = emptyEntry(rank);
    insert(this.#entries, entry);
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

  dispose(): void {
    for (const entry of this.#entries) discard(entry);
    if ("adoptedStyleSheets" in this.#root) this.#root.adoptedStyleSheets = [];
  }

  #apply(): void {
    const adopted: CSSStyleSheet[] = [];
    let last: HTMLStyleElement | null = null;
    for (const entry of this.#entries) {
      if (!entry.css) continue;
      entry.sheet ??= this.#build(entry);
      if ("replaceSync" in entry.sheet) {
        adopted.push(entry.sheet);
      } else {
        if (!entry.sheet.isConnected) {
          if (last) last.after(entry.sheet);
          else this.#root.prepend(entry.sheet);
        }
        last = entry.sheet;
      }
    }
    if ("adoptedStyleSheets" in this.#root) this.#root.adoptedStyleSheets = adopted;
  }

  #build(entry: Entry): Sheet {
    const { ownerDocument } = this.#root;
    if (!canAdopt(ownerDocument)) return styleElement(ownerDocument, entry.css);
    // Sheets that change often are not worth keeping.
    const isKept = entry.own || entry.rank === RANKS.indexOf("package");
    return (isKept ? buildOnce(ownerDocument, entry) : build(ownerDocument, entry)).sheet;
  }
}

/** The sheets of a page of our own: the app's rules mean what they say. */
export class PageStyles implements Styles {
  readonly #document: Document;
  readonly #own: CSSStyleSheet[] = [];
  /** What was added to them. */
  readonly #texts: string[] = [];
  readonly #elements = new Set<HTMLStyleElement>();

  constructor(document: Document) {
    this.#document = document;
    for (const css of [tokens, light, shell, why, touch, base, packages]) this.#put(css);
  }

  addOwn(css: string): void {
    if (this.#texts.includes(css)) return;
    this.#texts.push(css);
    this.#put(css);
  }

  #put(css: string): void {
    if (!canAdopt(this.#document)) {
      this.#append(css);
      return;
    }
    const sheet = construct(this.#document, css);
    this.#own.push(sheet);
    this.#document.adoptedStyleSheets.push(sheet);
  }

  add(): PutStyle {
    const element = this.#append("");
    return (css) => {
      element.textContent = css;
      if (css !== null) return;
      element.remove();
      this.#elements.delete(element);
    };
  }

  rebuild(): void {}

  dispose(): void {
    for (const element of this.#elements) element.remove();
    const own = new Set(this.#own);
    if (own.size === 0) return;
    const kept = this.#document.adoptedStyleSheets.filter((sheet) => !own.has(sheet));
    this.#document.adoptedStyleSheets = kept;
  }

  #append(css: string): HTMLStyleElement {
    const element = styleElement(this.#document, css);
    this.#document.head.append(element);
    this.#elements.add(element);
    return element;
  }
}

const VIEW = "jupyter-trame-view";
const dressed = new WeakSet<Document>();

/** Lays an element that a host made for a view out as views are; what its own style says goes before. */
export function layOut(element: HTMLElement): void {
  const owner = element.ownerDocument;
  element.classList.add(VIEW);
  if (dressed.has(owner)) return;
  dressed.add(owner);
  if (canAdopt(owner)) owner.adoptedStyleSheets.push(construct(owner, widget));
  else owner.head.append(styleElement(owner, widget));
}

function insert(entries: Entry[], entry: Entry): void {
  const next = entries.findIndex(({ rank }) => rank > entry.rank);
  entries.splice(next < 0 ? entries.length : next, 0, entry);
}

function discard(entry: Entry): void {
  if (entry.sheet && "remove" in entry.sheet) entry.sheet.remove();
  entry.sheet = null;
}

function styleElement(owner: Document, css: string): HTMLStyleElement {
  const element = owner.createElement("style");
  element.textContent = css;
  return element;
}

function canAdopt(owner: Document): boolean {
  const view = owner.defaultView;
  if (view === null || !("adoptedStyleSheets" in owner)) return false;
  return "replaceSync" in view.CSSStyleSheet.prototype;
}

function construct(owner: Document, css: string): CSSStyleSheet {
  const view = owner.defaultView as (Window & typeof globalThis) | null;
  const sheet = new (view ?? window).CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}

function buildOnce(owner: Document, entry: Entry): Built {
  const sheets = shared.get(owner) ?? new Map<string, Built>();
  shared.set(owner, sheets);
  let built = sheets.get(entry.css);
  if (!built) {
    built = build(owner, entry);
    sheets.set(entry.css, built);
    // Fonts stay, for the next view: they do not touch what the page looks like.
    if (built.document) owner.adoptedStyleSheets.push(built.document);
  }
  return built;
}

function build(owner: Document, entry: Entry): Built {
  if (entry.own) return { sheet: construct(owner, entry.css), document: null };
  const { css, document } = adaptRules(entry.css);
  return { sheet: construct(owner, css), document: document ? construct(owner, document) : null };
}
