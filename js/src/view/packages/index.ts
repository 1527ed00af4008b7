import type { App } from "vue";
import type { Trame } from "../contract/trame";
import type { Place, Resources, ResourcesContext } from "../render/place";
import type { Fetcher } from "./fetcher";
import { loadAll, readEntries, readUses, type Use } from "./lists";
import type { Kind, Loader } from "./loader";
import { frameReason, isStyled } from "./packages";
import { PageLoader } from "./page-loader";
import { ShadowLoader } from "./shadow-loader";
import { PackageTexts } from "./texts";

export { CommFetcher, type Fetcher, HttpFetcher } from "./fetcher";
export { frameReason } from "./packages";

const KINDS: readonly (readonly [key: string, kind: Kind])[] = [
  ["trame__styles", "style"],
  ["trame__scripts", "script"],
  ["trame__module_scripts", "module"],
];
const USE = "trame__vue_use";
const KEYS: readonly string[] = [...KINDS.map(([key]) => key), USE];

export interface ResourceOptions {
  fetcher: Fetcher;
  /** Told why the app needs a frame; it is not loaded here then. Without it the app is loaded in any case. */
  onFrame?: ((reason: string) => void) | undefined;
  /** The last known state: what it names is fetched before the server's own is there. */
  snapshot?: Record<string, unknown> | undefined;
}

/** Fetches what a state names, for an app that will be shown in a shadow root by the same fetcher. */
export function fetchAhead(fetcher: Fetcher, state: Record<string, unknown>): void {
  const texts = new PackageTexts(fetcher);
  for (const { kind, path } of filesOf(state)) texts.fetch(kind, path);
}

/** The paths of all scripts that a state names. */
export function scriptsOf(state: Record<string, unknown>): string[] {
  return readEntries(state.trame__scripts).map(({ path }) => path);
}

/** The packages of one view: loaded in the order of trame's client, each file and each plugin once. */
export class PackageResources implements Resources {
  readonly #context: ResourcesContext;
  readonly #fetcher: Fetcher;
  readonly #loader: Loader;
  readonly #onFrame: ResourceOptions["onFrame"];
  readonly #loaded = new Set<string>();
  #app: App | null = null;
  #stop = () => {};
  #running: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(context: ResourcesContext, { fetcher, onFrame, snapshot }: ResourceOptions) {
    const { shell, trame } = context;
    this.#context = context;
    this.#onFrame = onFrame;
    this.#fetcher = fetcher;
    this.#loader = shell.root
      ? new ShadowLoader(shell, shell.root, fetcher, trame)
      : new PageLoader(shell, fetcher, trame);
    // A kernel that is gone answers no messages, and nobody would know for how long to wait.
    if (snapshot && fetcher.address("") !== null) this.#ahead(snapshot);
  }

  get place(): Place {
    return this.#loader;
  }

  isUsed(state: Record<string, unknown>): boolean {
    return KEYS.some((key) => Array.isArray(state[key]) && state[key].length > 0);
  }

  async load(app: App): Promise<void> {
    const { trame } = this.#context;
    const reason = this.#onFrame ? frameReason(scriptsOf(trame.state.state)) : null;
    if (reason) {
      this.#onFrame?.(reason);
      return new Promise(() => undefined);
    }
    this.#app = app;
    this.#loader.prepare(app);
    this.#stop = trame.state.addListener(({ type, keys }) => {
      if (type === "dirty-state" && keys.some((key) => KEYS.includes(key))) void this.#follow();
    });
    await this.#enqueue();
  }

  async fetchFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.#fetcher.fetch(path)).bytes;
  }

  dispose(): void {
    this.#disposed = true;
    this.#stop();
    this.#loader.dispose();
  }

  async #follow(): Promise<void> {
    if (await this.#enqueue()) this.#context.trame.state.refresh();
  }

  /** One pass after the other, since plugins of a later one may need those of an earlier one. */
  #enqueue(): Promise<boolean> {
    const pass = this.#running.then(() => this.#pass(this.#context.trame));
    this.#running = pass;
    return pass;
  }

  #ahead(state: Record<string, unknown>): void {
    for (const { kind, path } of filesOf(state)) {
      if (!this.#loaded.has(nameOf(kind, path))) this.#loader.ahead(kind, path);
    }
  }

  /** Whether anything was new. */
  async #pass({ state }: Trame): Promise<boolean> {
    let added = false;
    // All at once: scripts run after the styles are there, and need not be asked for so late.
    this.#ahead(state.state);
    for (const [key, kind] of KINDS) {
      const entries = readEntries(state.state[key]).filter(({ path }) => this.#isNew(kind, path));
      if (entries.length === 0) continue;
      added = true;
      this.#context.step("Loading the packages of the app…");
      if (entries.some(({ path }) => isStyled(path))) this.#context.shell.leaveElementsAlone();
      await loadAll(entries, (path) => this.#attempt(path, () => this.#loader[kind](path)));
    }
    for (const use of readUses(state.state[USE])) {
      if (this.#disposed || !this.#isNew("use", JSON.stringify(use))) continue;
      added = true;
      await this.#attempt(use.expression, () => this.#install(use));
    }
    return added && !this.#disposed;
  }

  #isNew(kind: string, name: string): boolean {
    const id = nameOf(kind, name);
    if (this.#loaded.has(id)) return false;
    this.#loaded.add(id);
    return true;
  }

  #install({ expression, options }: Use): void {
    const plugin = this.#loader.evaluate(expression);
    if (!plugin) throw new Error(`the page has no "${expression}": its script was not loaded`);
    const values = options.map((option) => {
      const code = (option as { js_eval?: unknown } | null | undefined)?.js_eval;
      return typeof code === "string" ? this.#loader.evaluate(code) : this.#loader.option(option);
    });
    this.#app?.use(plugin as Parameters<App["use"]>[0], ...values);
  }

  /** What fails is shown, and the rest goes on without it. */
  async #attempt(what: string, action: () => Promise<void> | void): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!this.#disposed) this.#context.report(`package ${what}`, error);
    }
  }
}

function filesOf(state: Record<string, unknown>): { kind: Kind; path: string }[] {
  return KINDS.flatMap(([key, kind]) =>
    readEntries(state[key]).map(({ path }) => ({ kind, path })),
  );
}

function nameOf(kind: string, name: string): string {
  return `${kind} ${name}`;
}
