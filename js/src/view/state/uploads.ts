import { shallowReactive } from "vue";
import { BUSY_ERROR, ExtData, LINK_ERROR, RpcError } from "../../protocol";
import { UPLOAD_CANCEL, UPLOAD_OPEN, UPLOAD_PIECE } from "../../protocol/names";

/** A file on its way to the server, as templates see it: `trame.uploads`. */
export interface Upload {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  sent: number;
  /** Gives the file up: the state key keeps its old value, the call of the trigger is rejected. */
  cancel(): void;
}

/** What the server gets for a file: the content stays there, clients get the rest back. */
export interface FileValue {
  name: string;
  lastModified: number;
  size: number;
  type: string;
  /** The bytes, or what stands for the bytes that went ahead. */
  content: Uint8Array | ExtData | null;
  error: string | null;
  _filter: ["content"];
}

/** Nobody has to be told: the user wanted it. */
export class UploadCancelled extends Error {
  override readonly name = "AbortError";
}

/** The way to the server. */
export interface UploadChannel {
  call(method: string, args: unknown[]): Promise<unknown>;
  /** Whether the server takes files in pieces; known once it has answered for the first time. */
  takesPieces(): Promise<boolean>;
}

/** A smaller file is a part of its message. */
const WHOLE = 1 << 20;
const REFERENCE_TYPE = 85;
const FIRST_PIECE = 1 << 16;
const LARGEST_PIECE = 3 << 18;
/** Bytes of a view that are on their way at most: half of what a replica lets one client have waiting. */
const LARGEST_WINDOW = 1 << 22;
/** How much longer than the quickest call a piece may take, in milliseconds: other messages wait behind it. */
const QUICK = 15;
const SLOW = 50;
/** Milliseconds until the next try, where the server had no room for a piece. */
const BUSY_PAUSE = 200;

/**
 * Sends files ahead of the values that they are part of. A large one goes in pieces, of which few enough are on their
 * way at a time that everything else goes on in between.
 */
export class Uploads {
  readonly list: Upload[] = shallowReactive([]);
  readonly #channel: UploadChannel;
  readonly #line = new Line();
  #count = 0;

  constructor(channel: UploadChannel) {
    this.#channel = channel;
  }

  /** The value for a file. Rejects where it is cancelled or refused. */
  read = async (file: File): Promise<FileValue> => {
    if (file.size <= WHOLE) return readWhole(file);
    const reference = await this.#send(file);
    return reference ? fileValue(file, reference) : readWhole(file);
  };

  /** Gives up all. */
  dispose(): void {
    for (const upload of [...this.list]) upload.cancel();
  }

