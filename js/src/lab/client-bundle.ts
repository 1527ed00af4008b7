import type { ServerConnection } from "@jupyterlab/services";
import { loadClient } from "../load-client";
import { address } from "./server-urls";

export interface Mounted {
  dispose(): void;
}

/** What the lab uses of `static/client.js`. */
export interface ClientBundle {
  mountAt(
    host: HTMLElement,
    options: { url: string; mode: "tab"; template?: string; title?: string },
  ): Mounted;
}

export type LoadBundle = () => Promise<ClientBundle>;

/** Loads the client when the lab has time, so that the first app need not wait for it. */
export function loadAhead(load: LoadBundle): void {
  const begin = (): void => void load().catch(() => undefined); // who needs it will hear why
  if ("requestIdleCallback" in window) window.requestIdleCallback(begin);
  else begin();
}

/** Loads the client once a page, when the first app is shown; the widgets load the same address. */
export function bundleLoader(settings: ServerConnection.ISettings): LoadBundle {
  const url = `${address(settings, "static")}/client.js`;
  return () => loadClient(url);
}
