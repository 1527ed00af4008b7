/** Frames of one client, over whatever carries them. One connection attempt each; never reopened. */
export interface Transport {
  readonly kind: "websocket" | "comm";
  /** Called once, not inside `open()`. */
  onopen: () => void;
  onframe: (frame: Uint8Array) => void;
  /** What is waited for, a sentence for the user: it did not open yet, and did not fail. */
  onwait?: (message: string) => void;
  /** Called once, whether it ever opened or not; never after an own `close()`. */
  onclose: (code: number, reason: string) => void;
  open(): void;
  /** Only while open. The frame must own its buffer and is not changed afterwards. */
  send(frame: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  /** The page may have slept, and with it its timers. */
  woke?(): void;
}

export type TransportFactory = () => Transport;

/** Close codes of our own, for connections that never opened. */
export const Close = {
  /** The server does not know who asks: cookies or tokens are missing or foreign. */
  denied: 4401,
  /** The server knows who asks, and they may not. */
  forbidden: 4403,
  /** There is no such app at this address, or nothing of ours. */
  missing: 4404,
} as const;

export const nothing = (): void => undefined;
