import { nothing, type Transport } from "./transport";

/** What a page that embeds an app gives it in place of a websocket: `window.WSLINK.createWebSocket(url)`. */
export interface EmbeddedSocket {
  onopen: ((event: unknown) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code?: number; reason?: string }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  send(data: Uint8Array, options: { binary: true }): void;
  close(): void;
}

/** A socket of the embedding page. */
export class EmbeddedTransport implements Transport {
  readonly kind = "websocket";
  onopen = nothing;
  onframe: (frame: Uint8Array) => void = nothing;
  onclose: (code: number, reason: string) => void = nothing;
  readonly #create: () => EmbeddedSocket;
  #socket: EmbeddedSocket | null = null;
  /** A Blob is read asynchronously: a frame waits for those before it. */
  #last: Promise<void> = Promise.resolve();

  constructor(create: () => EmbeddedSocket) {
    this.#create = create;
  }

  open(): void {
    const socket = this.#create();
    this.#socket = socket;
    socket.onopen = () => {
      if (this.#socket) this.onopen();
    };
    socket.onmessage = ({ data }) => {
      this.#last = this.#last.then(async () => {
        const frame = await readBytes(data);
        if (this.#socket && frame) this.onframe(frame);
      });
    };
    socket.onclose = (event) => this.#ended(event?.code ?? 1006, event?.reason ?? "");
    socket.onerror = () => this.#ended(1006, "the embedding page has no connection");
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    this.#socket?.send(frame, { binary: true });
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #ended(code: number, reason: string): void {
    // What was received before the end counts.
    this.#last = this.#last.then(() => {
      if (!this.#socket) return;
      this.#socket = null;
      this.onclose(code, reason);
    });
  }
}

/** By what `data` does: a socket of another page gives instances of that page's classes. */
async function readBytes(data: unknown): Promise<Uint8Array | null> {
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (typeof data !== "object" || data === null) return null;
  if ("arrayBuffer" in data) return new Uint8Array(await (data as Blob).arrayBuffer());
  return "byteLength" in data ? new Uint8Array(data as ArrayBuffer) : null;
}

const GREETING = "trame-ws-channel-init";

/** The port that one of `senders`, pages of `origin`, sends for `portSocket`; from anybody else none is taken. */
export function receivePort(
  from: Window,
  origin: string,
  senders: readonly Window[],
): Promise<MessagePort> {
  return new Promise((resolve) => {
    const listen = ({ data, ports, origin: of, source }: MessageEvent) => {
      const [port] = ports;
      if (data !== GREETING || !port) return;
      if (of !== origin || !senders.includes(source as Window)) {
        console.warn("jupyter_trame: A connection that another page offers is not taken.");
        return;
      }
      from.removeEventListener("message", listen);
      resolve(port);
    };
    from.addEventListener("message", listen);
  });
}

/** A socket whose other end is at a message port: `{a: "s", b}` carries bytes, `{a: "c"}` and `{a: "e"}` end it. */
export function portSocket(port: MessagePort): EmbeddedSocket {
  const socket: EmbeddedSocket = {
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
    send: (data) => port.postMessage({ a: "s", b: data }),
    close: () => port.postMessage({ a: "c" }),
  };
  port.onmessage = ({
    data,
  }: MessageEvent<{ a?: string; b?: unknown; c?: unknown; e?: unknown }>) => {
    if (data.a === "s") socket.onmessage?.({ data: data.b });
    else if (data.a === "c") socket.onclose?.({ code: 1006, reason: String(data.c ?? "") });
    else if (data.a === "e") socket.onerror?.(data.e);
  };
  setTimeout(() => socket.onopen?.({}));
  return socket;
}
