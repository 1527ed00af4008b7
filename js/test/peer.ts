import { Assembler, type Packed, pack, split, unpack } from "../src/protocol";
import type { MemoryTransport } from "../src/transports";

export interface SentRequest {
  id: string;
  method: string;
  args: unknown[];
  kwargs: object;
  jt?: unknown;
}

/** Requests in `frames`, decoded. */
export function requests(frames: readonly Uint8Array[]): SentRequest[] {
  const assembler = new Assembler(1 << 30);
  return frames.flatMap((frame) => {
    const payload = assembler.feed(frame);
    return payload ? [unpack(payload) as SentRequest] : [];
  });
}

export function message(value: object): Packed {
  const [frame] = split(pack({ wslink: "1.0", ...value }), 1, 1 << 20);
  return frame as Packed;
}

export const reply = (id: string, result: unknown, jt?: unknown): Packed =>
  message({ id, result, ...(jt === undefined ? {} : { jt }) });

export const failed = (id: string, code: number, text: string): Packed =>
  message({ id, error: { code, message: text } });

export const publication = (topic: string, result: unknown, jt?: unknown): Packed =>
  message({ id: `publish:${topic}:0`, result, ...(jt === undefined ? {} : { jt }) });

export const statePush = (result: object, seq: number, epoch = "e1", n?: unknown): Packed =>
  publication("trame.state.topic", result, n === undefined ? [epoch, seq] : [epoch, seq, n]);

export const settled = (n: number, seq: number): Packed =>
  publication("jupyter_trame.settled", n, ["e1", seq]);

export const status = (state: string, text = ""): Packed =>
  publication("jupyter_trame.status", { state, message: text });

export const HELLO = "system:c0:0";

export function greeting(own: object = {}): Packed {
  const jt = {
    v: 1,
    epoch: "e1",
    resume: "token",
    resumed: false,
    received: 0,
    settled: 0,
    got: 0,
  };
  return reply(HELLO, { clientID: "c1", maxMsgSize: 1 << 20, jt: { ...jt, ...own } });
}

export const stockGreeting = (): Packed => reply(HELLO, { clientID: "c9", maxMsgSize: 1 << 20 });

/** Takes what was sent over a memory transport so far. */
export function taken(transport: MemoryTransport): SentRequest[] {
  return requests(transport.sent.splice(0));
}

/** Brings a session over `transport` up with `state`; it must have sent its hello. */
export function greet(transport: MemoryTransport, state: object = {}, own: object = {}): void {
  transport.deliver(greeting(own));
  const get = taken(transport).find(({ method }) => method === "trame.state.get");
  if (get) transport.deliver(reply(get.id, { name: "demo", state }, ["e1", 1]));
}
