import { nothing, type Transport } from "./transport";

/** A transport whose other end is in the hands of the caller: for tests and demonstrations. */
export class MemoryTransport implements Transport {
  readonly kind: "websocket" | "comm";
  onopen = nothing;
  onframe: (frame: Uint8Array) => void = nothing;
  onclose: (code: number, reason: string) => void = nothing;
  /** What was sent and not taken yet. */
  readonly sent: Uint8Array<ArrayBuffer>[] = [];
  state: "new" | "opening" | "open" | "closed" = "new";
  /** Code and reason of an own `close()`. */
  closed: [code: number, reason: string] | null = null;
  /** Called with each frame sent. */
  onsend: (frame: Uint8Array) => void = nothing;

  constructor(kind: "websocket" | "comm" = "websocket") {
    this.kind = kind;
  }

  open(): void {
    this.state = "opening";
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.state !== "open") throw new Error(`a frame was sent while ${this.state}`);
    this.sent.push(frame);
    this.onsend(frame);
  }

  close(code = 1000, reason = ""): void {
    this.state = "closed";
    this.closed = [code, reason];
  }

  /** The other end accepts. */
  accept(): void {
    if (this.state !== "opening") return;
    this.state = "open";
    this.onopen();
  }

  /** A frame of the other end arrives. */
  deliver(frame: Uint8Array): void {
    if (this.state === "open") this.onframe(frame);
  }

  /** The other end or the network ends the connection, or refuses it. */
  drop(code = 1006, reason = ""): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.onclose(code, reason);
  }
}
