import type { IRunningSessions } from "@jupyterlab/running";
import type { ISignal } from "@lumino/signaling";
import type { AppActions } from "./app-actions";
import { trameIcon } from "./icon";
import type { ServerInfo, ServerKey } from "./models";
import type { RunningApps } from "./running-apps";
import { targetOf } from "./starting";
import type { IAppOpener } from "./tokens";

/** Class of its items, which the context menu of `schema/settings.json` is for. */
export const ITEM_CLASS = "jp-mod-trame";

/** The section of the lab's list of what runs. */
export class RunningSection implements IRunningSessions.IManager {
  readonly name = "Trame Apps";
  readonly shutdownLabel = "Stop";
  readonly shutdownAllLabel = "Stop All";
  readonly #apps: RunningApps;
  readonly #opener: Pick<IAppOpener, "open">;
  readonly #actions: Pick<AppActions, "stop" | "stopAll">;

  constructor(
    apps: RunningApps,
    opener: Pick<IAppOpener, "open">,
    actions: Pick<AppActions, "stop" | "stopAll">,
  ) {
    this.#apps = apps;
    this.#opener = opener;
    this.#actions = actions;
  }

  get runningChanged(): ISignal<RunningApps, void> {
    return this.#apps.changed;
  }

  readonly shutdownAllConfirmationText = (): string => {
    const { length } = this.#apps.servers;
    const what = length === 1 ? "the trame app that runs" : `all ${length} trame apps that run`;
    return `This stops ${what}, for everybody who looks at it. Kernels of notebooks go on.`;
  };

  running(): IRunningSessions.IRunningItem[] {
    return this.#apps.servers.map((server) => ({
      className: ITEM_CLASS,
      context: contextOf(server),
      icon: () => trameIcon,
      label: () => server.title,
      labelTitle: () => describe(server),
      detail: () => detail(server, Date.now()),
      open: () => void this.#opener.open(targetOf(server)),
      shutdown: () => void this.#actions.stop(server),
    }));
  }

  refreshRunning(): void {
    void this.#apps.refresh();
  }

  shutdownAll(): void {
    void this.#actions.stopAll(this.#apps.servers);
  }
}

/** What an item says of itself to the context menu. */
export function contextOf({ kernelId, slug }: ServerKey): string {
  return `trame:${kernelId}/${slug}`;
}

/** The server of the item with that context; undefined for the item of another section. */
export function serverOfContext(context: string | undefined): ServerKey | undefined {
  const [, kernelId, slug] = /^trame:([^/]+)\/(.+)$/.exec(context ?? "") ?? [];
  return kernelId && slug ? { kernelId, slug } : undefined;
}

/** `now` in milliseconds. */
export function detail({ viewers, started }: ServerInfo, now: number): string {
  const who = viewers === 1 ? "1 viewer" : `${viewers} viewers`;
  return started ? `${who}, ${duration(now - started.getTime())}` : who;
}

function duration(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / (24 * 60))} days`;
}

function describe(server: ServerInfo): string {
  const lines = [server.title, `Name: ${server.name || server.slug}`];
  if (server.path) lines.push(`Path: ${server.path}`);
  lines.push(`Kernel: ${server.kernelId}`);
  if (server.started) lines.push(`Started: ${server.started.toLocaleString()}`);
  return lines.join("\n");
}
