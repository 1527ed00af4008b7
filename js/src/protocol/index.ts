/** The wire, without a DOM: PROTOCOL.md, section 1, as a browser's side of it. */
export { Assembler, HEADER_SIZE, type Packed, split } from "./chunking";
export { type Incoming, packRequest, readIncoming } from "./envelope";
export {
  BUSY_ERROR,
  type ErrorMap,
  LINK_ERROR,
  OUTDATED_ERROR,
  ProtocolError,
  RpcError,
  SerializationError,
} from "./errors";
export type {
  Changes,
  PublishEvent,
  ReadyEvent,
  RefusedEvent,
  ReplyEvent,
  ServerErrorEvent,
  SessionEvent,
  SettledEvent,
  StateEvent,
  StatusEvent,
} from "./events";
export { ARRAY_TYPE, type ArrayData, NdArray } from "./ndarray";
export { ExtData, pack, unpack } from "./packing";
export { ClientSession, type Packages, type SessionOptions } from "./session";
