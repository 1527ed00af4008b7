/**
 * A client of an Igor server: `jupyter_trame/igor/json_frames.py` has the wire.
 *
 * ES module in `static/igor.js`; as a classic script, which a hub serves by cookie where it does not serve modules, it
 * is `static/igor-script.js` and makes the name `igor`.
 */

/**
 * What a call gets back. Callbacks may be added later: they are told what has come already, of a stream without an end
 * the last 10 000 messages, of at most 16 MB.
 */
export interface Call {
  onData(callback: (data: unknown) => void): Call;
  onError(callback: (error: Error) => void): Call;
  onClose(callback: () => void): Call;
  /**
   * The data, when the stream is closed; rejects with the first error. From when it is first asked for, all data is kept
   * for it.
   */
  readonly promise: Promise<unknown[]>;
}

export interface Identity {
  client_id: string | number;
  /** What takes the id up again, once. */
  resume_token: string;
}

/** What a process says: data under an action, an error, or its end. */
export type ProcessMessage =
  | { action: string; data: unknown }
  | { error: string }
  | { close: true };

/** `lost`: it tries again; `closed`: it does not, after `close` or because another connection took its id. */
export type Status = "connecting" | "open" | "lost" | "closed";

export interface Options {
  /** The socket's class, where there is no global one. */
  WebSocket?: new (
    address: string,
  ) => WebSocket;
}

const DISPLACED = 4001;
const DELAYS = [250, 500, 1000, 1000, 2000, 4000, 8000];
const QUEUE = 1000;
/** Values of a call, or errors, that are kept for who listens later, and characters of their messages. */
const KEPT = 10_000;
const KEPT_SIZE = 16 << 20;

/** Connects to `address`: that of a program, `ws://localhost:5678`, or what `IgorServer.url` says in a notebook. */
export function connect(address: string, options: Options = {}): Client {
  return new Client(resolve(address), options.WebSocket ?? WebSocket);
}

/** The whole address: one without a host is below the Jupyter server of this page, or else beside the page. */
export function resolve(address: string): string {
  const here = typeof location === "undefined" ? undefined : location.href;
  const url = new URL(address, jupyterBase() ?? here);
  url.protocol = url.protocol.replace(/^http/, "ws");
  return url.href;
}

function jupyterBase(): string | undefined {
  if (typeof document === "undefined") return undefined;
  const text = document.getElementById("jupyter-config-data")?.textContent;
  const config = text ? (JSON.parse(text) as { baseUrl?: string }) : {};
  const base = config.baseUrl ?? document.body?.dataset.baseUrl;
  return base ? new URL(base, location.origin).href : undefined;
}

/** Calls code of the page: what it throws is an uncaught error of the page, and ends nothing here. */
function tell<T extends unknown[]>(callbacks: Iterable<(...news: T) => void>, ...news: T): void {
  for (const callback of callbacks) {
    try {
      callback(...news);
    } catch (error) {
      setTimeout(() => {
        throw error;
      });
    }
  }
}

class Kept<T> {
  readonly values: T[] = [];
  isBounded = true;
  readonly #sizes: number[] = [];
  #size = 0;

  add(value: T, size: number): void {
    this.values.push(value);
    this.#sizes.push(size);
    this.#size += size;
    while (this.isBounded && this.values.length > 1 && this.#isFull()) {
      this.values.shift();
      this.#size -= this.#sizes.shift() as number;
    }
  }

  #isFull(): boolean {
    return this.values.length > KEPT || this.#size > KEPT_SIZE;
  }
}

class Stream implements Call {
  readonly #data = new Kept<unknown>();
  readonly #errors = new Kept<Error>();
  #failed: Error | undefined;
  #closed = false;
  readonly #onData: ((data: unknown) => void)[] = [];
  readonly #onError: ((error: Error) => void)[] = [];
  readonly #onClose: (() => void)[] = [];
  #promise: Promise<unknown[]> | undefined;

