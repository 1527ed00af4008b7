import { Poll } from "@lumino/polling";
import { type ISignal, Signal } from "@lumino/signaling";
import type { Api } from "./api";
import type { ServerInfo } from "./models";

/** The apps that run. */
export class RunningApps {
  readonly #api: Pick<Api, "servers">;
  readonly #poll: Poll;
  readonly #changed = new Signal<this, void>(this);
  /** Counts looks, so that a late answer does not hide a newer one. */
  #looks = 0;
  #servers: readonly ServerInfo[] = [];

  /**
   * `interval` in seconds, between two looks while `isSeen`. Kernels elsewhere are asked with each look, which they
   * would count as activity: where nobody sees the list, it is made when something is known to be new, and only then.
   */
  constructor(api: Pick<Api, "servers">, interval: number, isSeen: () => boolean) {
    this.#api = api;
    this.#poll = new Poll({
      name: "jupyter-trame:running-apps",
      factory: () => this.#look(),
      frequency: frequency(interval),
      standby: () => (isSeen() ? "when-hidden" : true),
    });
  }

  get servers(): readonly ServerInfo[] {
    return this.#servers;
  }

  /** After each look that was answered: how long apps run changes by itself. */
  get changed(): ISignal<this, void> {
    return this.#changed;
  }

  set interval(seconds: number) {
    this.#poll.frequency = frequency(seconds);
  }

  /** Looks now; done when the list is new. Where the server does not answer, it stays as it is. */
  async refresh(): Promise<void> {
    await this.#look().catch(() => undefined); // Who acts on an app is told why.
  }

  dispose(): void {
    this.#poll.dispose();
    Signal.clearData(this);
  }

  async #look(): Promise<void> {
    const look = ++this.#looks;
    const servers = await this.#api.servers();
    if (look !== this.#looks) return;
    this.#servers = servers;
    this.#changed.emit();
  }
}

function frequency(seconds: number): { interval: number; backoff: boolean; max: number } {
  return { interval: seconds * 1000, backoff: true, max: Math.max(300, seconds) * 1000 };
}
