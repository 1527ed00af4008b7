import { ownHeaders } from "./own-request";
import { Close, nothing, type Transport } from "./transport";

/** What the extension answers when it cannot ask a kernel: a line with the reason. */
const OURS = /^503: (.{1,1000})$/;

/** A failed upgrade shows no status, so the same address is asked for once over HTTP: it knows the reason. */
async function diagnose(url: string): Promise<[code: number, reason: string]> {
  try {
    const address = new URL(url);
    address.protocol = address.protocol.replace("ws", "http");
    const answer = await ask("GET", address);
    const { status, type } = answer;
    if (status === 403 && (await isKnown(address))) {
      return [Close.forbidden, "you may not run code in this kernel"];
    }
    if (isLogin(type, status) || status === 403) return [Close.denied, "you are not signed in"];
    if (status === 404) return [Close.missing, "there is no such app, or its kernel is gone"];
    const reason = status === 503 ? OURS.exec(await answer.text())?.[1] : undefined;
    if (reason) return [1006, reason];
    return [1006, `the server refused the connection (HTTP ${status})`];
  } catch {
    return [1006, "the server does not answer"];
  }
}

/** A socket is refused with 403 whoever asks; its page sends a stranger to the login. */
async function isKnown(socket: URL): Promise<boolean> {
  const page = new URL("index.html", socket);
  page.search = socket.search;
  const { status, type } = await ask("HEAD", page);
  return !isLogin(type, status);
}

function ask(method: string, address: URL): Promise<Response> {
  const headers = ownHeaders(address);
  return fetch(address, { method, headers, credentials: "include", redirect: "manual" });
}

function isLogin(type: ResponseType, status: number): boolean {
  return type === "opaqueredirect" || status === 401;
}

/** A browser websocket; cookies authenticate it, or a `token` in the query where they are not sent. */
export class WebSocketTransport implements Transport {
  readonly kind = "websocket";
  readonly url: string;
  onopen = nothing;
  onframe: (frame: Uint8Array) => void = nothing;
  onclose: (code: number, reason: string) => void = nothing;
  #socket: WebSocket | null = null;
  #closed = false;

  constructor(url: string) {
    this.url = url;
  }

  open(): void {
    const socket = new WebSocket(this.url);
    let opened = false;
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      opened = true;
      if (!this.#closed) this.onopen();
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!this.#closed && data instanceof ArrayBuffer) this.onframe(new Uint8Array(data));
    };
    socket.onclose = ({ code, reason }) => {
      if (opened || this.#closed) this.#ended(code, reason);
      else void diagnose(this.url).then((why) => this.#ended(...why));
    };
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    // To a socket that is closing a browser sends nothing, and says so in the console; the session sends it again.
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  close(code = 1000, reason = ""): void {
    this.#closed = true;
    // Browsers let a page close with 1000 and 3000 to 4999 only.
    this.#socket?.close(code === 1000 || code >= 3000 ? code : 4000, reason.slice(0, 40));
  }

  #ended(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onclose(code, reason);
  }
}
