import { CommTransport, Connection, type TransportFactory, WebSocketTransport } from "./transports";
import type { ViewModel } from "./view/model";
import { mountView, type View } from "./view/mount";
import type { Mode } from "./view/shadow";

declare const __VERSION__: string;
export const version = __VERSION__;

export interface Mounted {
  dispose(): void;
}

export interface MountAtOptions {
  /** Address of the app's websocket. */
  url: string;
  mode: Mode;
  /** Only a stand-alone server asks for it. */
  secret?: string | undefined;
  template?: string | undefined;
  title?: string | undefined;
  /** Becomes `trame.config`. */
  config?: Record<string, unknown> | undefined;
  openTab?: (() => void) | undefined;
}

/** Shows the app behind a websocket address. */
export function mountAt(host: HTMLElement, options: MountAtOptions): Mounted {
  const { url, secret, config, ...rest } = options;
  const transports = [() => new WebSocketTransport(url)];
  const connection = new Connection({ transports, ...(secret === undefined ? {} : { secret }) });
  host.replaceChildren();
  const view = mountView(host, { ...rest, connection, config: { ...config, sessionURL: url } });
  return run(view, connection);
}

/**
 * Shows the app of a widget's model: over the websocket where `base`, the address of the jupyter
 * server with the extension, is known and answers, else over the model's own messages.
 */
export function mountInline(host: HTMLElement, model: ViewModel, base: URL | null = null): Mounted {
  const address = () => appAddress(model, base);
  const transports: TransportFactory[] = [() => new CommTransport(model)];
  if (address()) {
    transports.unshift(() => new WebSocketTransport(socketAddress(address() as URL)));
  }
  const connection = new Connection({ transports });
  const view = mountView(host, {
    connection,
    mode: "inline",
    id: [model.get("slug"), model.get("template")].filter(Boolean).join("/"),
    template: model.get("template") || undefined,
    title: model.get("title"),
    snapshot: model.get("snapshot")?.state,
    openTab: address() ? () => open(host, model, address()) : undefined,
  });
  const moved = () => connection.retry();
  for (const trait of ["kernel_id", "slug"]) model.on(`change:${trait}`, moved);
  const mounted = run(view, connection);
  return {
    dispose() {
      for (const trait of ["kernel_id", "slug"]) model.off(`change:${trait}`, moved);
      mounted.dispose();
    },
  };
}

function run(view: View, connection: Connection): Mounted {
  const abort = new AbortController();
  // A page that may come back keeps its session; one that is gone for good says so.
  const leave = ({ persisted }: PageTransitionEvent) => {
    if (!persisted) connection.abandon();
  };
  window.addEventListener("pagehide", leave, { signal: abort.signal });
  connection.connect();
  return {
    dispose() {
      abort.abort();
      view.dispose();
      connection.abandon();
    },
  };
}

/** Where the extension serves the app; null where there is none. */
function appAddress(model: ViewModel, base: URL | null): URL | null {
  const [kernel, slug] = [model.get("kernel_id"), model.get("slug")];
  return base && kernel && slug ? new URL(`trame/${kernel}/${slug}/`, base) : null;
}

function socketAddress(page: URL): string {
  const url = new URL("ws", page);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/** The lab opens a tab of its own; elsewhere the page opens in the browser. */
function open(host: HTMLElement, model: ViewModel, page: URL | null): void {
  const detail = {
    kernelId: model.get("kernel_id"),
    slug: model.get("slug"),
    title: model.get("title"),
    template: model.get("template"),
    mode: "tab",
  };
  const options = { detail, cancelable: true, bubbles: true, composed: true };
  const unhandled = host.dispatchEvent(new CustomEvent("jupyter-trame:open", options));
  if (!unhandled || !page) return;
  const template = model.get("template");
  if (template && template !== "main") page.searchParams.set("ui", template);
  window.open(page, "_blank", "noopener");
}
