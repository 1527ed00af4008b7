import type { ServerConnection } from "@jupyterlab/services";
import type { Message } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";
import { type Api, ApiError } from "./api";
import type { LoadBundle, Mounted } from "./client-bundle";
import { failure, progress } from "./notice";
import { socketAddress } from "./server-urls";
import type { Target } from "./tokens";

export interface PanelServices {
  settings: ServerConnection.ISettings;
  api: Pick<Api, "start" | "check">;
  loadBundle: LoadBundle;
  /** Called with the ids of the running kernels whenever the lab has counted them; gives what ends it. */
  watchKernels(listener: (ids: ReadonlySet<string>) => void): () => void;
}

const SIDE_WIDTH = "320px";

/** Shows one app: starts it where that is needed, mounts it, and says so when it is gone. */
export class AppPanel extends Widget {
  readonly #services: PanelServices;
  readonly #stopWatching: () => void;
  #target: Target;
  #mounted: Mounted | null = null;
  #kernelSeen = false;
  #failed = false;
  /** Counts attempts, so that a late answer does not disturb a newer one. */
  #attempt = 0;
  /** Called when it is known which kernel runs the app. */
  onTarget: (target: Target) => void = () => undefined;

  constructor(target: Target, services: PanelServices) {
    super();
    this.#target = target;
    this.#services = services;
    this.addClass("jp-TramePanel");
    this.node.tabIndex = -1;
    this.node.style.cssText = "height: 100%; min-height: 0; overflow: hidden; position: relative";
    this.#stopWatching = services.watchKernels((ids) => this.#countKernels(ids));
  }

  get target(): Target {
    return this.#target;
  }

  /** Starts the app if it has no kernel yet, and shows it. */
  async run(): Promise<void> {
    const attempt = ++this.#attempt;
    const { kernelId, title } = this.#target;
    this.#clear();
    this.#failed = false;
    this.#show(progress(kernelId ? `Connecting to ${title}…` : `Starting ${title}…`));
    try {
      const target = await this.#running();
      if (attempt !== this.#attempt || this.isDisposed) return;
      const [bundle] = await Promise.all([this.#bundle(), this.#services.api.check(target)]);
      if (attempt !== this.#attempt || this.isDisposed) return;
      this.#mount(bundle.mountAt, target);
    } catch (error) {
      if (attempt === this.#attempt && !this.isDisposed) this.#fail(error);
    }
  }

  /** What this tab shows was asked for again: if it failed, it is tried again, with the kernel of `target`. */
  async again(target: Target): Promise<void> {
    if (!this.#failed) return;
    this.#target = { ...target, app: target.app ?? this.#target.app };
    this.onTarget(this.#target);
    this.#kernelSeen = false;
    await this.run();
  }

  /** Starts the registered app in a new kernel. */
  async startAgain(): Promise<void> {
    this.#target = { ...this.#target, kernelId: undefined, slug: undefined };
    await this.run();
  }

  /** The sides of the lab are as wide as what they held before needed, which may be nothing. */
  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.node.style.minWidth = this.node.closest(".jp-SideArea") ? SIDE_WIDTH : "";
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.#attempt += 1;
    this.#stopWatching();
    this.#clear();
    super.dispose();
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.node.focus();
  }

  async #running(): Promise<{ kernelId: string; slug: string }> {
    const { kernelId, slug, app } = this.#target;
    if (kernelId && slug) return { kernelId, slug };
    if (!app) throw new Error("Nothing says which app this tab is to show.");
    const server = await this.#services.api.start(app);
    if (!this.isDisposed) {
      this.#target = { ...this.#target, kernelId: server.kernelId, slug: server.slug };
      this.#kernelSeen = false;
      this.onTarget(this.#target);
    }
    return server;
  }

  async #bundle(): Promise<Awaited<ReturnType<LoadBundle>>> {
    try {
      return await this.#services.loadBundle();
    } catch {
      throw new Error("The code of the view could not be loaded from the Jupyter server.");
    }
  }

  #mount(
    mountAt: Awaited<ReturnType<LoadBundle>>["mountAt"],
    server: { kernelId: string; slug: string },
  ): void {
    const host = document.createElement("div");
    host.style.height = "100%";
    this.#show(host);
    const { template, title } = this.#target;
    const url = socketAddress(this.#services.settings, server);
    this.#mounted = mountAt(host, { url, mode: "tab", title, ...(template ? { template } : {}) });
  }

  #countKernels(ids: ReadonlySet<string>): void {
    const { kernelId } = this.#target;
    if (!kernelId) return;
    if (ids.has(kernelId)) {
      this.#kernelSeen = true;
    } else if (this.#kernelSeen) {
      this.#kernelSeen = false;
      this.#attempt += 1;
      this.#clear();
      this.#fail(new ApiError("The kernel of this app was shut down.", 404));
    }
  }

  #fail(error: unknown): void {
    this.#failed = true;
    const message = error instanceof Error ? error.message : String(error);
    const { kernelId, app } = this.#target;
    const gone = error instanceof ApiError && error.status === 404 && kernelId !== undefined;
    const advice = gone && !app ? " Run the cell that starts it, then try again." : "";
    const actions = [{ label: "Try again", run: () => void this.run() }];
    if (app && gone) actions.unshift({ label: "Start again", run: () => void this.startAgain() });
    const trace = error instanceof ApiError ? error.trace : "";
    const text =
      gone && error.message.startsWith("The Jupyter") ? "The app is not running." : message;
    this.#show(failure(text + advice, trace, actions));
  }

  #clear(): void {
    this.#mounted?.dispose();
    this.#mounted = null;
    this.node.replaceChildren();
  }

  #show(child: HTMLElement): void {
    this.node.replaceChildren(child);
  }
}
