import type { ErrorMap } from "./errors";

export type Changes = Record<string, unknown>;

/** The session is up: resumed, or started with the state that a snapshot event brought just before. */
export interface ReadyEvent {
  type: "ready";
  resumed: boolean;
  name: string;
}

/** Values of the server or of other clients; `snapshot`: these are all keys, except those with a pending write. */
export interface StateEvent {
  type: "state";
  changes: Changes;
  snapshot: boolean;
}

/** All own writes up to `number` are committed. */
export interface SettledEvent {
  type: "settled";
  number: number;
}

/** A publication that the session does not use itself. */
export interface PublishEvent {
  type: "publish";
  topic: string;
  data: unknown;
}

/** How the replica and the server get along. */
export interface StatusEvent {
  type: "status";
  state: "live" | "lost" | "restarted" | "stopped";
  message: string;
}

/** An exception in user code on the server, or in what it published. */
export interface ServerErrorEvent {
  type: "error";
  where: string;
  message: string;
  trace: string | null;
  /** Seconds since the epoch. */
  time: number;
  /** Nothing has failed: it looks like a mistake. */
  hint?: boolean;
}

/** The answer to a call; `error` tells of a failure. */
export interface ReplyEvent {
  type: "reply";
  id: string;
  result: unknown;
  error: ErrorMap | null;
}

/** The hello was refused. */
export interface RefusedEvent {
  type: "refused";
  error: ErrorMap;
}

/** Own writes of these keys were meant for a life of the server that is over; they are lost. */
export interface DroppedEvent {
  type: "dropped";
  keys: string[];
}

/** The answer to `ClientSession.ping`. */
export interface PongEvent {
  type: "pong";
}

export type SessionEvent =
  | PongEvent
  | ReadyEvent
  | StateEvent
  | SettledEvent
  | PublishEvent
  | StatusEvent
  | ServerErrorEvent
  | ReplyEvent
  | RefusedEvent
  | DroppedEvent;
