import { decodeTimestampExtension, EXT_TIMESTAMP, ExtData } from "@msgpack/msgpack";
import { ARRAY_TYPE, unpackArray } from "./ndarray";

/** A part of a document that could not be read. */
export interface Loss {
  /** Names and indexes that lead to it; of a map's key, to the map. */
  path: (string | number)[];
  reason: string;
}

/** A document, read as far as it goes. */
export interface Reading {
  value: unknown;
  /** What is missing in `value`: an unreadable member is undefined, one with an unreadable key is left out. */
  losses: readonly Loss[];
}

/** Every host of JavaScript has it; the types know it of browsers alone. */
declare const TextDecoder: new (
  label: string,
  options: { ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

const NONE: readonly Loss[] = [];
const UINT32 = 0x1_0000_0000;
/** Upper half of the first integer that a number cannot hold. */
const UNSAFE = 0x20_0000;
const SHORT_TEXT = 64;
const KEYS = 256;
const LONGEST_KEY = 32;

// A mark of byte order is part of a text like any other sign.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
/** Keys come again and again, in every item of a list. */
const keys: ({ bytes: Uint8Array; text: string } | undefined)[] = new Array(KEYS);

/**
 * The value of one msgpack document; bytes are views on `bytes`. A part that cannot be read is lost alone, and
 * named. Throws RangeError where it is not known any more where parts end.
 *
 * Integers beyond 2**53 are BigInt. A `?` stands before or in the names of members that would make another object
 * of a map: `__proto__`, and the marks `__v_...` by which Vue knows its own objects.
 */
export function decode(bytes: Uint8Array): Reading {
  const decoder = new Decoder(bytes);
  const value = decoder.value();
  if (decoder.at !== bytes.length) throw new RangeError("bytes are left over");
  return { value, losses: decoder.losses ?? NONE };
}

class Decoder {
  at = 0;
  losses: Loss[] | null = null;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  value(): unknown {
    const head = this.#uint(1);
    if (head < 0x80) return head;
    if (head < 0x90) return this.#map(head & 0x0f);
    if (head < 0xa0) return this.#array(head & 0x0f);
    if (head < 0xc0) return this.#text(head & 0x1f);
    if (head >= 0xe0) return head - 0x100;
    switch (head) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xca:
        return this.#view.getFloat32(this.#take(4));
      case 0xcb:
        return this.#view.getFloat64(this.#take(8));
      case 0xcf:
        return this.#long(false);
      case 0xd0:
        return this.#view.getInt8(this.#take(1));
      case 0xd1:
        return this.#view.getInt16(this.#take(2));
      case 0xd2:
        return this.#view.getInt32(this.#take(4));
      case 0xd3:
        return this.#long(true);
      case 0xdc:
      case 0xdd:
        return this.#array(this.#uint(head === 0xdc ? 2 : 4));
      case 0xde:
      case 0xdf:
        return this.#map(this.#uint(head === 0xde ? 2 : 4));
    }
    if (head >= 0xc4 && head <= 0xc6) return this.#slice(this.#uint(1 << (head - 0xc4)));
    if (head >= 0xc7 && head <= 0xc9) return this.#extension(this.#uint(1 << (head - 0xc7)));
    if (head >= 0xcc && head <= 0xce) return this.#uint(1 << (head - 0xcc));
    if (head >= 0xd4 && head <= 0xd8) return this.#extension(1 << (head - 0xd4));
    if (head >= 0xd9 && head <= 0xdb) return this.#text(this.#uint(1 << (head - 0xd9)));
    throw new RangeError(`the byte ${head} begins no value`);
  }

  #take(size: number): number {
    const start = this.at;
    if (start + size > this.#bytes.length) throw new RangeError("the document is cut off");
    this.at = start + size;
    return start;
  }

  #uint(size: number): number {
    const start = this.#take(size);
    if (size === 1) return this.#bytes[start] as number;
    return size === 2 ? this.#view.getUint16(start) : this.#view.getUint32(start);
  }

  #long(signed: boolean): number | bigint {
    const start = this.#take(8);
    const high = signed ? this.#view.getInt32(start) : this.#view.getUint32(start);
    if (high >= -UNSAFE && high < UNSAFE) {
      const number = high * UINT32 + this.#view.getUint32(start + 4);
      if (Number.isSafeInteger(number)) return number;
    }
    return signed ? this.#view.getBigInt64(start) : this.#view.getBigUint64(start);
  }

  #slice(size: number): Uint8Array {
    const start = this.#take(size);
    return this.#bytes.subarray(start, start + size);
  }

  #text(size: number): string {
    const start = this.#take(size);
    return this.#textAt(start, size);
  }

  #textAt(start: number, size: number): string {
    const bytes = this.#bytes;
    const end = start + size;
    if (size <= SHORT_TEXT) {
      let text = "";
      let at = start;
      for (; at < end; at++) {
        const byte = bytes[at] as number;
        if (byte > 0x7f) break;
        text += String.fromCharCode(byte);
      }
      if (at === end) return text;
    }
    return utf8.decode(bytes.subarray(start, end));
  }

  #array(size: number): unknown[] {
    const items: unknown[] = [];
    for (let index = 0; index < size; index++) {
      const before = this.losses?.length ?? 0;
      items.push(this.value());
      if (this.losses !== null && this.losses.length > before) this.#within(index, before);
    }
    return items;
  }

  #map(size: number): Record<string, unknown> {
    const members: Record<string, unknown> = {};
    for (let index = 0; index < size; index++) {
      const before = this.losses?.length ?? 0;
      const key = this.#key();
      const value = this.value();
      if (key === null) {
        this.losses?.splice(before);
        this.#lose("a map's key must be text or a number");
        continue;
      }
      members[key] = value;
      if (this.losses !== null && this.losses.length > before) this.#within(key, before);
    }
    return members;
  }

  /** Null for what is no key. */
  #key(): string | null {
    const head = this.#bytes[this.at] as number;
    if (head >= 0xa1 && head < 0xc0) {
      this.at++;
      return this.#knownKey(head & 0x1f);
    }
    const key = this.value();
    if (typeof key === "number" || typeof key === "bigint") return String(key);
    return typeof key === "string" ? harmless(key) : null;
  }

  #knownKey(size: number): string {
    const start = this.#take(size);
    if (size > LONGEST_KEY) return harmless(this.#textAt(start, size));
    const bytes = this.#bytes;
    const last = start + size - 1;
    const sum = (bytes[start] as number) * 7 + (bytes[last] as number) * 31 + size * 3;
    const slot = (sum + (bytes[start + (size >> 1)] as number)) & (KEYS - 1);
    const known = keys[slot];
    if (known !== undefined && known.bytes.length === size) {
      let at = 0;
      while (at < size && known.bytes[at] === bytes[start + at]) at++;
      if (at === size) return known.text;
    }
    const text = harmless(this.#textAt(start, size));
    keys[slot] = { bytes: bytes.slice(start, start + size), text };
    return text;
  }

  #extension(size: number): unknown {
    const type = this.#view.getInt8(this.#take(1));
    const data = this.#slice(size);
    try {
      if (type === ARRAY_TYPE) return unpackArray(data);
      if (type === EXT_TIMESTAMP) return decodeTimestampExtension(data);
    } catch (error) {
      return this.#lose(error instanceof Error ? error.message : String(error));
    }
    return new ExtData(type, data);
  }

  #lose(reason: string): undefined {
    this.losses ??= [];
    this.losses.push({ path: [], reason });
  }

  /** The losses from the one numbered `first` on lie within the member `step`. */
  #within(step: string | number, first: number): void {
    for (const { path } of this.losses?.slice(first) ?? []) path.unshift(step);
  }
}

function harmless(key: string): string {
  if (!key.startsWith("__")) return key;
  if (key === "__proto__") return "?_proto__";
  return key.startsWith("__v_") ? `?${key}` : key;
}
