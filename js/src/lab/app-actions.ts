import { Notification } from "@jupyterlab/apputils";
import { type Api, ApiError } from "./api";
import type { ServerInfo, ServerKey } from "./models";
import { tellFailure } from "./telling";

/** Ends apps and starts them again; what is wrong is said in one line. */
export class AppActions {
  readonly #api: Pick<Api, "stop" | "restart">;
  readonly #done: () => unknown;

  /** `done` is called after each, whatever came of it. */
  constructor(api: Pick<Api, "stop" | "restart">, done: () => unknown) {
    this.#api = api;
    this.#done = done;
  }

  async stop(server: ServerKey & { title: string }): Promise<void> {
    await this.#tell(server.title, () => this.#api.stop(server));
    this.#done();
  }

  async stopAll(servers: readonly ServerInfo[]): Promise<void> {
    await Promise.all(servers.map((each) => this.#tell(each.title, () => this.#api.stop(each))));
    this.#done();
  }

  async restart(server: ServerKey & { title: string }): Promise<void> {
    await this.#tell(server.title, () => this.#api.restart(server));
    this.#done();
  }

  async #tell(title: string, action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      const gone = error instanceof ApiError && error.status === 404;
      // Another tab was quicker: what was wanted is so.
      if (gone) Notification.info(`${title} is not running any more.`, { autoClose: 5000 });
      else tellFailure(title, error);
    }
  }
}
