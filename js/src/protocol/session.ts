import { Assembler, type Packed } from "./chunking";
import { Departures } from "./departures";
import {
  type Incoming,
  isMapping,
  type Mapping,
  PING_ID,
  packRequest,
  readIncoming,
} from "./envelope";
import { LINK_ERROR, OUTDATED_ERROR, ProtocolError } from "./errors";
import type { Changes, SessionEvent } from "./events";
import {
  ERROR_TOPIC,
  HELLO,
  HELLO_ID,
  LEAVE,
  LEAVE_ID,
  SETTLED_TOPIC,
  STATE_TOPIC,
  STATUS_TOPIC,
} from "./names";
import {
  loseValues,
  lostPublication,
  lostResult,
  type OwnGreeting,
  readError,
  readGreeting,
  readMark,
  readSnapshot,
  readStatus,
} from "./reading";

export interface SessionOptions {
  /** Where jupyter-server authorised the connection it is not looked at. */
  secret?: string;
  /** Bytes of the largest message taken from the server, and of all incomplete ones. Default 1 GiB. */
  maxMessageSize?: number;
  /**
   * The life of the server whose snapshot is shown before the first hello: writes and calls of that time are meant for
   * it. Without one they are meant for whatever answers.
   */
  snapshotEpoch?: string | undefined;
  /** Writes that may be on their way; more are merged and wait for a settlement. Default 1000. */
  maxUnsettled?: number;
  /** The version of jupyter_trame here, which the server is told. */
  package?: string;
}

/** Versions of jupyter_trame at each end of a session; empty where they are not known. */
export interface Packages {
  page: string;
  host: string;
  server: string;
}

const OTHER_LIFE = "the server was started again; the call was not made";

/**
 * One client of a replica or of a stock trame server, sans-IO: frames in, events out.
 *
 * It shows its own writes at once. Until a write is settled, values of its key that come in are
 * dropped; the replica sends what is missing with or after the settlement. A stock server knows no numbers:
 * there the answer to an update settles it, and every reconnect starts a session of its own.
 * `jupyter_trame/protocol/client_session.py` is the twin.
 */
export class ClientSession {
  readonly #secret: string;
  readonly #maxMessageSize: number;
  readonly #snapshotEpoch: string | null;
  readonly #departures: Departures;
  #assembler: Assembler;
  #epoch: string | null = null;
  #seq = 0;
  /** Hellos of the present connection that are not answered. */
  #hellos = 0;
  #resume: string | null = null;
  #name = "";
  #packages: Packages;
  /** Messages of this session received, without answers to hellos. */
  #got = 0;
  /** Number of the newest message of the server. */
  #heard = 0;

  constructor(options: SessionOptions = {}) {
    this.#secret = options.secret ?? "";
    this.#maxMessageSize = options.maxMessageSize ?? 2 ** 30;
    this.#snapshotEpoch = options.snapshotEpoch ?? null;
    this.#packages = { page: options.package ?? "", host: "", server: "" };
    this.#departures = new Departures(options.maxUnsettled ?? 1000);
    this.#assembler = new Assembler(this.#maxMessageSize);
  }

  /** Null until a first hello is answered. */
  get clientId(): string | null {
    return this.#departures.clientId;
  }

  /** Names the life of the server; null with a stock server. */
  get epoch(): string | null {
    return this.#epoch;
  }

  /** The newest commit of which nothing is missing here. */
  get seq(): number {
    return this.#seq;
  }

  get name(): string {
    return this.#name;
  }

  get packages(): Packages {
    return this.#packages;
  }

  /** Whether hello is answered on the present connection. */
  get live(): boolean {
    return this.#departures.live;
  }

  /** Keys with an unsettled write of this client, and the number of the newest. */
  get pending(): ReadonlyMap<string, number> {
    return this.#departures.writes.pending;
  }

  /** A connection is there; gives the frames of the hello. */
  connected(): Packed[] {
    this.#assembler = new Assembler(this.#maxMessageSize);
    this.#departures.drop();
    this.#hellos = 0;
    this.#hello();
    return this.takeOutput();
  }

