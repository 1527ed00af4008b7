import type { App } from "vue";
import type { Trame } from "../contract/trame";
import { dataAddress } from "../guard/media";
import { isRelative, type Locate } from "../render/address-attributes";
import type { Shell } from "../shell/shadow";
import { detachRem, putResolved } from "./css";
import { packageVue } from "./elements";
import { type BundleContext, evaluateBundle, withGlobalsLater } from "./evaluate";
import type { Fetcher } from "./fetcher";
import { AppFiles } from "./files";
import { appWindow, evaluateWith } from "./globals";
import { guardedRequests } from "./guard";
import type { Kind, Loader } from "./loader";
import { GuardedModules } from "./modules";
import { isScoped } from "./packages";
import { scopedDocument } from "./scoped";
import { PackageTexts } from "./texts";
import { adaptVuetify, takeThemeStyles } from "./vuetify";

let count = 0;

/** A shadow root in somebody else's page: every app has its own copy of every bundle, and its own globals. */
export class ShadowLoader implements Loader {
  readonly window: object;
  readonly locate: Locate;
  readonly #shell: Shell;
  readonly #fetcher: Fetcher;
  readonly #context: BundleContext;
  /** The folders that files were loaded from. */
  readonly #folders = new Set<string>();
  readonly #files: AppFiles;
  readonly #texts: PackageTexts;
  readonly #modules: GuardedModules;
  readonly #guarded: Promise<boolean>;
  readonly #leaveLinks: () => void;
  readonly #id = `app-${++count}`;
  #fetch: typeof fetch = (input, init) => fetch(input, init);

  constructor(shell: Shell, root: ShadowRoot, fetcher: Fetcher, trame: Trame) {
    this.#shell = shell;
    this.#fetcher = fetcher;
    this.#texts = new PackageTexts(fetcher);
    this.#modules = new GuardedModules(fetcher);
    this.#files = new AppFiles(fetcher);
    this.#leaveLinks = this.#files.followLinks(root);
    this.locate = this.#files.locate;
    this.#context = {
      trame,
      vue: packageVue(this.locate),
      scoped: scopedDocument(root, shell.overlay),
      globals: new Map(),
      late: {},
      fetch: (input, init) => this.#fetchFile(input, init),
      Worker: window.Worker,
      XMLHttpRequest: window.XMLHttpRequest,
    };
    this.window = appWindow(this.#context);
    this.#guarded = this.#guard(fetcher);
  }

  async #guard(fetcher: Fetcher): Promise<boolean> {
    const guarded = (await fetcher.guarded?.()) ?? false;
    const page = fetcher.address("");
    if (guarded && page) {
      const { Worker, XMLHttpRequest, fetch } = guardedRequests(new URL(page), window);
      this.#fetch = fetch;
      Object.assign(this.#context, { Worker, XMLHttpRequest });
    }
    return guarded;
  }

  prepare(app: App): void {
    takeThemeStyles(app, this.#shell.styles.add("theme"));
  }

  ahead(kind: Kind, path: string): void {
    this.#texts.fetch(kind, path);
  }

  option(value: unknown): unknown {
    if (typeof value === "string") return this.#located(value);
    if (Array.isArray(value)) return value.map((item) => this.option(item));
    if (typeof value !== "object" || value === null) return value;
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.option(item)]));
  }

  async style(path: string): Promise<void> {
    this.#remember(path);
    // At its place at once: the order of the sheets is that of the list, not of their arrival.
    const put = this.#shell.styles.add("package");
    put(await this.#texts.take("style", path));
  }

  async script(path: string): Promise<void> {
    this.#remember(path);
    const text = await this.#texts.take("script", path);
    await this.#guarded;
    evaluateBundle(text, this.#texts.addressOf(path), isScoped(path), this.#context);
  }

  async module(path: string): Promise<void> {
    await this.importModule(path);
  }

  async importModule(path: string): Promise<Record<string, unknown>> {
    this.#remember(path);
    const url = await this.#moduleAddress(path);
    return withGlobalsLater(
      this.#context,
      async () => (await import(/* @vite-ignore */ url)) as Record<string, unknown>,
    );
  }

  async #moduleAddress(path: string): Promise<string> {
    const known = this.#fetcher.address(path);
    if (known === null) return dataAddress(await this.#fetcher.fetch(path));
    if (await this.#guarded) return this.#modules.address(path);
    // A page evaluates an address once: the fragment makes it another one for each app.
    return `${known}#${this.#id}`;
  }

  evaluate(expression: string): unknown {
    const { globals } = this.#context;
    const watchTheme = (changed: (dark: boolean) => void) => this.#shell.watchTheme(changed);
    const host = { attach: this.#shell.overlay, watchTheme };
    for (const [name, library] of globals) globals.set(name, adaptVuetify(library, host));
    return evaluateWith(this.#context, this.window, expression);
  }

  addStyle(): (css: string | null) => void {
    return putResolved(this.#shell.styles.add("app"), this.#fetcher, detachRem);
  }

  addScript(text: string, module: boolean): () => void {
    const address = `data:text/javascript,${encodeURIComponent(text)}#${this.#id}`;
    const run = module
      ? withGlobalsLater(this.#context, () => import(/* @vite-ignore */ address))
      : null;
    run?.catch((error) => console.error("jupyter_trame: a module script of the app:", error));
    if (!module) evaluateBundle(text, `${this.#id}-inline.js`, false, this.#context);
    return () => undefined;
  }

  dispose(): void {
    this.#leaveLinks();
    this.#files.dispose();
    this.#modules.dispose();
    this.#context.globals.clear();
  }

  /** Bundles ask for further files by the folder that they are served from. */
  async #fetchFile(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const path = typeof input === "string" ? this.#file(input) : null;
    if (path === null) return this.#fetch(input, init);
    const { bytes, type } = await this.#fetcher.fetch(path);
    return new Response(bytes, { headers: { "Content-Type": type } });
  }

  #remember(path: string): void {
    const [folder] = path.split("/");
    if (folder && path.includes("/")) this.#folders.add(folder);
  }

  /** Packages take the folder that they serve as an address relative to the page. */
  #located(value: string): string {
    const path = this.#own(value);
    return (path !== null && this.#fetcher.address(path)) || value;
  }

  /** The path of a file that is asked for relative to the page, or by a known folder; null for anything else. */
  #file(value: string): string | null {
    return isRelative(value) ? value.replace(/^(?:\.\/)+/, "") : this.#own(value);
  }

  /** The path of a file of the app in a folder that is known; null for anything else. */
  #own(value: string): string | null {
    const path = value.replace(/^(?:\.?\/)+/, "");
    return this.#folders.has(path.split("/")[0] ?? "") ? path : null;
  }
}
