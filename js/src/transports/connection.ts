import {
  type Changes,
  ClientSession,
  LINK_ERROR,
  ProtocolError,
  type ReadyEvent,
  type ReplyEvent,
  RpcError,
  type ServerErrorEvent,
  type SessionEvent,
  type SessionOptions,
  type StatusEvent,
} from "../protocol";
import { countsAsWaiting } from "./counted-calls";
import { Line } from "./line";
import { Listeners } from "./listeners";
import { Pings } from "./pings";
import { judge } from "./policy";
import type { Transport, TransportFactory } from "./transport";
import { pageWake, type Wake } from "./wake";

export type ConnectionState = "connecting" | "live" | "lost" | "refused" | "stopped";

export interface ConnectionStatus {
  state: ConnectionState;
  /** A sentence for the user; empty where there is nothing to say. */
  message: string;
}

export type ServerError = Omit<ServerErrorEvent, "type">;
export type Ready = Omit<ReadyEvent, "type">;

export interface ConnectionOptions extends SessionOptions {
  /** In order of preference; see `Line`. */
  transports: readonly TransportFactory[];
  /** When to try again at once. Default: the browser's events. */
  wake?: Wake;
  /**
   * How long calls wait for a lost connection, in milliseconds. Default 60 s, the replica's grace time. A connection
   * that has not failed is waited for: the hello of a page on a comm waits for a cell.
   */
  callGrace?: number;
}

/** Who comes through a Jupyter server is not asked for one. */
const NO_SECRET =
  "The app does not accept the secret of this page's address. It prints the right address when it starts.";

