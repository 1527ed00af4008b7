import type { ServerConnection } from "@jupyterlab/services";
import type { Message } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";
import { type Api, ApiError } from "./api";
import type { LoadBundle, Mounted } from "./client-bundle";
import type { ServerInfo, ServerKey } from "./models";
import { type Action, failure, type Problem, progress } from "./notice";
import { socketAddress } from "./server-urls";
import { isStartable, type Restarter, start, startAgain } from "./starting";
import type { Target } from "./tokens";

export interface PanelServices {
  settings: ServerConnection.ISettings;
  api: Restarter & Pick<Api, "stop" | "check">;
  loadBundle: LoadBundle;
  /** Called with the ids of the running kernels whenever the lab has counted them; gives what ends it. */
  watchKernels(listener: (ids: ReadonlySet<string>) => void): () => void;
  /** Has the lab count them now. */
  countKernels(): Promise<void>;
}

const SIDE_WIDTH = "320px";

/** Shows one app: starts it where that is needed, mounts it, and says so when it is gone. */
export class AppPanel extends Widget {
  readonly #services: PanelServices;
  readonly #stopWatching: () => void;
  #target: Target;
  #mounted: Mounted | null = null;
  #kernelSeen = false;
  /** Its kernel was there and was shut down. */
  #kernelLost = false;
  #failed = false;
  /** The app that is being started. */
  #starting: Promise<ServerInfo> | null = null;
  #stopping = new AbortController();
  /** Where it was before it is started again. */
  #before: ServerKey | null = null;
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
    this.#clear();
    this.#failed = false;
    this.#wait();
    try {
      const target = await this.#running(attempt);
      if (attempt !== this.#attempt) return;
      const [bundle] = await Promise.all([this.#bundle(), this.#services.api.check(target)]);
      if (attempt !== this.#attempt) return;
      this.#mount(bundle.mountAt, target);
    } catch (error) {
      if (attempt === this.#attempt) this.#fail(error);
    }
  }

  /** What this tab shows was asked for again: if it failed, it is tried again, with the kernel of `target`. */
  async again(target: Target): Promise<void> {
    if (!this.#failed) return;
    const { app, path, kernelId, slug } = this.#target;
    const known = target.kernelId ? target : { ...target, kernelId, slug };
    this.#target = { ...known, app: target.app ?? app, path: target.path ?? path };
    this.onTarget(this.#target);
    this.#kernelSeen = false;
    await (target.kernelId ? this.run() : this.startAgain());
  }

  /** Starts the registered app, or the file: in the kernel that it had, or in a new one where that is gone. */
  async startAgain(): Promise<void> {
    const { kernelId, slug } = this.#target;
    if (kernelId && slug) this.#before = this.#kernelLost ? null : { kernelId, slug };
    this.#target = { ...this.#target, kernelId: undefined, slug: undefined };
    await this.run();
  }

  /** The user does not wait any longer: the start is stopped, or the app as soon as it is there. */
  #giveUp(): void {
    this.#attempt += 1;
    this.#stopping.abort();
    const { api } = this.#services;
    const late = this.#starting?.then((server) => api.stop(server));
    late?.catch(() => undefined); // It has failed, or has ended by itself.
    this.#report({ message: `The start of ${this.#target.title} was stopped.` }, [
      { label: "Start again", run: () => void this.startAgain() },
    ]);
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

  #wait(): void {
    const { kernelId, title } = this.#target;
    if (kernelId) this.#show(progress(`Connecting to ${title}…`));
    else {
      const stop = { label: "Stop", isRefusal: true, run: () => this.#giveUp() };
      this.#show(progress(`Starting ${title}…`, [stop]));
    }
  }

  async #running(attempt: number): Promise<ServerKey> {
    const { kernelId, slug } = this.#target;
    if (kernelId && slug) return { kernelId, slug };
    const { api } = this.#services;
    const before = this.#before;
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    this.#starting = before
      ? startAgain(api, this.#target, before, signal)
      : start(api, this.#target, signal);
    const server = await this.#starting;
    if (attempt === this.#attempt) {
      this.#target = { ...this.#target, kernelId: server.kernelId, slug: server.slug };
      this.#before = null;
      this.#kernelLost = this.#kernelSeen = false;
      this.onTarget(this.#target);
      this.#wait();
      // The lab does not know the kernel yet, whose end is to be noticed.
      void this.#services.countKernels();
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

  #mount(mountAt: Awaited<ReturnType<LoadBundle>>["mountAt"], server: ServerKey): void {
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
      this.#kernelLost = true;
      this.#attempt += 1;
      this.#clear();
      this.#fail(new ApiError("The kernel of this app was shut down.", 404));
    }
  }

  #fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const startable = isStartable(this.#target);
    const gone =
      error instanceof ApiError && error.status === 404 && this.#target.kernelId !== undefined;
    const advice = gone && !startable ? " Run the cell that starts it, then try again." : "";
    const actions = [{ label: "Try again", run: () => void this.run() }];
    if (startable && gone)
      actions.unshift({ label: "Start again", run: () => void this.startAgain() });
    const { trace, install } = error instanceof ApiError ? error : {};
    const text =
      gone && error.message.startsWith("The Jupyter") ? "The app is not running." : message;
    this.#report({ message: text + advice, trace, install }, actions);
  }

  #report(problem: Problem, actions: readonly Action[]): void {
    this.#failed = true;
    this.#show(failure(problem, actions));
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
