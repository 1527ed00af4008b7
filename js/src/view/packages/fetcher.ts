import { type CommBuffers, type CommModel, carried } from "../../transports";
import { isBelow, ownHeaders } from "../../transports/own-request";
import { randomName } from "../../transports/random-name";
import { isGuarded } from "./guard";

/** A file of a package. */
export interface Asset {
  bytes: Uint8Array<ArrayBuffer>;
  /** Media type, without parameters. */
  type: string;
}

/** How files of an app are got. Paths are as the server names them: `prefix/file`, or whole addresses. */
export interface Fetcher {
  /** Where the browser finds the file by itself; null where it comes as a message. */
  address(path: string): string | null;
  /** Rejects with a sentence for the user. */
  fetch(path: string): Promise<Asset>;
  /** Whether scripts, fonts and the like that have an address must nevertheless be got by `fetch`. */
  guarded?(): Promise<boolean>;
}

const COMM_TIMEOUT = 30_000;
/** A scheme, or a host without one. */
const WHOLE = /^(?:[a-z][a-z\d+.-]*:|\/\/)/i;

/** Whether a path is a whole address, so that no folder of the app is meant. */
export function isWhole(path: string): boolean {
  return WHOLE.test(path);
}

/** Below the address of the app's page; cookies or `headers` authenticate. */
export class HttpFetcher implements Fetcher {
  readonly #base: URL;
  readonly #headers: Record<string, string>;
  #guarded: Promise<boolean> | undefined;

  constructor(base: URL, headers: Record<string, string> = {}) {
    this.#base = base;
    this.#headers = headers;
  }

  address(path: string): string {
    return new URL(path, this.#base).href;
  }

  async fetch(path: string): Promise<Asset> {
    const url = new URL(path, this.#base);
    const credentials: RequestInit = { headers: this.#headers, credentials: "include" };
    if (url.origin !== this.#base.origin) return request(url.href, {});
    if (!isBelow(url, this.#base)) return request(url.href, credentials);
    // Its own files are nowhere else: a redirect leads to a login, whose page would be taken for the file.
    const headers = { ...ownHeaders(url), ...this.#headers };
    return request(url.href, { ...credentials, headers, redirect: "manual" });
  }

  guarded(): Promise<boolean> {
    this.#guarded ??= isGuarded(this.#base);
    return this.#guarded;
  }
}

async function request(url: string, init: RequestInit): Promise<Asset> {
  const response = await fetch(url, init).catch(() => {
    throw new Error(`${url} cannot be reached`);
  });
  if (response.type === "opaqueredirect") throw new Error(`${url}: sign in again to go on`);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`.trim());
  const type = response.headers.get("Content-Type")?.split(";")[0]?.trim() ?? "";
  return { bytes: new Uint8Array(await response.arrayBuffer()), type };
}

interface Answer {
  jt?: string;
  view?: string;
  id?: number;
  status?: number;
  type?: string;
  /** A large file comes in several messages; this was not the last. */
  more?: boolean;
  /** The part of the file as base64. */
  text?: string[];
}

interface Waiter {
  path: string;
  parts: Uint8Array[];
  resolve(asset: Asset): void;
  reject(error: Error): void;
  timer: ReturnType<typeof setTimeout>;
}

/** Over the messages of a widget's model: the kernel sends each file once it is asked for. */
export class CommFetcher implements Fetcher {
  readonly #model: CommModel;
  readonly #buffers: CommBuffers;
  readonly #view = randomName();
  readonly #waiters = new Map<number, Waiter>();
  readonly #listener = (content: unknown, buffers: DataView[]) => this.#receive(content, buffers);
  #count = 0;

  constructor(model: CommModel, buffers: CommBuffers) {
    this.#model = model;
    this.#buffers = buffers;
    model.on("msg:custom", this.#listener);
  }

  address(path: string): string | null {
    return isWhole(path) ? path : null;
  }

  fetch(path: string): Promise<Asset> {
    if (isWhole(path)) return request(path, {});
    const id = this.#count++;
    return new Promise((resolve, reject) => {
      this.#waiters.set(id, { path, parts: [], resolve, reject, timer: this.#expect(id) });
      // Where nobody knows, bytes might end the connection that they are to come over.
      const as_text = this.#buffers.pass !== true || undefined;
      this.#model.send({ jt: "asset", view: this.#view, id, path, ...(as_text && { as_text }) });
    });
  }

  dispose(): void {
    this.#model.off("msg:custom", this.#listener);
    for (const { timer } of this.#waiters.values()) clearTimeout(timer);
    this.#waiters.clear();
  }

  #expect(id: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      const waiter = this.#take(id);
      waiter?.reject(new Error(`${waiter.path}: the kernel does not answer`));
    }, COMM_TIMEOUT);
  }

  #take(id: number): Waiter | undefined {
    const waiter = this.#waiters.get(id);
    clearTimeout(waiter?.timer);
    this.#waiters.delete(id);
    return waiter;
  }

  #receive(content: unknown, buffers: DataView[]): void {
    const { jt, view, id, status, type, more, text } = (content ?? {}) as Answer;
    if (jt !== "asset" || view !== this.#view || id === undefined) return;
    const waiter = this.#waiters.get(id);
    if (!waiter) return;
    const [part] = carried({ text }, buffers);
    if (status !== 200 || !part) {
      this.#take(id);
      waiter.reject(new Error(`${waiter.path}: ${status ?? "no content"}`));
      return;
    }
    waiter.parts.push(part);
    if (more) {
      clearTimeout(waiter.timer);
      waiter.timer = this.#expect(id);
      return;
    }
    this.#take(id);
    waiter.resolve({ bytes: join(waiter.parts), type: type ?? "" });
  }
}

/** A copy: the buffer of a message holds the other files of its turn too. */
function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}

export function assetText({ bytes }: Asset): string {
  return new TextDecoder().decode(bytes);
}
