import type { ILauncher } from "@jupyterlab/launcher";
import type { Api, AppInfo } from "./api";
import { addCards, type Card } from "./commands";

/** Keeps the launcher's cards those of the apps that are registered. */
export class LauncherCards {
  readonly #launcher: ILauncher;
  readonly #api: Pick<Api, "apps">;
  #cards: Card[] = [];
  #shown = "";
  #asking: Promise<void> | undefined;

  constructor(launcher: ILauncher, api: Pick<Api, "apps">) {
    this.#launcher = launcher;
    this.#api = api;
  }

  /** Asks which apps there are, unless that is being asked. */
  refresh(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<void> {
    try {
      this.#show(await this.#api.apps());
    } catch (error) {
      console.warn("jupyter-trame: no launcher cards", error);
    }
  }

  #show(apps: AppInfo[]): void {
    const shown = JSON.stringify(apps);
    // Cards that are the same stay: a launcher draws anew for each that comes or goes.
    if (shown === this.#shown) return;
    this.#shown = shown;
    for (const card of this.#cards) card.dispose();
    this.#cards = addCards(this.#launcher, apps);
  }
}