  /** The connection is gone; writes and calls wait for the next one. */
  disconnected(): void {
    this.#departures.live = false;
    this.#departures.drop();
  }

  /** Frames that `receive` made, in order, each once. */
  takeOutput(): Packed[] {
    return this.#departures.take();
  }

  /**
   * Writes keys; gives the frames to send now, none while there is no connection.
   * Throws SerializationError, and nothing is changed then.
   */
  write(changes: Changes): Packed[] {
    if (Object.keys(changes).length === 0) return [];
    this.#departures.write(changes);
    return this.takeOutput();
  }

  /**
   * Calls a method; a reply event will carry the id. Without a connection it waits for the next one.
   * Throws SerializationError, and RpcError when too much waits.
   */
  call(
    method: string,
    args: readonly unknown[] = [],
    kwargs: object = {},
  ): { id: string; frames: Packed[] } {
    const id = this.#departures.call(method, args, kwargs);
    return { id, frames: this.takeOutput() };
  }

  /** Frames that every server answers at once, also in the middle of a session: `receive` gives a pong. */
  ping(): Packed[] {
    return this.#departures.frames(packRequest(PING_ID, "wslink.ping"));
  }

  /**
   * Frames that end the session, behind all that was sent: nobody will resume it. None for a stock server, where a
   * client ends with its connection.
   */
  leave(): Packed[] {
    this.forget(false);
    const { stock } = this.#departures;
    return stock ? [] : this.#departures.frames(packRequest(LEAVE_ID, LEAVE));
  }

  /** Ends calls that have no answer, with `reason`: all, or those that left. */
  failCalls(reason: string, which: "all" | "sent" = "all"): SessionEvent[] {
    return this.#departures.calls.fail(reason, which);
  }

  /** The next hello starts a new session. `writes`: false drops the unsettled ones too. */
  forget(writes: boolean): void {
    this.#resume = null;
    if (!writes) this.#departures.writes.restart();
  }

  /** What a frame of the server tells. Throws ProtocolError: close with its code. */
  receive(frame: Uint8Array): SessionEvent[] {
    const payload = this.#assembler.feed(frame);
    if (payload === null) return [];
    const message = readIncoming(payload);
    if (message.id === HELLO_ID) return this.#greeted(message);
    if (message.id === PING_ID) return [{ type: "pong" }];
    if (message.id.startsWith("system:")) return [];
    this.#got += 1;
    if (typeof message.jt === "number") this.#heard = Math.max(this.#heard, message.jt);
    if (message.topic === null) return this.#replied(message);
    return this.#published(message.topic, message);
  }

  #hello(): void {
    this.#departures.live = false;
    this.#hellos += 1;
    const { page } = this.#packages;
    const jt: Mapping = { v: 1, ...(page ? { package: page } : {}) };
    if (this.#resume !== null) {
      Object.assign(jt, {
        resume: this.#resume,
        epoch: this.#epoch,
        seq: this.#seq,
        got: this.#got,
        heard: this.#heard,
      });
    }
    const greeting = { secret: this.#secret, jt };
    this.#departures.post(packRequest(HELLO_ID, HELLO, [greeting]));
  }

  #greeted(message: Incoming): SessionEvent[] {
    this.#hellos -= 1;
    if (message.error) return [{ type: "refused", error: message.error }];
    // The next one, on its way already, starts another session.
    if (this.#hellos > 0) return [];
    const greeting = readGreeting(message.result);
    this.#departures.clientId = greeting.clientId;
    this.#departures.frameLimit = greeting.maxMsgSize;
    this.#departures.stock = greeting.own === null;
    this.#resume = greeting.own?.resume ?? null;
    const [host, server] = greeting.own?.packages ?? ["", ""];
    this.#packages = { ...this.#packages, host, server };
    if (greeting.own?.resumed) return this.#resumed(greeting.own);
    return this.#started(greeting.own?.epoch ?? null);
  }

