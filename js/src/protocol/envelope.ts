import type { Packed } from "./chunking";
import type { Loss } from "./decoder";
import { type ErrorMap, ProtocolError } from "./errors";
import { pack, read } from "./packing";

export const PING_ID = "system:p0:0";

/** What a server sends: a response or a publication. */
export interface Incoming {
  id: string;
  /** Of a publication; null for a response. */
  topic: string | null;
  result: unknown;
  error: ErrorMap | null;
  jt: unknown;
  /** What of the result could not be read; their paths begin in it. */
  losses: readonly Loss[];
}

export type Mapping = Record<string, unknown>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A request; throws SerializationError, which names `what`. */
export function packRequest(
  id: string,
  method: string,
  args: readonly unknown[] = [],
  kwargs: object = {},
  jt: unknown = undefined,
): Packed {
  const envelope: Mapping = { wslink: "1.0", id, method, args, kwargs };
  if (jt !== undefined) envelope.jt = jt;
  return pack(envelope, `the call of ${method}`);
}

/** Throws ProtocolError. */
export function readIncoming(payload: Uint8Array): Incoming {
  const { value: envelope, losses } = read(payload);
  if (!isMapping(envelope) || typeof envelope.id !== "string") {
    throw new ProtocolError("a message of a server is a map with an id", 1007);
  }
  const { id, result, error, jt } = envelope;
  const topic = id.startsWith("publish:") ? id.slice(8, id.lastIndexOf(":")) : null;
  const lost = losses
    .filter(({ path }) => path[0] === "result")
    .map(({ path, reason }) => ({ path: path.slice(1), reason }));
  return { id, topic, result, error: readError(error), jt, losses: lost };
}

function readError(error: unknown): ErrorMap | null {
  if (error === undefined || error === null) return null;
  if (!isMapping(error)) return { code: -32001, message: String(error) };
  return {
    code: Number(error.code ?? -32001),
    message: String(error.message ?? "no message"),
    ...(error.data === undefined ? {} : { data: error.data }),
  };
}
