import { type Call, CallLog } from "./call-log";
import { type Packed, split } from "./chunking";
import { packRequest } from "./envelope";
import type { Changes } from "./events";
import { STATE_GET, STATE_UPDATE } from "./names";
import { type Write, WriteLog } from "./write-log";

/** Size of a chunk until a hello tells the server's. */
const FIRST_FRAME_LIMIT = 524_288;

/**
 * What a client sends over all its connections: writes and calls in one order, counted so that a session can be resumed.
 * `jupyter_trame/protocol/departures.py` is the twin.
 */
export class Departures {
  readonly writes = new WriteLog();
  readonly calls = new CallLog();
  /** What the ids of requests say; null until a first hello is answered. */
  clientId: string | null = null;
  /** Whether what is written and called leaves at once. */
  live = false;
  /** Whether the server is one of trame's own, which knows no numbers. */
  stock = false;
  frameLimit = FIRST_FRAME_LIMIT;
  readonly #maxUnsettled: number;
  #output: Packed[] = [];
  /** Messages of the session, without hellos. */
  #sent = 0;
  /** Of the newest write or call. */
  #order = 0;
  #nextId = 0;
  #messageId = Math.floor(Math.random() * 0x1_0000_0000);

  /** `maxUnsettled`: writes that may be on their way; more are merged and wait for a settlement. */
  constructor(maxUnsettled: number) {
    this.#maxUnsettled = maxUnsettled;
  }

  /** The frames of a message. */
  frames(payload: Packed): Packed[] {
    this.#messageId = (this.#messageId + 1) >>> 0;
    return split(payload, this.#messageId, this.frameLimit);
  }

  /** Sends what no session counts. */
  post(payload: Packed): void {
    this.#output.push(...this.frames(payload));
  }

  /** Frames to send, in order, each once. */
  take(): Packed[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }

  /** The connection is gone, and with it what was on its way. */
  drop(): void {
    this.#output = [];
  }

  /** See `ClientSession.write`. */
  write(changes: Changes): void {
    const { waiting } = this.writes;
    const merged = waiting?.order === this.#order ? waiting : null;
    const write = this.#packWrite(
      merged ? { ...merged.changes, ...changes } : { ...changes },
      merged?.number ?? this.writes.next,
      merged?.order ?? this.#order + 1,
    );
    this.#order = write.order;
    this.writes.add(write);
    this.#pump();
  }

  /** See `ClientSession.call`; gives the id. */
  call(method: string, args: readonly unknown[], kwargs: object): string {
    const id = this.#newId();
    const payload = packRequest(id, method, args, kwargs);
    // A held back write was made before the call, so it leaves before it.
    if (this.live) for (const write of this.writes.unsent()) this.#sendWrite(write);
    else this.calls.checkRoom(payload.length);
    this.#addCall(id, payload, false);
    return id;
  }

  /** The writes up to `number` are settled; whether there were any. */
  settle(number: number): boolean {
    if (!this.writes.settle(number)) return false;
    this.#pump();
    return true;
  }

  /** A stock server answered the request `id`; the number of the write that this settles. */
  settleAnswered(id: string): number | null {
    const number = this.writes.find(id);
    if (number === null) return null;
    this.writes.settleOne(number);
    this.#pump();
    return number;
  }

  /** The session goes on: what comes after write `received`, or after the first `got` messages, leaves again. */
  resume(received: number, got: number): void {
    const again = [
      ...this.writes.after(received),
      ...[...this.calls].filter((call) => call.index >= got),
    ].sort((a, b) => a.order - b.order);
    this.live = true;
    this.#output = [];
    this.#sent = got;
    for (const item of again) {
      if ("payload" in item) this.#sendCall(item);
      else this.#sendWrite(item);
    }
  }

  /** A new session asks for the state; calls that have not left follow, with the unsettled writes if `again`. */
  restart(again: boolean): void {
    const unsettled = this.writes.restart();
    const waiting = [...(again ? unsettled : []), ...this.calls.clear()];
    this.#sent = 0;
    this.live = true;
    const id = this.#newId();
    this.#addCall(id, packRequest(id, STATE_GET), true);
    this.#sendAgain(waiting.sort((a, b) => a.order - b.order));
  }

  /** In a new session: writes that no call comes between become one. */
  #sendAgain(waiting: readonly (Write | Call)[]): void {
    let changes: Changes = {};
    const write = () => {
      if (Object.keys(changes).length === 0) return;
      const written = this.#packWrite(changes, this.writes.next, ++this.#order);
      this.writes.add(written);
      this.#sendWrite(written);
      changes = {};
    };
    for (const item of waiting) {
      if ("changes" in item) Object.assign(changes, item.changes);
      else {
        write();
        this.#addCall(item.id, item.payload, false);
      }
    }
    write();
  }

  /** Sends the write that waits, as far as the server may lag behind. */
  #pump(): void {
    const waiting = this.live ? this.writes.waiting : null;
    if (waiting && this.writes.size <= this.#maxUnsettled) this.#sendWrite(waiting);
  }

  #packWrite(changes: Changes, number: number, order: number): Write {
    const id = this.#newId();
    const entries = Object.entries(changes).map(([key, value]) => ({ key, value }));
    const jt = this.stock ? undefined : number;
    const frames = this.frames(packRequest(id, STATE_UPDATE, [entries], {}, jt));
    return { number, id, changes, frames, order, sent: false };
  }

  #newId(): string {
    return `rpc:${this.clientId ?? "c0"}:${this.#nextId++}`;
  }

  #send(frames: Packed[]): void {
    this.#sent += 1;
    this.#output.push(...frames);
  }

  #sendWrite(write: Write): void {
    write.sent = true;
    this.#send(write.frames);
  }

  #addCall(id: string, payload: Packed, own: boolean): void {
    const call = { id, payload, order: ++this.#order, index: this.#sent, own, sent: false };
    this.calls.add(call);
    if (this.live) this.#sendCall(call);
  }

  #sendCall(call: Call): void {
    call.index = this.#sent;
    call.sent = true;
    this.#send(this.frames(call.payload));
  }
}
