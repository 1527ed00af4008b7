import {
  Decoder,
  decodeTimestampExtension,
  Encoder,
  EXT_TIMESTAMP,
  ExtData,
  type ExtensionCodecType,
  encodeDateToTimeSpec,
  encodeTimeSpecToTimestamp,
} from "@msgpack/msgpack";
import type { Packed } from "./chunking";
import { ProtocolError, SerializationError } from "./errors";
import { ARRAY_TYPE, NdArray, packArray, unpackArray } from "./ndarray";

/** A value of an extension type that has no class of its own. */
export { ExtData };

/** Thrown inside the encoder on meeting a value that has to be replaced first. */
class NeedsPlain extends Error {}

const codec: ExtensionCodecType<undefined> = {
  tryToEncode(object) {
    if (object instanceof NdArray) return new ExtData(ARRAY_TYPE, packArray(object));
    if (object instanceof Date)
      return new ExtData(EXT_TIMESTAMP, encodeTimeSpecToTimestamp(encodeDateToTimeSpec(object)));
    if (object instanceof ExtData) return object;
    if (typeof object === "bigint" || isBuffer(object)) throw new NeedsPlain();
    return null;
  },
  decode(data, type) {
    if (type === ARRAY_TYPE) return unpackArray(data);
    if (type === EXT_TIMESTAMP) return decodeTimestampExtension(data);
    return new ExtData(type, data);
  },
};

/** An encoder keeps the buffer of its largest message; above this size it is not worth keeping. */
const KEEP = 1 << 20;
let encoder: Encoder | null = null;
const decoder = new Decoder({
  extensionCodec: codec,
  // Members by which Vue knows its own objects: what comes from elsewhere is none, and would be drawn as one.
  mapKeyConverter(key) {
    if (typeof key === "string") return key.startsWith("__v_") ? `?${key}` : key;
    if (typeof key === "number") return key;
    throw new TypeError(`a key of a map is text or a number, not ${typeof key}`);
  },
});
const PROTOTYPE = Array.from("__proto__", (sign) => sign.charCodeAt(0));

/**
 * `value` as one msgpack document.
 *
 * `undefined` becomes nil, typed arrays, DataView and ArrayBuffer bin, Date a timestamp, NdArray a numpy array.
 * Throws SerializationError, which names `what`.
 */
export function pack(value: unknown, what = "a value"): Packed {
  try {
    return encode(value);
  } catch (error) {
    encoder = null;
    if (!(error instanceof NeedsPlain)) throw unpackable(what, error);
  }
  try {
    return encode(plain(value));
  } catch (error) {
    encoder = null;
    throw unpackable(what, error);
  }
}

/**
 * The value of one msgpack document; bytes are views on `bytes`. Throws ProtocolError.
 *
 * A `?` stands before or in the names of members that would make another object of a map: `__proto__`, `__v_...`.
 */
export function unpack(bytes: Uint8Array): unknown {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    const renamed = withoutPrototypes(bytes);
    if (renamed) return unpack(renamed);
    throw new ProtocolError(`not a msgpack document: ${reason(error)}`, 1007, { cause: error });
  }
}

/** A copy that the decoder takes, which refuses a whole message for one such name; null where there is none. */
function withoutPrototypes(bytes: Uint8Array): Uint8Array | null {
  const first = PROTOTYPE[0] as number;
  let copy: Uint8Array | null = null;
  for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at + 1)) {
    if (PROTOTYPE.some((byte, index) => bytes[at + index] !== byte)) continue;
    copy ??= bytes.slice();
    copy[at] = 0x3f;
  }
  return copy;
}

function encode(value: unknown): Packed {
  encoder ??= new Encoder({ extensionCodec: codec });
  const bytes = encoder.encode(value);
  if (bytes.length > KEEP) encoder = null;
  return bytes;
}

function isBuffer(value: unknown): value is ArrayBuffer {
  // By tag, since a buffer of another frame is no instance of this one's class.
  return Object.prototype.toString.call(value) === "[object ArrayBuffer]";
}

/** A copy in which every ArrayBuffer is a view, and every bigint a number. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new RangeError(`the bigint ${value} is too large`);
    return number;
  }
  if (typeof value !== "object" || value === null) return value;
  if (isBuffer(value)) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plain);
  if (ArrayBuffer.isView(value) || value instanceof NdArray || value instanceof Date) return value;
  if (value instanceof ExtData) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

function unpackable(what: string, error: unknown): SerializationError {
  return new SerializationError(`${what} cannot be sent: ${reason(error)}`, { cause: error });
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
