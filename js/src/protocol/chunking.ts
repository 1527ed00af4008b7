import { ProtocolError } from "./errors";

export type Packed = Uint8Array<ArrayBuffer>;

/** Bytes of a chunk's header: message id, offset of the slice, total size; little-endian `uint32` each. */
export const HEADER_SIZE = 12;

/** Frames of at most `limit` bytes that carry `payload`. Each owns its buffer. An empty payload gives none. */
export function split(payload: Uint8Array, messageId: number, limit: number): Packed[] {
  const step = Math.max(limit - HEADER_SIZE, 1);
  const frames: Packed[] = [];
  for (let offset = 0; offset < payload.length; offset += step) {
    const slice = payload.subarray(offset, offset + step);
    const frame = new Uint8Array(HEADER_SIZE + slice.length);
    const header = new DataView(frame.buffer);
    header.setUint32(0, messageId, true);
    header.setUint32(4, offset, true);
    header.setUint32(8, payload.length, true);
    frame.set(slice, HEADER_SIZE);
    frames.push(frame);
  }
  return frames;
}

/** As many as a server takes of a client. */
const MAX_PARTIAL = 1024;

/** A message of which chunks have come. */
class Partial {
  readonly buffer: Uint8Array;
  #missing: number;
  /** Begin and end of what is there, sorted; neighbours are one. */
  readonly #runs: [start: number, end: number][] = [];

  constructor(total: number) {
    this.buffer = new Uint8Array(total);
    this.#missing = total;
  }

  /** Whether the message is complete with `slice`. Throws ProtocolError for bytes that came before. */
  add(slice: Uint8Array, start: number): boolean {
    const end = start + slice.length;
    const runs = this.#runs;
    // Nearly always behind the last one.
    let at = runs.length;
    while (at > 0 && (runs[at - 1]?.[0] ?? 0) >= start) at--;
    const before = runs[at - 1];
    const after = runs[at];
    if ((before && before[1] > start) || (after && after[0] < end)) {
      throw new ProtocolError(`bytes ${start} to ${end} of a message came twice`, 1002);
    }
    this.buffer.set(slice, start);
    this.#missing -= slice.length;
    const first = before?.[1] === start ? before[0] : start;
    const last = after?.[0] === end ? after[1] : end;
    const from = first === start ? at : at - 1;
    runs.splice(from, (last === end ? at : at + 1) - from, [first, last]);
    return this.#missing === 0;
  }
}

/** Joins the chunks of one connection; they may come in any order and messages may interleave. */
export class Assembler {
  readonly #limit: number;
  readonly #partial = new Map<number, Partial>();
  #pending = 0;

  readonly #messages: number;

  /** `limit` bounds the bytes of each message, and of all incomplete ones together; `messages` how many these are. */
  constructor(limit: number, messages = MAX_PARTIAL) {
    this.#limit = limit;
    this.#messages = messages;
  }

  /** The payload that `frame` completes; a view on `frame` for a message of one chunk. Throws ProtocolError. */
  feed(frame: Uint8Array): Uint8Array | null {
    const size = frame.length - HEADER_SIZE;
    if (size < 0) throw new ProtocolError(`a frame of ${frame.length} bytes has no header`, 1002);
    const header = new DataView(frame.buffer, frame.byteOffset, HEADER_SIZE);
    const id = header.getUint32(0, true);
    const offset = header.getUint32(4, true);
    const total = header.getUint32(8, true);
    if (total > this.#limit) {
      throw new ProtocolError(`a message of ${total} bytes is over the limit ${this.#limit}`, 1009);
    }
    const slice = frame.subarray(HEADER_SIZE);
    if (size === total && offset === 0 && !this.#partial.has(id)) return slice;
    if (size === 0) throw new ProtocolError("a chunk carries no byte of its message", 1002);
    if (offset + size > total) {
      throw new ProtocolError(`a chunk ends at ${offset + size} of ${total} bytes`, 1002);
    }
    return this.#join(id, slice, offset, total);
  }

  #join(id: number, slice: Uint8Array, offset: number, total: number): Uint8Array | null {
    const partial = this.#partial.get(id) ?? this.#start(id, total);
    if (partial.buffer.length !== total) {
      throw new ProtocolError(
        `a message of ${partial.buffer.length} bytes became one of ${total}`,
        1002,
      );
    }
    if (!partial.add(slice, offset)) return null;
    this.#partial.delete(id);
    this.#pending -= total;
    return partial.buffer;
  }

  #start(id: number, total: number): Partial {
    if (this.#pending + total > this.#limit) {
      throw new ProtocolError(`incomplete messages are over the limit ${this.#limit}`, 1009);
    }
    if (this.#partial.size >= this.#messages) {
      throw new ProtocolError(`more than ${this.#messages} messages are incomplete at once`, 1002);
    }
    const partial = new Partial(total);
    this.#partial.set(id, partial);
    this.#pending += total;
    return partial;
  }
}
