import { URLExt } from "@jupyterlab/coreutils";
import type { ServerConnection } from "@jupyterlab/services";
import type { ServerKey } from "./models";
import type { Visit } from "./tokens";

export type Settings = Pick<ServerConnection.ISettings, "baseUrl" | "wsUrl" | "token">;

/** Everything of ours lies below `<base url>trame/`. */
export function address({ baseUrl }: Settings, ...parts: string[]): string {
  return URLExt.join(baseUrl, "trame", ...parts.map(encodeURIComponent));
}

/** The stand-alone page of a server. */
export function pageAddress(settings: Settings, app: ServerKey): string {
  return `${address(settings, app.kernelId, app.slug)}/`;
}

/** A page that the server has told the address of, below `<base url>`. */
export function visitAddress({ baseUrl }: Pick<Settings, "baseUrl">, visit: Visit): string {
  return URLExt.join(baseUrl, visit.address);
}

/** Its socket. Cookies authenticate it, except where the lab's page comes from another origin. */
export function socketAddress(settings: Settings, app: ServerKey): string {
  const url = new URL(pageAddress(settings, app).slice(settings.baseUrl.length), settings.wsUrl);
  url.pathname += "ws";
  if (settings.token && new URL(settings.baseUrl).origin !== location.origin) {
    url.searchParams.set("token", settings.token);
  }
  return url.href;
}