  #resumed(own: OwnGreeting): SessionEvent[] {
    const events = this.#settle(own.settled);
    const { calls } = this.#departures;
    if (own.calls) events.push(...calls.failUnknown(own.got, new Set(own.calls)));
    this.#departures.resume(own.received, own.got);
    return [...events, { type: "ready", resumed: true, name: this.#name }];
  }

  /**
   * A new session: all values come again. Calls that left before may have run, nobody can tell; what has not left does
   * now, in its order, unless it was meant for another life of the server.
   */
  #started(epoch: string | null): SessionEvent[] {
    const { calls } = this.#departures;
    const known = this.#epoch ?? this.#snapshotEpoch;
    const same = known === null || known === epoch;
    const lost = calls.fail("the connection and its session were lost", "sent");
    if (!same) {
      const code = this.#epoch === null ? OUTDATED_ERROR : LINK_ERROR;
      lost.push(...calls.fail(OTHER_LIFE, "all", code));
    }
    const written = [...this.pending.keys()];
    if (!same && written.length > 0) lost.push({ type: "dropped", keys: written });
    this.#epoch = epoch;
    this.#seq = this.#got = this.#heard = 0;
    this.#departures.restart(same);
    return lost;
  }

  #published(topic: string, message: Incoming): SessionEvent[] {
    if (message.error) return [readError(message.error.data, topic, message.error.message)];
    if (topic === STATE_TOPIC) {
      const lost = isMapping(message.result) ? loseValues(message.result, message.losses) : [];
      const settlement = this.#note(message.jt);
      const events = settlement === null ? [] : this.#settle(settlement);
      const changes = this.#admit(message.result);
      if (Object.keys(changes).length > 0) events.push({ type: "state", changes, snapshot: false });
      return [...events, ...lost];
    }
    if (topic === SETTLED_TOPIC) {
      this.#note(message.jt);
      return this.#settle(Number(message.result));
    }
    if (topic === STATUS_TOPIC) return this.#status(message.result);
    if (topic === ERROR_TOPIC) return [readError(message.result)];
    if (message.losses.length > 0) return [lostPublication(topic, message.losses)];
    return [{ type: "publish", topic, data: message.result }];
  }

  #status(result: unknown): SessionEvent[] {
    const status = readStatus(result);
    if (status.state === "live") return [status];
    if (status.state !== "restarted") {
      const reason = status.message || "the server went away";
      return [status, ...this.failCalls(reason, "sent")];
    }
    this.#resume = null;
    this.#hello();
    return [status];
  }

  #replied(message: Incoming): SessionEvent[] {
    const { id, result, error, losses } = message;
    const call = this.#departures.calls.take(id);
    if (!call) return this.#departures.stock ? this.#answered(id) : [];
    if (!call.own) {
      if (losses.length > 0)
        return [{ type: "reply", id, result: null, error: lostResult(losses) }];
      return [{ type: "reply", id, result, error }];
    }
    if (error) throw new ProtocolError(`the state was refused: ${error.message}`, 1007);
    const { name, state } = readSnapshot(result);
    // Of the snapshot: what lies elsewhere was never a value.
    const inState = losses.filter(({ path }) => path[0] === "state");
    const lost = loseValues(
      state,
      inState.map(({ path, reason }) => ({ path: path.slice(1), reason })),
    );
    this.#note(message.jt);
    this.#name = name;
    return [
      { type: "state", changes: this.#admit(state), snapshot: true },
      { type: "ready", resumed: false, name },
      ...lost,
    ];
  }

  /** A stock server answered an update. */
  #answered(id: string): SessionEvent[] {
    const number = this.#departures.settleAnswered(id);
    return number === null ? [] : [{ type: "settled", number }];
  }

  #admit(values: unknown): Changes {
    if (!isMapping(values)) throw new ProtocolError("a state is a map", 1007);
    if (this.pending.size === 0) return values;
    return Object.fromEntries(Object.entries(values).filter(([key]) => !this.pending.has(key)));
  }

  /** Takes the mark of a message; gives the number up to which it settles own writes. */
  #note(jt: unknown): number | null {
    const mark = readMark(jt);
    if (!mark || mark.epoch !== this.#epoch) return null;
    this.#seq = Math.max(this.#seq, mark.seq);
    return mark.settled;
  }

  #settle(number: number): SessionEvent[] {
    return this.#departures.settle(number) ? [{ type: "settled", number }] : [];
  }
}
