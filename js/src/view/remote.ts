import type { ViewConnection } from "./connection";
import { type Callback, RemoteSession, type Subscription } from "./remote-session";
import type { Report, Trame } from "./trame";

type Methods = Record<string, (...args: never[]) => unknown>;

/** `trame.client`: the part of the wslink client's surface that widget packages use. */
export class Remote {
  readonly #connection: ViewConnection;
  readonly #trame: Trame;
  readonly #session: RemoteSession;
  readonly #protocols = new Map<string, Methods>();
  readonly #busyListeners = new Set<(count: number) => void>();
  readonly #stops: (() => void)[];

  constructor(connection: ViewConnection, trame: Trame, report: Report) {
    this.#connection = connection;
    this.#trame = trame;
    this.#session = new RemoteSession(connection);
    const deliver = (topic: string, data: unknown) =>
      this.#session.deliver(topic, data, (error) => report(`subscriber of ${topic}`, error));
    this.#stops = [
      connection.onPublish(deliver),
      connection.onState((changes) => deliver("trame.state.topic", changes)),
    ];
    this.registerProtocol("Trame", () => this.#trameMethods());
    this.registerProtocol("SyncView", () => this.#syncViewMethods());
  }

  isConnected(): boolean {
    return this.#connection.state === "live";
  }

  isBusy(): boolean {
    return this.#trame.calls > 0;
  }

  connect(): Promise<void> {
    return this.#trame.connect();
  }

  disconnect(): void {
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

  getConnection(): { getSession(): RemoteSession; getUrl(): string; destroy(): void } {
    return {
      getSession: () => this.#session,
      getUrl: () => String(this.#trame.config.sessionURL ?? ""),
      destroy: () => this.#connection.close(),
    };
  }

  getRemote(): Record<string, Methods> {
    return Object.fromEntries(this.#protocols);
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

  onConnectionReady(listener: (client: Remote) => void): { unsubscribe(): void } {
    return { unsubscribe: this.#connection.onReady(() => listener(this)) };
  }

  onConnectionClose(listener: (client: Remote) => void): { unsubscribe(): void } {
    return {
      unsubscribe: this.#connection.onStatus((status) => {
        if (status.state === "lost" || status.state === "stopped") listener(this);
      }),
    };
  }

  onConnectionError(listener: (client: Remote) => void): { unsubscribe(): void } {
    return {
      unsubscribe: this.#connection.onStatus((status) => {
        if (status.state === "refused") listener(this);
      }),
    };
  }

  emitBusy(count: number): void {
    for (const listener of [...this.#busyListeners]) listener(count);
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
    this.#session.dispose();
    this.#busyListeners.clear();
  }

  #counted(result: unknown): unknown {
    return result instanceof Promise ? this.#trame.busy(result) : result;
  }

  #trameMethods(): Methods {
    const session = this.#session;
    return {
      getState: () => session.call("trame.state.get"),
      trigger: (name: string, args: unknown[] = [], kwargs: object = {}) =>
        session.call("trame.trigger", [name, args, kwargs]),
      updateState: (changes: unknown[]) => session.call("trame.state.update", [changes]),
      lifeCycleUpdate: (name: string) => session.call("trame.lifecycle.update", [name]),
      sendError: (message: string) => session.call("trame.error.client", [message]),
      subscribeToStateUpdate: (callback: Callback) =>
        session.subscribe("trame.state.topic", callback),
      subscribeToActions: (callback: Callback) =>
        session.subscribe("trame.actions.topic", callback),
      unsubscribe: (subscription: Subscription) => session.unsubscribe(subscription),
    };
  }

  #syncViewMethods(): Methods {
    const session = this.#session;
    return {
      getArray: async (hash: string, binary = true) => {
        const data = await session.call("viewport.geometry.array.get", [hash, binary]);
        return ArrayBuffer.isView(data) ? new Blob([data as unknown as BlobPart]) : data;
      },
      unsubscribe: (subscription: Subscription) => session.unsubscribe(subscription),
    };
  }
}
