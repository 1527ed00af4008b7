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
  /** A server of another version may have none. */
  rehearse?(): Promise<void>;
}

export type LoadBundle = () => Promise<ClientBundle>;

/** Loads the client, and has it ready, when the lab has time: the first app need not wait for it then. */
export function loadAhead(load: LoadBundle): void {
  whenIdle(() => {
    const loading = load().then((client) => whenIdle(() => client.rehearse?.().catch(ignored)));
    loading.catch(ignored);
  });
}

/** Who needs the client will hear why. */
function ignored(): void {}

function whenIdle(begin: () => void): void {
  if ("requestIdleCallback" in window) window.requestIdleCallback(begin);
  else begin();
}

/** Loads the client once a page, when the first app is shown; the widgets load the same address. */
export function bundleLoader(settings: ServerConnection.ISettings): LoadBundle {
  const url = `${address(settings, "static")}/client.js`;
  return () => loadClient(url);
}
