import { assetText, type Fetcher } from "./fetcher";

/** What a module imports: `from "./x"`, `import "./x"`, `import("./x")`. */
const IMPORTS = /(\b(?:from|import)\s*\(?\s*)(["'])(\.{1,2}\/[^"'\n]+)\2/g;

/** Modules of one app whose server gives them to `fetcher` only, with what they import from beside them. */
export class GuardedModules {
  readonly #fetcher: Fetcher;
  readonly #addresses = new Map<string, Promise<string>>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(fetcher: Fetcher) {
    this.#fetcher = fetcher;
  }

  /**
   * An address that the browser can import from. Where modules import each other in a circle, and where the name of
   * one is computed, their own addresses stay.
   */
  address(path: string): Promise<string> {
    const href = this.#fetcher.address(path) ?? path;
    // One after the other: two that import each other would wait for each other.
    const address = this.#turn.then(() => this.#load(href, []));
    this.#turn = address.catch(() => undefined);
    return address;
  }

  dispose(): void {
    for (const address of this.#addresses.values()) {
      void address.then((url) => URL.revokeObjectURL(url)).catch(() => undefined);
    }
    this.#addresses.clear();
  }

  #load(href: string, importers: readonly string[]): Promise<string> {
    const known = this.#addresses.get(href);
    if (known) return known;
    const address = this.#make(href, [...importers, href]);
    this.#addresses.set(href, address);
    address.catch(() => this.#addresses.delete(href));
    return address;
  }

  async #make(href: string, importers: readonly string[]): Promise<string> {
    const text = assetText(await this.#fetcher.fetch(href));
    const imported = new Map<string, string>();
    for (const [, , , name = ""] of text.matchAll(IMPORTS)) {
      const own = new URL(name, href).href;
      // What only looks like an import, in a comment, need not be there.
      const there = importers.includes(own) ? own : this.#load(own, importers).catch(() => own);
      imported.set(name, await there);
    }
    const code = text
      .replace(IMPORTS, (_, before: string, quote: string, name: string) => {
        return `${before}${quote}${imported.get(name)}${quote}`;
      })
      .replace(/\bimport\.meta\.url\b/g, JSON.stringify(href));
    return URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  }
}
