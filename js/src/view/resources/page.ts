import type { App } from "vue";
import { el } from "../dom";
import type { Shell } from "../shadow";
import type { Trame } from "../trame";
import { asScript } from "./bundle";
import { resolveUrls } from "./css";
import { assetText, dataAddress, type Fetcher } from "./fetcher";
import { Vue } from "./globals";
import type { Loader } from "./loader";
import { adaptVuetify } from "./vuetify";

type Globals = Record<string, unknown>;

/** A document that is the app's own: real links and scripts, and `window.trame` and `window.Vue` for them. */
export class PageLoader implements Loader {
  readonly window: object = window;
  readonly #shell: Shell;
  readonly #fetcher: Fetcher;
  readonly #elements = new Set<HTMLElement>();

  constructor(shell: Shell, fetcher: Fetcher, trame: Trame) {
    this.#shell = shell;
    this.#fetcher = fetcher;
    const globals = window as unknown as Globals;
    globals.trame = trame;
    globals.Vue = Vue;
  }

  prepare(_app: App): void {}

  option(value: unknown): unknown {
    return value;
  }

  async style(path: string): Promise<void> {
    const href = this.#fetcher.address(path);
    if (href !== null) {
      await this.#load(el("link", { rel: "stylesheet", href }), document.head);
      return;
    }
    const put = this.#shell.styles.add("package");
    const css = assetText(await this.#fetcher.fetch(path));
    const embed = async (file: string) => dataAddress(await this.#fetcher.fetch(file));
    put(await resolveUrls(css, path, this.#fetcher, embed));
  }

  async script(path: string): Promise<void> {
    const src = this.#fetcher.address(path);
    if (src !== null) {
      await this.#load(el("script", { src }), document.body);
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
    if (src === null) await this.importModule(path);
    else await this.#load(el("script", { type: "module", src }), document.head);
  }

  async importModule(path: string): Promise<Record<string, unknown>> {
    const known = this.#fetcher.address(path);
    const url = known ?? dataAddress(await this.#fetcher.fetch(path));
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
    return this.#shell.styles.add("app");
  }

  addScript(text: string, module: boolean): () => void {
    const element = el("script", module ? { type: "module" } : {}, text);
    document.head.append(element);
    return () => element.remove();
  }

  dispose(): void {
    for (const element of this.#elements) element.remove();
  }

  #load(element: HTMLElement, parent: HTMLElement): Promise<void> {
    this.#elements.add(element);
    return new Promise((resolve, reject) => {
      element.addEventListener("load", () => resolve());
      element.addEventListener("error", () => {
        // It is also said of a sheet that is there, where something that it imports is not.
        if ((element as HTMLLinkElement).sheet) resolve();
        else reject(new Error("it could not be loaded"));
      });
      parent.append(element);
    });
  }
}
