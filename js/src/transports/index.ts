/** How frames reach the server, and the connection that is kept up over it. */
export { type CommModel, CommTransport } from "./comm";
export { CommBuffers, carried } from "./comm-buffers";
export {
  Connection,
  type ConnectionOptions,
  type ConnectionState,
  type ConnectionStatus,
  connectAny,
  type Ready,
  type ServerError,
} from "./connection";
export { type EmbeddedSocket, EmbeddedTransport, portSocket, receivePort } from "./embedded";
export { MemoryTransport } from "./memory";
export { Close, type Transport, type TransportFactory } from "./transport";
export type { Wake } from "./wake";
export { WebSocketTransport } from "./websocket";
