import type { App } from "vue";
import { el } from "../../element";
import type { Trame } from "../contract/trame";
import { dataAddress, mediaUrl } from "../guard/media";
import type { Locate } from "../render/address-attributes";
import type { Shell } from "../shell/shadow";
import { importsForeign, inlineImports, putResolved, resolveUrls } from "./css";
import { packageVue } from "./elements";
import { asScript } from "./evaluate";
import { assetText, type Fetcher } from "./fetcher";
import { AppFiles } from "./files";
import { guardedRequests } from "./guard";
import type { Kind, Loader } from "./loader";
import { GuardedModules } from "./modules";
import { adaptVuetify } from "./vuetify";

type Globals = Record<string, unknown>;

/** A document that is the app's own: real links and scripts, and `window.trame` and `window.Vue` for them. */
export class PageLoader implements Loader {
  readonly window: object = window;
  readonly locate: Locate;
  readonly #shell: Shell;
  readonly #fetcher: Fetcher;
  readonly #elements = new Set<HTMLElement>();
  readonly #files: AppFiles;
  readonly #modules: GuardedModules;
  readonly #leaveLinks: () => void;
  readonly #guarded: Promise<boolean>;

  constructor(shell: Shell, fetcher: Fetcher, trame: Trame) {
    this.#shell = shell;
    this.#fetcher = fetcher;
    const globals = window as unknown as Globals;
    this.#files = new AppFiles(fetcher);
    this.#leaveLinks = this.#files.followLinks(document);
    const isOnPage = fetcher.address("") !== null;
    this.locate = isOnPage ? (_, __, value) => mediaUrl(value) : this.#files.locate;
    globals.trame = trame;
    globals.Vue = packageVue(isOnPage ? undefined : this.locate);
    this.#modules = new GuardedModules(fetcher);
    this.#guarded = this.#guard(fetcher);
  }

  /** On a guarded server what scripts of packages ask for needs our headers too; the document is the app's own. */
  async #guard(fetcher: Fetcher): Promise<boolean> {
    const guarded = (await fetcher.guarded?.()) ?? false;
    const page = fetcher.address("");
    if (guarded && page) Object.assign(window, guardedRequests(new URL(page), window));
    return guarded;
  }

  prepare(_app: App): void {}

  ahead(kind: Kind, path: string): void {
    const href = kind === "script" ? this.#fetcher.address(path) : null;
    if (href === null) return;
    const link = el("link", { rel: "preload", as: "script", href });
    document.head.append(link);
    this.#elements.add(link);
  }

  option(value: unknown): unknown {
    return value;
  }

  async style(path: string): Promise<void> {
    const link = el("link", { rel: "stylesheet" });
    // At its place at once: the order of the sheets is that of the list, not of their arrival.
    document.head.append(link);
    this.#elements.add(link);
    const put = this.#shell.styles.add("package");
    const text = (file: string) => this.#fetcher.fetch(file).then(assetText);
    const css = await text(path);
    const href = this.#fetcher.address(path);
    const fonts = css.includes("@font-face") || css.includes("@import");
    const isLink = href !== null && !importsForeign(css) && !(fonts && (await this.#guarded));
    if (isLink) {
      put(null);
      await this.#load(link, () => link.setAttribute("href", href));
      return;
    }
    put(await resolveUrls(await inlineImports(css, path, text), path, this.#fetcher));
  }

  async script(path: string): Promise<void> {
    const src = this.#fetcher.address(path);
    await this.#guarded;
    if (src !== null) {
      await this.#append(el("script", { src }), document.body);
      return;
    }
    const text = assetText(await this.#fetcher.fetch(path));
    // Called indirectly it is evaluated as a script is: outside of this function, its variables global.
    // biome-ignore lint/security/noGlobalEval: a policy that allows templates allows it
    const evaluate = globalThis.eval;
    asScript(path, () => evaluate(`${text}\n//# sourceURL=${path}`));
  }

  async module(path: string): Promise<void> {
    const src = this.#fetcher.address(path);
    if (src === null || (await this.#guarded)) await this.importModule(path);
    else await this.#append(el("script", { type: "module", src }), document.head);
  }

  async importModule(path: string): Promise<Record<string, unknown>> {
    const known = this.#fetcher.address(path);
    const guarded = known !== null && (await this.#guarded);
    const url = guarded
      ? await this.#modules.address(path)
      : (known ?? dataAddress(await this.#fetcher.fetch(path)));
    return (await import(/* @vite-ignore */ url)) as Record<string, unknown>;
  }

  evaluate(expression: string): unknown {
    const globals = window as unknown as Globals;
    for (const name of ["Vuetify", "vuetifylab"]) {
      const library = globals[name];
      const watchTheme = (changed: (dark: boolean) => void) => this.#shell.watchTheme(changed);
      if (library) globals[name] = adaptVuetify(library, { attach: null, watchTheme });
    }
    // biome-ignore lint/security/noGlobalEval: names of classes and constants are seen by it alone
    const evaluate = globalThis.eval;
    return evaluate(`(${expression}\n)`);
  }

  addStyle(): (css: string | null) => void {
    return putResolved(this.#shell.styles.add("app"), this.#fetcher);
  }

  addScript(text: string, module: boolean): () => void {
    const element = el("script", module ? { type: "module" } : {}, text);
    document.head.append(element);
    return () => element.remove();
  }

  dispose(): void {
    this.#leaveLinks();
    this.#files.dispose();
    this.#modules.dispose();
    for (const element of this.#elements) element.remove();
  }

  #append(element: HTMLElement, parent: HTMLElement): Promise<void> {
    this.#elements.add(element);
    return this.#load(element, () => parent.append(element));
  }

  #load(element: HTMLElement, begin: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      element.addEventListener("load", () => resolve());
      element.addEventListener("error", () => {
        // It is also said of a sheet that is there, where something that it imports is not.
        if ((element as HTMLLinkElement).sheet) resolve();
        else reject(new Error("it could not be loaded"));
      });
      begin();
    });
  }
}
