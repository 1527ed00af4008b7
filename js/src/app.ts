import { Connection, type TransportFactory } from "./transports";
import { type MountOptions, mountView } from "./view/mount";
import { type Fetcher, frameReason, PackageResources, scriptsOf } from "./view/packages";

declare const __VERSION__: string;
export const version = __VERSION__;

export interface Mounted {
  /** Connects again at once. */
  retry(): void;
  /** What it shows; null where no server's state was there, and for an app in a frame. */
  snapshot(): Snapshot | null;
  dispose(): void;
}

/** The state that a view shows, but for what is each view's own. */
export interface Snapshot {
  /** The life of the server, and the newest commit in it. */
  epoch: string;
  seq: number;
  state: Record<string, unknown>;
  /** Whether the server is connected. */
  live: boolean;
}

/** Where an app lives: `auto` is a shadow root, unless a package of it needs a document of its own. */
export type Embed = "auto" | "shadow" | "frame";

/** Everything that is needed to show one app somewhere. */
export interface AppSpec {
  /** In order of preference. */
  transports: readonly TransportFactory[];
  secret?: string | undefined;
  fetcher: Fetcher;
  embed: Embed;
  view: Omit<MountOptions, "connection" | "resources">;
}

export type MountFrame = (host: HTMLElement, spec: AppSpec, reason: string) => Mounted;

/** Shows an app: where `embed` says, or where its packages can live. */
export function mountApp(host: HTMLElement, spec: AppSpec, mountFrame: MountFrame): Mounted {
  const reason = whyFrame(spec.embed, spec.view.snapshot ?? {});
  if (reason) return mountFrame(host, spec, reason);
  let mounted = mountHere(host, spec, (why) => {
    mounted.dispose();
    mounted = mountFrame(host, spec, why);
  });
  return {
    retry: () => mounted.retry(),
    snapshot: () => mounted.snapshot(),
    dispose: () => mounted.dispose(),
  };
}

/** Why an app with this state gets a frame; null where it gets none, as far as is known. */
export function whyFrame(embed: Embed, state: Record<string, unknown>): string | null {
  if (embed === "shadow") return null;
  return embed === "frame" ? "asked for" : frameReason(scriptsOf(state));
}

/** Shows an app in this document; `onFrame` is told when a package of it cannot live here. */
export function mountHere(
  host: HTMLElement,
  spec: AppSpec,
  onFrame?: (reason: string) => void,
): Mounted {
  const { transports, secret, fetcher, embed, view: options } = spec;
  const { snapshotEpoch } = options;
  const connection = new Connection({
    transports,
    snapshotEpoch,
    package: version,
    ...(secret === undefined ? {} : { secret }),
  });
  const view = mountView(host, {
    ...options,
    connection,
    resources: (context) =>
      new PackageResources(context, {
        fetcher,
        onFrame: embed === "auto" ? onFrame : undefined,
        snapshot: options.snapshot,
      }),
  });
  const abort = new AbortController();
  // A page that may come back keeps its session; one that is gone for good says so.
  const leave = ({ persisted }: PageTransitionEvent) => {
    if (!persisted) connection.abandon();
  };
  window.addEventListener("pagehide", leave, { signal: abort.signal });
  connection.connect();
  return {
    retry: () => connection.retry(),
    snapshot() {
      const { epoch, seq, state } = connection;
      const store = view.trame.state;
      if (epoch === null || !store.ready) return null;
      const shown = Object.entries(store.state).filter(([key]) => store.canDirty(key));
      return { epoch, seq, state: Object.fromEntries(shown), live: state === "live" };
    },
    dispose() {
      abort.abort();
      view.dispose();
      connection.abandon();
    },
  };
}
