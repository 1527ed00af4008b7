import type { Connection } from "../../transports";

export type { ConnectionState, ConnectionStatus, Ready, ServerError } from "../../transports";

/** What the view needs of a connection; tests have one in memory. */
export type ViewConnection = Pick<
  Connection,
  | "state"
  | "message"
  | "packages"
  | "passedOver"
  | "ping"
  | "kind"
  | "epoch"
  | "pending"
  | "waiting"
  | "retry"
  | "close"
  | "write"
  | "call"
  | "onReady"
  | "onState"
  | "onStatus"
  | "onPublish"
  | "onError"
  | "onSettled"
  | "onWaiting"
>;
