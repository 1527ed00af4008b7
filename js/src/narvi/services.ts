import { type Message, MessageQueue } from "./message-queue";

export type { Message } from "./message-queue";

/** `lost`: it tries again; `closed`: it does not, or this app was replaced by a new one; nothing is sent then. */
export type Status = "connecting" | "open" | "lost" | "closed";

export type AppParameters = Record<string, unknown>;
/** Whether the message went out; not where the connection is about to close. */
export type Write = (message: Message) => boolean;
type SessionListener = (session_id: string, app_parameters: AppParameters) => void;

/** What an app gets to talk to its service. Callbacks that throw are reported and disturb nothing. */
export interface Services {
  /** The id of the session, as the service knows it. */
  readonly session_id: string;
  readonly status: Status;

  /**
   * Sends a text or bytes to the service. While the connection is lost messages wait, and go out when the same session
   * is back. Throws when a thousand of them, or 16 MB, wait. An empty text is the heartbeat, which no service hears.
   */
  send(message: string | ArrayBuffer | ArrayBufferView): void;

  /** Calls `callback` with each message of the service; the first one gets what came before it was there. */
  add_message_listener(callback: (message: Message) => void): void;

  /** Calls `callback` with each new status. An app that is replaced hears `closed`. The result ends it. */
  add_status_listener(callback: (status: Status) => void): () => void;

  /**
   * Keeps this app when the service is back with another session, as after its restart: `callback` is told in place of
   * making the app anew, and then what waits is sent. Without such a listener there is a new app, this one's services
   * send nothing more, and what waits is dropped. The result ends it.
   */
  add_session_listener(callback: SessionListener): () => void;
}

/** The services of one app; the connection feeds them. */
export class AppServices implements Services {
  #session_id: string;
  #status: Status = "open";
  #write: Write | undefined;
  #delivering = false;
  #warned = false;
  readonly #outgoing = new MessageQueue();
  readonly #incoming = new MessageQueue();
  readonly #onMessage: ((message: Message) => void)[] = [];
  readonly #onStatus = new Set<(status: Status) => void>();
  readonly #onSession = new Set<SessionListener>();

  constructor(session_id: string) {
    this.#session_id = session_id;
  }

  get session_id(): string {
    return this.#session_id;
  }

  get status(): Status {
    return this.#status;
  }

  send(message: string | ArrayBuffer | ArrayBufferView): void {
    const own = typeof message === "string" ? message : copyOf(message);
    if (this.#status === "closed") return;
    if (this.#write?.(own)) return;
    if (!this.#outgoing.push(own))
      throw new Error("too much waits for the connection to the service: 1000 messages or 16 MB");
  }

  add_message_listener(callback: (message: Message) => void): void {
    this.#onMessage.push(callback);
    this.#deliver();
  }

  add_status_listener(callback: (status: Status) => void): () => void {
    this.#onStatus.add(callback);
    return () => this.#onStatus.delete(callback);
  }

  add_session_listener(callback: SessionListener): () => void {
    this.#onSession.add(callback);
    return () => this.#onSession.delete(callback);
  }

  /** The connection is there: what waits leaves by `write`, and what follows. */
  opened(write: Write): void {
    this.#outgoing.drain(write);
    this.#write = write;
    this.#become("open");
  }

  lost(status: "lost" | "connecting"): void {
    this.#write = undefined;
    this.#become(status);
  }

  closed(): void {
    this.#write = undefined;
    if (this.#outgoing.length)
      console.warn(`narvi: ${this.#outgoing.length} messages of the last session were not sent`);
    this.#outgoing.drain(() => true);
    this.#become("closed");
  }

  /** Whether the app goes on with another session; it is told then. */
  continues(session_id: string, app_parameters: AppParameters): boolean {
    if (this.#onSession.size === 0) return false;
    this.#session_id = session_id;
    for (const callback of this.#onSession) guarded(() => callback(session_id, app_parameters));
    return true;
  }

  received(message: Message): void {
    if (!this.#incoming.push(message) && !this.#warned) {
      this.#warned = true;
      console.warn("narvi: nothing listens to the messages of the service, so later ones are lost");
    }
    this.#deliver();
  }

  /** In a task of its own where an app has just added its listener: its constructor ends first. */
  #deliver(): void {
    if (this.#delivering || this.#onMessage.length === 0) return;
    this.#delivering = true;
    queueMicrotask(() => {
      this.#delivering = false;
      this.#incoming.drain((message) => {
        for (const callback of this.#onMessage) guarded(() => callback(message));
        return true;
      });
    });
  }

  #become(status: Status): void {
    if (this.#status === status) return;
    this.#status = status;
    for (const callback of this.#onStatus) guarded(() => callback(status));
  }
}

/** Calls code of the page: what it throws is an error of the page as any other, and ends nothing here. */
export function guarded(call: () => void): boolean {
  try {
    call();
    return true;
  } catch (error) {
    reportError(error);
    return false;
  }
}

function copyOf(bytes: ArrayBuffer | ArrayBufferView): ArrayBuffer {
  if (bytes instanceof ArrayBuffer) return bytes.slice(0);
  if (ArrayBuffer.isView(bytes))
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).slice().buffer;
  throw new TypeError(`a message is a text, an ArrayBuffer or a view of one, not ${typeof bytes}`);
}
