import { markRaw } from "vue";
import { STATE_TOPIC } from "../../protocol/names";
import { bindMethods } from "./bind";
import type { ViewConnection } from "./connection-status";
import type { Report } from "./error-texts";
import { createImageStream, type ImageStream } from "./images/image-stream";
import { type Methods, syncViewMethods, trameMethods } from "./remote-methods";
import { RemoteSession } from "./remote-session";

type Callback = (client: Remote) => void;

/** What `trame.client` asks of the object `trame` that it belongs to. */
export interface Owner {
  readonly config: Record<string, unknown>;
  /** How many run now. */
  readonly calls: number;
  beginBusy(): void;
  endBusy(): void;
  /** What `work` gives; it counts as a call while it runs. */
  busy<T>(work: Promise<T>): Promise<T>;
  connect(config?: Record<string, unknown>): Promise<Record<string, unknown>>;
}

/** What is behind `getConnection()`. */
export interface RemoteConnection {
  getSession(): RemoteSession;
  getUrl(): string;
  /** Ends the connection; the server too, after `timeout` seconds, if that is above 0. */
  destroy(timeout?: number): void;
}

/** `trame.client`: what widget packages know as the wslink client. */
export class Remote {
  readonly #connection: ViewConnection;
  readonly #trame: Owner;
  readonly #session: RemoteSession;
  readonly #protocols = new Map<string, Methods>();
  readonly #busyListeners = new Set<(count: number) => void>();
  readonly #stops: (() => void)[];
  readonly #report: Report;
  readonly #own: RemoteConnection;
  #images: ImageStream | null = null;

  constructor(connection: ViewConnection, trame: Owner, report: Report) {
    markRaw(this);
    bindMethods(this);
    this.#connection = connection;
    this.#trame = trame;
    this.#report = report;
    this.#session = new RemoteSession(connection);
    this.#own = {
      getSession: () => this.#session,
      getUrl: () => String(trame.config.sessionURL ?? ""),
      destroy: (timeout = 0) => this.disconnect(timeout),
    };
    const deliver = (topic: string, data: unknown) =>
      this.#session.deliver(topic, data, (error) => report(`subscriber of ${topic}`, error));
    // Until the first hello, calls wait for it; later the server has forgotten whose views they asked for.
    let waiting = true;
    this.#stops = [
      connection.onPublish(deliver),
      connection.onState((changes) => deliver(STATE_TOPIC, changes)),
      connection.onStatus(({ state }) => {
        if (state === "refused" || state === "lost") waiting = false;
      }),
      connection.onReady(({ resumed }) => {
        if (!resumed && !waiting) this.#images?.restore();
        waiting = false;
      }),
    ];
    this.registerProtocol("Trame", trameMethods);
    this.registerProtocol("SyncView", syncViewMethods);
  }

  /** Whether the server can be reached now. */
  isConnected(): boolean {
    return this.#connection.state === "live";
  }

  isBusy(): boolean {
    return this.#trame.calls > 0;
  }

  connect(config?: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.#trame.connect(config);
  }

  /** Ends the connection for good; the server ends `timeout` seconds later, or goes on with 0. */
  disconnect(timeout = 60): void {
    if (timeout > 0 && this.isConnected()) {
      this.#connection.call("application.exit.later", [timeout]).catch(() => undefined);
    }
    this.#connection.close();
  }

  beginBusy(): void {
    this.#trame.beginBusy();
  }

  endBusy(): void {
    this.#trame.endBusy();
  }

  getConfig(): Record<string, unknown> {
    return this.#trame.config;
  }

  getConnection(): RemoteConnection {
    return this.#own;
  }

  getRemote(): Record<string, Methods> {
    return Object.fromEntries(this.#protocols);
  }

  /** Pictures that the server renders; subscribed from the first call on. */
  getImageStream(): ImageStream {
    this.#images ??= createImageStream(this.#session, (error) =>
      this.#report("the image stream", error),
    );
    return this.#images;
  }

  /** Methods of a protocol count as busy while they run, except the (un)subscribing ones. */
  registerProtocol(name: string, create: (session: RemoteSession) => Methods): void {
    const methods = Object.entries(create(this.#session)).map(([method, fn]) => {
      if (/^(un)?subscribe/.test(method)) return [method, fn];
      return [method, (...args: never[]) => this.#counted(fn(...args))];
    });
    this.#protocols.set(name, Object.fromEntries(methods));
  }

  unregisterProtocol(name: string): void {
    this.#protocols.delete(name);
  }

  onBusyChange(listener: (count: number) => void): { unsubscribe(): void } {
    this.#busyListeners.add(listener);
    return { unsubscribe: () => this.#busyListeners.delete(listener) };
  }

  onConnectionReady(listener: Callback): { unsubscribe(): void } {
    return { unsubscribe: this.#connection.onReady(() => listener(this)) };
  }

  onConnectionClose(listener: Callback): { unsubscribe(): void } {
    return this.#onState(["lost", "stopped"], listener);
  }

  onConnectionError(listener: Callback): { unsubscribe(): void } {
    return this.#onState(["refused"], listener);
  }

  emitBusy(count: number): void {
    for (const listener of [...this.#busyListeners]) listener(count);
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
    this.#images?.delete();
    this.#session.dispose();
    this.#busyListeners.clear();
  }

  #onState(states: ViewConnection["state"][], listener: Callback): { unsubscribe(): void } {
    return {
      unsubscribe: this.#connection.onStatus(({ state }) => {
        if (states.includes(state)) listener(this);
      }),
    };
  }

  #counted(result: unknown): unknown {
    return result instanceof Promise ? this.#trame.busy(result) : result;
  }
}
