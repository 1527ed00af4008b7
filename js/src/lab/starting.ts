import { type Api, ApiError } from "./api";
import type { ServerInfo, ServerKey } from "./models";
import type { Target } from "./tokens";

export type Starter = Pick<Api, "start" | "runFile">;
export type Restarter = Starter & Pick<Api, "restart">;

/** Whether what a tab shows can be started by us: a cell starts everything else. */
export function isStartable({ app, path }: Target): boolean {
  return Boolean(app || path);
}

/** Starts the registered app or the file that a target is, in a kernel of its own. */
export function start(
  api: Starter,
  { app, path }: Target,
  signal?: AbortSignal,
): Promise<ServerInfo> {
  if (app) return api.start(app, signal);
  if (path) return api.runFile(path, signal);
  throw new Error("Nothing says which app this tab is to show.");
}

/** Starts it again at the address that it had, where other views wait for it, or else in a new kernel. */
export async function startAgain(
  api: Restarter,
  target: Target,
  before: ServerKey,
  signal?: AbortSignal,
): Promise<ServerInfo> {
  try {
    return await api.restart(before, signal);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return start(api, target, signal);
    throw error;
  }
}

/** Whether `server` is what the target would start. */
export function isRunning(server: ServerInfo, { app, path }: Target): boolean {
  if (app) return server.app === app;
  return server.owner === "file" && server.path === path;
}

/** What a tab shows of a server that runs. The path of a notebook is nothing that we could start. */
export function targetOf(server: ServerInfo): Target & ServerKey {
  const { kernelId, slug, title, app, path, owner } = server;
  return {
    kernelId,
    slug,
    title,
    ...(app && { app }),
    ...(owner === "file" && path && { path }),
  };
}

/** Whether both show the same thing. */
export function sameApp(a: Target, b: Target): boolean {
  if ((a.template ?? "main") !== (b.template ?? "main")) return false;
  if (a.kernelId && b.kernelId) return a.kernelId === b.kernelId && a.slug === b.slug;
  if (!isStartable(a)) return false;
  return a.app === b.app && a.path === b.path;
}

/** What a file is called where it is an app. */
export function titleOfFile(path: string): string {
  const name = path.split("/").at(-1) ?? path;
  return name.replace(/(\.trame)?\.py$/, "") || name;
}
