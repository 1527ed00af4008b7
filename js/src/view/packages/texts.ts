import { prepareSheet } from "../shell/styles";
import { detachRem, inlineImports, resolveUrls } from "./css";
import { compileBundle } from "./evaluate";
import { assetText, type Fetcher } from "./fetcher";
import type { Kind } from "./loader";
import { isScoped } from "./packages";

/** How long a text is kept that nobody takes. */
const KEEP = 30_000;

type Texts = Map<string, Promise<string>>;

const ahead = new WeakMap<Fetcher, Texts>();

/**
 * The texts of packages, as they are for shadow roots. What was fetched ahead is there for all who have the same
 * fetcher, and the first one takes it.
 */
export class PackageTexts {
  readonly #fetcher: Fetcher;
  readonly #ahead: Texts;

  constructor(fetcher: Fetcher) {
    this.#fetcher = fetcher;
    this.#ahead = ahead.get(fetcher) ?? new Map();
    ahead.set(fetcher, this.#ahead);
  }

  /** Fetches a text that will be taken soon, and prepares it. What fails is not told. */
  fetch(kind: Kind, path: string): void {
    const id = `${kind} ${path}`;
    if (kind === "module" || this.#ahead.has(id)) return;
    const text = this.#load(kind, path);
    this.#ahead.set(id, text);
    setTimeout(() => {
      if (this.#ahead.get(id) === text) this.#ahead.delete(id);
    }, KEEP);
    const prepare = async () => {
      const found = await text;
      // Each in a turn of its own: a message of the server need not wait for all of them.
      await new Promise((resolve) => setTimeout(resolve));
      if (kind === "style") prepareSheet(document, found);
      else compileBundle(found, this.addressOf(path), isScoped(path));
    };
    // Who takes the text hears of what is wrong with it.
    prepare().catch(() => undefined);
  }

  /** What failed ahead is tried again. */
  take(kind: Kind, path: string): Promise<string> {
    const id = `${kind} ${path}`;
    const text = this.#ahead.get(id);
    this.#ahead.delete(id);
    return text ? text.catch(() => this.#load(kind, path)) : this.#load(kind, path);
  }

  /** What names a file in messages of the browser. */
  addressOf(path: string): string {
    return this.#fetcher.address(path) ?? path;
  }

  #load(kind: Kind, path: string): Promise<string> {
    return kind === "style" ? this.#sheet(path) : this.#code(path);
  }

  async #sheet(path: string): Promise<string> {
    const css = await inlineImports(await this.#code(path), path, (file) => this.#code(file));
    return detachRem(await resolveUrls(css, path, this.#fetcher));
  }

  async #code(path: string): Promise<string> {
    return assetText(await this.#fetcher.fetch(path));
  }
}
