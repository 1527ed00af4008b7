import { shallowReactive } from "vue";
import { ExtData } from "../protocol";

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
const LARGEST = 1 << 19;
/** How much longer than the quickest call a piece may take, in milliseconds: other messages wait behind it. */
const QUICK = 40;
const SLOW = 150;

/**
 * Sends files ahead of the values that they are part of. A large one goes in pieces, one after the other, each
 * answered before the next one leaves, so everything else goes on in between.
 */
export class Uploads {
  readonly list: Upload[] = shallowReactive([]);
  readonly #channel: UploadChannel;
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
      await this.#channel.call("jupyter_trame.upload.open", [id, file.size, file.name]);
      const size = new PieceSize(performance.now() - opened);
      while (upload.sent < file.size) {
        signal.throwIfAborted();
        const piece = await bytesOf(file.slice(upload.sent, upload.sent + size.value));
        signal.throwIfAborted();
        const left = performance.now();
        await this.#channel.call("jupyter_trame.upload.piece", [id, upload.sent, piece]);
        size.took(performance.now() - left);
        upload.sent += piece.length;
      }
      signal.throwIfAborted();
    } catch (error) {
      this.#channel.call("jupyter_trame.upload.cancel", [id]).catch(() => undefined);
      throw error;
    }
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

/** Large where the way is wide, small where others would wait for it. */
class PieceSize {
  value = FIRST_PIECE;
  #base: number;

  /** `base`: what a call without a piece took, in milliseconds. */
  constructor(base: number) {
    this.#base = base;
  }

  took(time: number): void {
    this.#base = Math.min(this.#base, time);
    if (time < this.#base + QUICK) this.value = Math.min(this.value * 2, LARGEST);
    else if (time > this.#base + SLOW) this.value = Math.max(this.value / 2, FIRST_PIECE);
  }
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