  onData(callback: (data: unknown) => void): Call {
    for (const data of this.#data.values) callback(data);
    this.#onData.push(callback);
    return this;
  }

  onError(callback: (error: Error) => void): Call {
    for (const error of this.#errors.values) callback(error);
    this.#onError.push(callback);
    return this;
  }

  onClose(callback: () => void): Call {
    if (this.#closed) callback();
    else this.#onClose.push(callback);
    return this;
  }

  get promise(): Promise<unknown[]> {
    this.#data.isBounded = false;
    this.#promise ??= new Promise((fulfil, reject) => {
      this.onClose(() => {
        if (this.#failed) reject(this.#failed);
        else fulfil(this.#data.values);
      });
    });
    return this.#promise;
  }

  data(data: unknown, size: number): void {
    this.#data.add(data, size);
    tell(this.#onData, data);
  }

  fail(error: Error): void {
    this.#failed ??= error;
    this.#errors.add(error, error.message.length);
    tell(this.#onError, error);
  }

  close(): void {
    this.#closed = true;
    tell(this.#onClose.splice(0));
  }
}

interface Message {
  streamId?: string | number;
  action?: string;
  data?: unknown;
  error?: string;
  code?: number;
  close?: boolean;
}

/** One client, over all its connections: it connects again by itself, and keeps its id if that is within the grace. */
export class Client {
  readonly url: string;
  readonly #Socket: new (
    address: string,
  ) => WebSocket;
  readonly #prefix = Math.random().toString(36).slice(2);
  #count = 0;
  #socket: WebSocket | undefined;
  #status: Status = "connecting";
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #identity: Identity | undefined;
  /** Frames that wait for a connection, with the streams that they open. */
  #waiting: [frame: string, stream: Stream, id: string][] = [];
  readonly #open = new Map<string | number, Stream>();
  readonly #processes = new Map<string, Set<(message: ProcessMessage) => void>>();
  readonly #onStatus = new Set<(status: Status) => void>();
  readonly #onIdentity = new Set<(identity: Identity | undefined, error?: Error) => void>();

  constructor(url: string, Socket: new (address: string) => WebSocket) {
    this.url = url;
    this.#Socket = Socket;
    this.#connect();
  }

  get status(): Status {
    return this.#status;
  }

  /** Calls `callback` with each new status; the result ends that. */
  onStatus(callback: (status: Status) => void): () => void {
    this.#onStatus.add(callback);
    return () => this.#onStatus.delete(callback);
  }

  /** Who this client is; undefined where it has not said it, or was refused. */
  get identity(): Identity | undefined {
    return this.#identity;
  }

  /**
   * Calls `callback` with each new identity, whose token is what a page keeps for its next load, and with undefined and
   * the reason when a client that connects again is refused its own: it goes on as a new one. The result ends that.
   */
  onIdentity(callback: (identity: Identity | undefined, error?: Error) => void): () => void {
    this.#onIdentity.add(callback);
    return () => this.#onIdentity.delete(callback);
  }

  /** Asks for `action`. Without a connection the call waits for one; when a connection breaks, its open calls fail. */
  dispatch(action: string, data?: unknown): Call {
    const stream = new Stream();
    const id = this.#newId();
    const frame = JSON.stringify({ streamId: id, action, data });
    if (this.#status === "closed") this.#end(stream, "the client is closed");
    else if (this.#status === "open") this.#send(frame, stream, id);
    else if (this.#waiting.length === QUEUE)
      this.#end(stream, `${QUEUE} calls wait for a connection`);
    else this.#waiting.push([frame, stream, id]);
    return stream;
  }

  /**
   * Says who this client is; its session is known by that id from then on. After a lost connection the client says it
   * again by itself. `token` takes up an id that an earlier client had, as after a reload of the page.
   */
  async introduce(id: string | number, token?: string): Promise<Identity> {
    const data = token === undefined ? { client_id: id } : { client_id: id, resume_token: token };
    const [identity] = (await this.dispatch("introduce_self", data).promise) as Identity[];
    // The original answers nothing, and closes nothing either: its clients have to be told by somebody else.
    return this.#know(identity ?? { client_id: id, resume_token: "" });
  }

  /** Calls `callback` with what the process `id` says; the result ends that. */
  onProcess(id: string, callback: (message: ProcessMessage) => void): () => void {
    const callbacks = this.#processes.get(id) ?? new Set();
    this.#processes.set(id, callbacks.add(callback));
    return () => callbacks.delete(callback);
  }

  /** Ends the connection for good; open calls fail. */
  close(): void {
    clearTimeout(this.#timer);
    this.#become("closed");
    this.#socket?.close(1000);
    this.#failAll("the client is closed");
  }

  #newId(): string {
    this.#count += 1;
    return `${this.#prefix}-${this.#count}`;
  }

  #connect(): void {
    const socket = new this.#Socket(this.url);
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(String(data)), String(data).length);
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
  }

  #opened(): void {
    if (this.#status === "closed") return;
    this.#failures = 0;
    this.#become("open");
    const identity = this.#identity;
    if (identity) {
      const { client_id, resume_token } = identity;
      const stream = new Stream();
      const id = this.#newId();
      const data = { client_id, resume_token };
      this.#send(JSON.stringify({ streamId: id, action: "introduce_self", data }), stream, id);
      stream.onData((fresh) => this.#know(fresh as Identity));
      stream.onError((error) => {
        // A connection that is lost is no refusal: its streams are not open any more.
        if (!this.#open.has(id)) return;
        this.#identity = undefined;
        tell(this.#onIdentity, undefined, error);
      });
    }
    for (const [frame, stream, id] of this.#waiting.splice(0)) this.#send(frame, stream, id);
  }

  #closed(code: number, reason: string): void {
    if (this.#status === "closed") return;
    const why = reason || `the connection was lost (${code})`;
    if (code === DISPLACED) {
      this.#become("closed");
      this.#failAll(why);
      return;
    }
    const delay = DELAYS[Math.min(this.#failures, DELAYS.length - 1)];
    this.#failures += 1;
    this.#timer = setTimeout(() => {
      this.#become("connecting");
      this.#connect();
    }, delay);
    const lost = [...this.#open.values()];
    this.#open.clear();
    this.#become("lost");
    for (const stream of lost) this.#end(stream, why);
  }

  #send(frame: string, stream: Stream, id: string): void {
    this.#open.set(id, stream);
    this.#socket?.send(frame);
  }

  #receive(message: Message, size: number): void {
    const id = message.streamId;
    if (id === undefined) return;
    const stream = this.#open.get(id);
    if (!stream) {
      tell(this.#processes.get(String(id)) ?? [], message as ProcessMessage);
      return;
    }
    if (message.error !== undefined) stream.fail(new Error(message.error));
    else if ("data" in message) stream.data(message.data, size);
    // A refusal is all that comes of a call.
    if (message.close || message.code !== undefined) {
      this.#open.delete(id);
      stream.close();
    }
  }

  #know(identity: Identity): Identity {
    this.#identity = identity;
    tell(this.#onIdentity, identity);
    return identity;
  }

  #failAll(why: string): void {
    for (const stream of this.#open.values()) this.#end(stream, why);
    this.#open.clear();
    for (const [, stream] of this.#waiting.splice(0)) this.#end(stream, why);
  }

  #end(stream: Stream, why: string): void {
    stream.fail(new Error(why));
    stream.close();
  }

  #become(status: Status): void {
    if (this.#status === status) return;
    this.#status = status;
    tell(this.#onStatus, status);
  }
}
