import {
  Encoder,
  EXT_TIMESTAMP,
  ExtData,
  type ExtensionCodecType,
  encodeDateToTimeSpec,
  encodeTimeSpecToTimestamp,
} from "@msgpack/msgpack";
import type { Packed } from "./chunking";
import { decode, type Reading } from "./decoder";
import { ProtocolError, SerializationError } from "./errors";
import { ARRAY_TYPE, NdArray, packArray } from "./ndarray";

/** A value of an extension type that has no class of its own. */
export { ExtData };

/** Thrown inside the encoder on meeting a value that has to be replaced first. */
class NeedsPlain extends Error {}

const codec: ExtensionCodecType<undefined> = {
  tryToEncode(object) {
    if (object instanceof NdArray) return new ExtData(ARRAY_TYPE, packArray(object));
    if (object instanceof Date) {
      if (Number.isNaN(object.getTime())) throw new NeedsPlain();
      return new ExtData(EXT_TIMESTAMP, encodeTimeSpecToTimestamp(encodeDateToTimeSpec(object)));
    }
    if (object instanceof ExtData) return object;
    if (typeof object === "bigint" || isBuffer(object)) throw new NeedsPlain();
    if (object instanceof Map || object instanceof Set) throw new NeedsPlain();
    return null;
  },
  decode: (data, type) => new ExtData(type, data),
};

/** An encoder keeps the buffer of its largest message; above this size it is not worth keeping. */
const KEEP = 1 << 20;
let encoder: Encoder | null = null;

/**
 * `value` as one msgpack document.
 *
 * `undefined` and a Date that is none become nil, typed arrays, DataView and ArrayBuffer bin, Date a timestamp, NdArray
 * a numpy array, BigInt an integer of 64 bit, Set an array and Map a map. Throws SerializationError, which names `what`.
 */
export function pack(value: unknown, what = "a value"): Packed {
  try {
    return encode(value);
  } catch (error) {
    encoder = null;
    if (!(error instanceof NeedsPlain)) throw unpackable(what, error);
  }
  try {
    return new Encoder({ extensionCodec: codec, useBigInt64: true }).encode(plain(value));
  } catch (error) {
    throw unpackable(what, error);
  }
}

/** The value of one msgpack document, see `decode`. Throws ProtocolError, also for one that is not read in full. */
export function unpack(bytes: Uint8Array): unknown {
  const { value, losses } = read(bytes);
  const [loss] = losses;
  if (loss) throw new ProtocolError(`not a msgpack document: ${loss.reason}`, 1007);
  return value;
}

/** One msgpack document as far as it can be read, see `decode`. Throws ProtocolError for what is none. */
export function read(bytes: Uint8Array): Reading {
  try {
    return decode(bytes);
  } catch (error) {
    throw new ProtocolError(`not a msgpack document: ${reason(error)}`, 1007, { cause: error });
  }
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

const SMALLEST = -(2n ** 63n);
const LARGEST = 2n ** 64n - 1n;

/** A copy of what an encoder takes. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") {
    if (value < SMALLEST || value > LARGEST)
      throw new RangeError(`the integer ${value} is beyond 64 bit: convert it with String()`);
    return value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (isBuffer(value)) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value;
  if (ArrayBuffer.isView(value) || value instanceof NdArray || value instanceof ExtData)
    return value;
  if (value instanceof Set) return Array.from(value, plain);
  if (value instanceof Map) return Object.fromEntries(Array.from(value, plainMember));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

function plainMember([key, member]: [unknown, unknown]): [string, unknown] {
  if (typeof key !== "string" && typeof key !== "number")
    throw new TypeError(`a key of a map is text or a number, not ${typeof key}: use String()`);
  return [String(key), plain(member)];
}

function unpackable(what: string, error: unknown): SerializationError {
  return new SerializationError(`${what} cannot be sent: ${reason(error)}`, { cause: error });
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
