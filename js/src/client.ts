import { type AppSpec, type Embed, type Mounted, mountApp, mountHere, whyFrame } from "./app";
import { framedSpec, mountFrame } from "./frame";
import { Snapshots } from "./snapshots";
import {
  CommBuffers,
  CommTransport,
  type EmbeddedSocket,
  EmbeddedTransport,
  type TransportFactory,
  WebSocketTransport,
} from "./transports";
import type { ViewModel } from "./view/model";
import { CommFetcher, fetchAhead, HttpFetcher } from "./view/packages";
import { Recent } from "./view/packages/recent";
import { kernelOfPage, labAddress, RestKernel } from "./view/shell/kernel";
import type { Mode } from "./view/shell/shadow";
import { layOut } from "./view/shell/styles";
import type { WidgetManager } from "./view/ui/widget";

export { type Mounted, version } from "./app";
export { rehearse } from "./rehearsal";

export interface MountAtOptions {
  /** Address of the app's websocket. */
  url: string;
  /** In place of a websocket to that address: one of the page that embeds this one. */
  socket?: (() => EmbeddedSocket) | undefined;
  mode: Mode;
  /** The address that the app's files are relative to. Default: beside the socket. */
  base?: string | undefined;
  /** Only a stand-alone server asks for it. */
  secret?: string | undefined;
  template?: string | undefined;
  title?: string | undefined;
  embed?: Embed | undefined;
  /** Becomes `trame.config`. */
  config?: Record<string, unknown> | undefined;
  openTab?: (() => void) | undefined;
  /** Whether the app runs in a kernel of the Jupyter server that serves it. Default: in a tab it does. */
  inKernel?: boolean | undefined;
}

/** Shows the app behind a websocket address. */
export function mountAt(host: HTMLElement, options: MountAtOptions): Mounted {
  const { url, socket, base, secret, config, embed = "auto", inKernel, ...rest } = options;
  if (rest.mode !== "page") host.replaceChildren();
  const page = pageBeside(url, base);
  const headers = headersFor(url, page);
  const kernel =
    (inKernel ?? rest.mode === "tab")
      ? new RestKernel(() => kernelOfPage(page), headers)
      : undefined;
  const spec: AppSpec = {
    transports: [() => (socket ? new EmbeddedTransport(socket) : new WebSocketTransport(url))],
    secret,
    fetcher: new HttpFetcher(page, headers),
    embed,
    view: {
      ...rest,
      kernel,
      page: () => pageBeside(url, base),
      config: { ...config, sessionURL: url },
    },
  };
  return rest.mode === "page" ? mountHere(host, spec) : mountApp(host, spec, mountFrame);
}

/** Fetches what the app of a widget's model needs, before a view of it is shown. */
export function prepareInline(model: ViewModel, base: URL | null): void {
  const address = appAddress(model, base);
  const state = model.get("snapshot")?.state ?? {};
  if (address && !whyFrame(readEmbed(model.get("embed")), state)) {
    fetchAhead(fetcherAt(address), state);
  }
}

/**
 * Shows the app of a widget's model: over the websocket where `base`, the address of the jupyter
 * server with the extension, is known and answers, else over the model's own messages.
 */
export function mountInline(host: HTMLElement, model: ViewModel, base: URL | null = null): Mounted {
  const address = () => appAddress(model, base);
  const buffers = new CommBuffers(model.get("buffers"));
  const transports: TransportFactory[] = [() => new CommTransport(model, buffers)];
  const first = address();
  if (first) {
    transports.unshift(() => new WebSocketTransport(socketAddress(address() ?? first)));
  }
  const fetcher = first ? fetcherAt(first) : new CommFetcher(model, buffers);
  const snapshot = snapshots.latest(model);
  if (host.parentElement) layOut(host.parentElement);
  const app = mountApp(
    host,
    {
      transports,
      fetcher,
      embed: readEmbed(model.get("embed")),
      view: {
        mode: "inline",
        id: [model.get("slug"), model.get("template")].filter(Boolean).join("/"),
        template: model.get("template") || undefined,
        title: model.get("title"),
        snapshot: snapshot?.state,
        snapshotEpoch: snapshot?.epoch,
        openTab: first ? () => open(host, model, address()) : undefined,
        kernel: new RestKernel(() => kernelAddress(model, base ?? labAddress())),
        page: () => address(),
        widgets: managerOf(model),
      },
    },
    mountFrame,
  );
  snapshots.add(model, app);
  const moved = () => app.retry();
  for (const trait of ["kernel_id", "slug"]) model.on(`change:${trait}`, moved);
  return {
    retry: moved,
    snapshot: () => app.snapshot(),
    dispose() {
      snapshots.remove(model, app);
      for (const trait of ["kernel_id", "slug"]) model.off(`change:${trait}`, moved);
      app.dispose();
      if (fetcher instanceof CommFetcher) fetcher.dispose();
    },
  };
}

/** For frames: shows the app in this document, over connections that another one makes. */
export function mountFramed(host: HTMLElement, spec: AppSpec): Mounted {
  return mountHere(host, framedSpec(spec));
}

/** Hosts hand on the whole manager, of which their contract names a part. */
function managerOf({ widget_manager: manager }: ViewModel): WidgetManager | null {
  const whole = manager as unknown as WidgetManager | undefined;
  return typeof whole?.create_view === "function" ? whole : null;
}

function readEmbed(value: unknown): Embed {
  return value === "shadow" || value === "frame" ? value : "auto";
}

/** Of all views of this page. */
const snapshots = new Snapshots();
const fetchers = new Recent<HttpFetcher>(64);

/** The one of an app: its views share what was fetched ahead. */
function fetcherAt(page: URL): HttpFetcher {
  return fetchers.get(page.href, () => new HttpFetcher(page));
}

/** The files lie beside the socket, unless it is said where; a token in its address is for its host alone. */
function headersFor(socket: string, page: URL): Record<string, string> {
  const { host, searchParams } = new URL(socket);
  const token = searchParams.get("token");
  return token !== null && page.host === host ? { Authorization: `token ${token}` } : {};
}

function pageBeside(socket: string, base: string | undefined): URL {
  const page = new URL(base ?? "./", socket);
  page.protocol = page.protocol.replace(/^ws/, "http");
  page.search = "";
  return page;
}

/** Where the extension serves the app; null where there is none. */
function appAddress(model: ViewModel, base: URL | null): URL | null {
  const [kernel, slug] = [model.get("kernel_id"), model.get("slug")];
  return base && kernel && slug
    ? new URL(`trame/${encodeURIComponent(kernel)}/${slug}/`, base)
    : null;
}

function kernelAddress(model: ViewModel, base: URL | null): URL | null {
  const kernel = model.get("kernel_id");
  return base && kernel ? new URL(`api/kernels/${encodeURIComponent(kernel)}/`, base) : null;
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
  };
  const options = { detail, cancelable: true, bubbles: true, composed: true };
  const unhandled = host.dispatchEvent(new CustomEvent("jupyter-trame:open", options));
  if (!unhandled || !page) return;
  const template = model.get("template");
  if (template && template !== "main") page.searchParams.set("ui", template);
  window.open(page, "_blank", "noopener");
}