interface Waiter {
  /** Whether it counts as waiting. */
  readonly counts: boolean;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/**
 * A client's session over whatever transport works, kept up over losses.
 *
 * Writes and calls made while there is no connection leave with the next one. A call is answered once:
 * it survives a short loss, and is rejected with an RpcError (`LINK_ERROR`) when its answer cannot come
 * any more, when the state is `refused`, or after the grace time. Every `on...` gives the function that
 * ends it.
 */
export class Connection {
  readonly #session: ClientSession;
  readonly #line: Line;
  readonly #callGrace: number;
  readonly #waiters = new Map<string, Waiter>();
  readonly #pings = new Pings();
  readonly #ready = new Listeners<[Ready]>();
  readonly #stateChanges = new Listeners<[Changes, boolean]>();
  readonly #statuses = new Listeners<[ConnectionStatus]>();
  readonly #publications = new Listeners<[string, unknown]>();
  readonly #errors = new Listeners<[ServerError]>();
  readonly #settlements = new Listeners<[number]>();
  readonly #waits = new Listeners<[]>();
  /** How many of the waiters count. */
  #counted = 0;
  /** The number of what waits that listeners know. */
  #waiting = 0;
  #status: ConnectionStatus = { state: "connecting", message: "" };
  /** How the replica and the kernel get along; it may come before the session is ready. */
  #server: ConnectionStatus = { state: "live", message: "" };
  #phase: "new" | "running" | "closed" = "new";
  #abandoned = false;
  #isReady = false;
  #graceOver = false;
  #graceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ConnectionOptions) {
    this.#session = new ClientSession(options);
    this.#callGrace = options.callGrace ?? 60_000;
    this.#line = new Line(options.transports, options.wake ?? pageWake, {
      onopen: () => this.#line.send(this.#session.connected()),
      onframe: (frame) => this.#receive(frame),
      onwait: (message) => this.#set("connecting", message),
      onclose: (code, reason) => this.#lost(code, reason),
      ping: () => this.#session.ping(),
    });
  }

  get state(): ConnectionState {
    return this.#status.state;
  }

  get message(): string {
    return this.#status.message;
  }

  get packages() {
    return this.#session.packages;
  }

  /** Why a kind of connection that is preferred is not used; empty where the best one is. */
  get passedOver(): string {
    return this.#line.passedOver;
  }

  /** What carries the session now; null while nothing does. */
  get kind(): Transport["kind"] | null {
    return this.#line.kind;
  }

  get clientId(): string | null {
    return this.#session.clientId;
  }

  /** Names the life of the server; null until a first hello is answered, and with a stock trame server. */
  get epoch(): string | null {
    return this.#session.epoch;
  }

  /** The newest commit of which nothing is missing here. */
  get seq(): number {
    return this.#session.seq;
  }

  /** Keys with own writes that the server has not committed. */
  get pending(): ReadonlyMap<string, number> {
    return this.#session.pending;
  }

  /**
   * How much waits for the server: keys with own writes that it has not committed, and calls without an answer. Pieces
   * of files do not count, nor what a view asks by itself, as whether the server's loop turns.
   */
  get waiting(): number {
    return this.pending.size + this.#counted;
  }

  connect(): void {
    if (this.#phase !== "new") return;
    this.#phase = "running";
    this.#line.attempt();
  }

  /** Tries again now instead of at the next turn; also after `refused`. */
  retry(): void {
    if (this.#phase === "running" && this.state === "refused") {
      this.#graceOver = false;
      this.#set("connecting", "");
    }
    if (this.#phase === "running") this.#line.attempt();
    else this.connect();
  }

  /** Ends the connection for good; calls that wait are rejected. */
  close(): void {
    if (this.#phase === "closed") return;
    this.#end();
    this.#dispatch(this.#session.failCalls("the connection was closed"));
    this.#set("stopped", "");
    this.#silence();
  }

  /**
   * Ends the connection together with whoever uses it: nobody is told any more. Calls that wait, and
   * calls made from now on, are never answered, since there is nobody left whom a failure concerns.
   */
  abandon(): void {
    this.#abandoned = true;
    this.#waiters.clear();
    this.#counted = 0;
    this.#silence();
    if (this.#phase !== "closed") this.#end();
    this.#status = { state: "stopped", message: "" };
  }

  /** Writes state keys. Throws SerializationError for a value that cannot be sent; nothing is written then. */
  write(changes: Changes): void {
    if (this.#phase === "closed") return;
    this.#line.send(this.#session.write(changes));
    this.#countWaiting();
  }

  call(method: string, args: readonly unknown[] = [], kwargs: object = {}): Promise<unknown> {
    if (this.#abandoned) return new Promise(() => undefined);
    const hopeless = this.#phase === "closed" || this.state === "refused" || this.#graceOver;
    if (hopeless) {
      const message = this.message || "there is no connection";
      return Promise.reject(new RpcError({ code: LINK_ERROR, message }));
    }
    return new Promise((resolve, reject) => {
      const { id, frames } = this.#session.call(method, args, kwargs);
      const counts = countsAsWaiting(method, args);
      this.#waiters.set(id, { counts, resolve, reject });
      this.#counted += Number(counts);
      this.#line.send(frames);
      this.#countWaiting();
    });
  }

  /** The host answers this at once, whatever the server does; rejected when the connection ends before. */
  ping(): Promise<void> {
    if (this.#line.kind === null) return Promise.reject(new Error("there is no connection"));
    return this.#pings.ask(() => this.#line.send(this.#session.ping()));
  }

  /** The session is up, again or for the first time; a snapshot came before unless it was resumed. */
  onReady(listener: (ready: Ready) => void): () => void {
    return this.#ready.add(listener);
  }

  onState(listener: (changes: Changes, snapshot: boolean) => void): () => void {
    return this.#stateChanges.add(listener);
  }

  /** A change of `state` or `message`. */
  onStatus(listener: (status: ConnectionStatus) => void): () => void {
    return this.#statuses.add(listener);
  }

  onPublish(listener: (topic: string, data: unknown) => void): () => void {
    return this.#publications.add(listener);
  }

  /** Exceptions in user code of the server. */
  onError(listener: (error: ServerError) => void): () => void {
    return this.#errors.add(listener);
  }

  /** Own writes were committed. */
  onSettled(listener: (number: number) => void): () => void {
    return this.#settlements.add(listener);
  }

  /** `waiting` is another number. */
  onWaiting(listener: () => void): () => void {
    return this.#waits.add(listener);
  }

  #countWaiting(): void {
    const { waiting } = this;
    if (waiting === this.#waiting) return;
    this.#waiting = waiting;
    this.#waits.emit();
  }

  #end(): void {
    this.#phase = "closed";
    clearTimeout(this.#graceTimer);
    this.#pings.lost("the connection was closed");
    this.#line.send(this.#session.leave());
    this.#line.close();
    this.#session.disconnected();
  }

  #silence(): void {
    const told = [this.#ready, this.#stateChanges, this.#statuses, this.#publications];
    const others = [this.#errors, this.#settlements, this.#waits];
    for (const listeners of [...told, ...others]) listeners.clear();
  }

  #receive(frame: Uint8Array): void {
    let events: SessionEvent[];
    try {
      events = this.#session.receive(frame);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#line.drop(error.closeCode, error.message);
      return;
    }
    this.#line.send(this.#session.takeOutput());
    this.#dispatch(events);
  }

  #dispatch(events: readonly SessionEvent[]): void {
    for (const event of events) this.#take(event);
    this.#countWaiting();
  }

  #take(event: SessionEvent): void {
    switch (event.type) {
      case "state":
        this.#stateChanges.emit(event.changes, event.snapshot);
        break;
      case "settled":
        this.#settlements.emit(event.number);
        break;
      case "publish":
        this.#publications.emit(event.topic, event.data);
        break;
      case "reply":
        this.#replied(event);
        break;
      case "ready":
        this.#becameReady(event);
        break;
      case "status":
        this.#serverStatus(event);
        break;
      case "error":
        this.#errors.emit(event);
        break;
      case "refused":
        this.#line.drop(1008, NO_SECRET);
        break;
      case "pong":
        this.#pings.answered();
        break;
      case "dropped":
        break; // the view shows what the server has, and its status says that the server was started again
    }
  }

  #replied({ id, result, error }: ReplyEvent): void {
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    if (waiter?.counts) this.#counted -= 1;
    if (error) waiter?.reject(new RpcError(error));
    else waiter?.resolve(result);
  }

  #becameReady(event: ReadyEvent): void {
    clearTimeout(this.#graceTimer);
    this.#graceTimer = undefined;
    this.#graceOver = false;
    this.#line.live();
    this.#isReady = true;
    this.#set(this.#server.state, this.#server.message);
    this.#ready.emit(event);
  }

  #serverStatus({ state, message }: StatusEvent): void {
    if (state === "restarted") {
      this.#isReady = false;
      this.#server = { state: "live", message: "" };
      this.#set("connecting", message);
      return;
    }
    this.#server = { state, message };
    // Before the session is ready it is only remembered.
    if (this.#isReady) this.#set(state, message);
  }

  #lost(code: number, reason: string): boolean {
    const verdict = judge(code, reason);
    this.#isReady = false;
    this.#pings.lost(verdict.message);
    this.#session.disconnected();
    this.#server = { state: "live", message: "" };
    if (verdict.forget !== "nothing") {
      this.#session.forget(verdict.forget === "session");
      this.#dispatch(this.#session.failCalls(verdict.message, "sent"));
    }
    if (verdict.forget === "all") {
      const where = "connection";
      this.#errors.emit({ where, message: verdict.message, trace: null, time: Date.now() / 1000 });
    }
    this.#set(verdict.state, verdict.message);
    if (verdict.retry) this.#startGrace();
    else this.#dispatch(this.#session.failCalls(verdict.message));
    return verdict.retry && this.#phase === "running";
  }

  #startGrace(): void {
    if (this.#graceTimer !== undefined || this.#graceOver) return;
    this.#graceTimer = setTimeout(() => {
      this.#graceTimer = undefined;
      this.#graceOver = true;
      this.#dispatch(this.#session.failCalls(this.message || "there is no connection"));
    }, this.#callGrace);
  }

  #set(state: ConnectionState, message: string): void {
    if (this.#status.state === state && this.#status.message === message) return;
    this.#status = { state, message };
    this.#statuses.emit({ ...this.#status });
  }
}

/** A connection over the first of `transports` that works; see `Line`. */
export function connectAny(
  transports: readonly TransportFactory[],
  options: Omit<ConnectionOptions, "transports"> = {},
): Connection {
  return new Connection({ ...options, transports });
}
