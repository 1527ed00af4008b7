import { Poll } from "@lumino/polling";
import { type ISignal, Signal } from "@lumino/signaling";
import type { Api } from "./api";
import type { ServerInfo } from "./models";

/** Milliseconds between two questions whether there is something to do; each asks the server once at most. */
const STEP = 1000;
/** Milliseconds after which the times that are shown are older than they may be. */
const TIMES = 30_000;

/**
 * The apps that run, as the list shows them. Kernels elsewhere are asked with each look, which they count as
 * activity: while nobody sees the list it is not made, and else when something may be new.
 */
export class RunningApps {
  readonly #api: Pick<Api, "servers">;
  readonly #isSeen: () => boolean;
  readonly #poll: Poll;
  readonly #changed = new Signal<this, void>(this);
  /** Counts looks, so that a late answer does not hide a newer one. */
  #looks = 0;
  #isStale = true;
  #lookedAt = 0;
  #toldAt = 0;
  #servers: readonly ServerInfo[] = [];
  /** Seconds between two looks while the list is seen; 0: only when something may be new. */
  interval: number;

  constructor(api: Pick<Api, "servers">, interval: number, isSeen: () => boolean) {
    this.#api = api;
    this.#isSeen = isSeen;
    this.interval = interval;
    this.#poll = new Poll({
      name: "jupyter-trame:running-apps",
      factory: () => this.#step(),
      frequency: { interval: STEP, backoff: false, max: STEP },
      standby: "when-hidden",
    });
  }

  get servers(): readonly ServerInfo[] {
    return this.#servers;
  }

  /** After each look that was answered, and when the times that are shown are old. */
  get changed(): ISignal<this, void> {
    return this.#changed;
  }

  /** Something may be new: it is looked at within a second, or when somebody sees the list. */
  note(): void {
    this.#isStale = true;
  }

  /** Looks now; done when the list is new. Where the server does not answer, it stays as it is. */
  async refresh(): Promise<void> {
    const look = ++this.#looks;
    this.#isStale = false;
    this.#lookedAt = Date.now();
    try {
      const servers = await this.#api.servers();
      if (look !== this.#looks) return;
      this.#servers = servers;
      this.#tell();
    } catch {
      // Who acts on an app is told why.
    }
  }

  dispose(): void {
    this.#poll.dispose();
    Signal.clearData(this);
  }

  async #step(): Promise<void> {
    if (!this.#isSeen()) {
      this.#isStale = true; // Who comes back sees what is so then.
      return;
    }
    const now = Date.now();
    const isDue = this.interval > 0 && now - this.#lookedAt >= this.interval * 1000;
    if (this.#isStale || isDue) await this.refresh();
    else if (now - this.#toldAt >= TIMES) this.#tell();
  }

  #tell(): void {
    this.#toldAt = Date.now();
    this.#changed.emit();
  }
}