  /** What stands for the bytes; null where the server takes no pieces. */
  async #send(file: File): Promise<ExtData | null> {
    this.#count += 1;
    const id = `u${this.#count}`;
    const controller = new AbortController();
    const upload = shallowReactive<Upload>({
      name: file.name,
      size: file.size,
      sent: 0,
      cancel: () => {
        controller.abort(new UploadCancelled(`the upload of ${file.name} was cancelled`));
        this.#remove(upload);
      },
    });
    this.list.push(upload);
    try {
      if (!(await Promise.race([this.#channel.takesPieces(), aborted(controller.signal)])))
        return null;
      await this.#sendPieces(id, file, upload, controller.signal);
    } finally {
      this.#remove(upload);
    }
    return new ExtData(REFERENCE_TYPE, new TextEncoder().encode(id));
  }

  async #sendPieces(id: string, file: File, upload: Upload, signal: AbortSignal): Promise<void> {
    try {
      const opened = performance.now();
      await this.#channel.call(UPLOAD_OPEN, [id, file.size, file.name]);
      this.#line.quickest(performance.now() - opened);
      while (upload.sent < file.size) {
        const refused = await this.#sendRest(id, file, upload, signal);
        signal.throwIfAborted();
        if (refused === null) continue;
        if (!isBusy(refused)) throw refused;
        this.#line.shrink();
        await Promise.race([pause(BUSY_PAUSE), aborted(signal)]);
      }
      signal.throwIfAborted();
    } catch (error) {
      this.#channel.call(UPLOAD_CANCEL, [id]).catch(() => undefined);
      throw isLost(error)
        ? new Error(`${file.name} was not uploaded: the session ended before all of it was there`)
        : error;
    }
  }

  /**
   * Sends what is not there yet, several pieces at a time, and waits for all answers. The first error that one of them
   * got, or null: what was behind it was refused as well.
   */
  async #sendRest(id: string, file: File, upload: Upload, signal: AbortSignal): Promise<unknown> {
    const answers: Promise<void>[] = [];
    let refused: unknown = null;
    const send = async (offset: number, piece: Uint8Array) => {
      const left = performance.now();
      try {
        await this.#channel.call(UPLOAD_PIECE, [id, offset, piece]);
        if (upload.sent === offset) upload.sent += piece.length;
      } catch (error) {
        refused ??= error;
      } finally {
        this.#line.answered(left);
        this.#line.give(piece.length);
      }
    };
    for (let at = upload.sent; at < file.size; ) {
      const piece = await bytesOf(file.slice(at, at + this.#line.piece));
      await this.#line.take(piece.length);
      if (refused !== null || signal.aborted) {
        this.#line.give(piece.length);
        break;
      }
      answers.push(send(at, piece));
      at += piece.length;
    }
    await Promise.all(answers);
    return refused;
  }

  #remove(upload: Upload): void {
    const index = this.list.indexOf(upload);
    if (index >= 0) this.list.splice(index, 1);
  }
}

/** Rejects when the signal is aborted. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** What of a view's files is on its way: much where the line is wide, little where others would wait for it. */
class Line {
  #window = FIRST_PIECE;
  #flying = 0;
  #base = Number.POSITIVE_INFINITY;
  #changed = 0;
  #waiting: (() => void)[] = [];

  /** Bytes of the next piece. */
  get piece(): number {
    return Math.min(this.#window, LARGEST_PIECE);
  }

  /** What a call without a piece took, in milliseconds. */
  quickest(time: number): void {
    this.#base = Math.min(this.#base, time);
  }

  /** Resolves when there is room for `size` bytes more, which is taken then. */
  async take(size: number): Promise<void> {
    while (this.#flying > 0 && this.#flying + size > this.#window)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#flying += size;
  }

  /** The room is free again. */
  give(size: number): void {
    this.#flying -= size;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** The answer to what left at `left` is there. */
  answered(left: number): void {
    const time = performance.now() - left;
    this.#base = Math.min(this.#base, time);
    // What left before the last change says nothing of it.
    if (left >= this.#changed) {
      if (time < this.#base + QUICK) this.#resize(this.#window * 2);
      else if (time > this.#base + SLOW) this.shrink();
    }
  }

  /** It was too much. */
  shrink(): void {
    this.#resize(this.#window / 2);
  }

  #resize(size: number): void {
    const window = Math.max(FIRST_PIECE, Math.min(size, LARGEST_WINDOW));
    if (window !== this.#window) this.#changed = performance.now();
    this.#window = window;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof RpcError && error.code === BUSY_ERROR;
}

/** Whether it is the session that ended, of which a piece of a file says nothing that its user understands. */
function isLost(error: unknown): boolean {
  return error instanceof RpcError && error.code === LINK_ERROR;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The value for a file, all in one piece; one that the browser cannot read has an `error`. */
export async function readWhole(file: File): Promise<FileValue> {
  try {
    return fileValue(file, await bytesOf(file));
  } catch (error) {
    return { ...fileValue(file, null), error: String(error) };
  }
}

function fileValue(file: File, content: FileValue["content"]): FileValue {
  const { name, lastModified, size, type } = file;
  return { name, lastModified, size, type, content, error: null, _filter: ["content"] };
}

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer());
}
