import type { Packed } from "./chunking";
import { BUSY_ERROR, LINK_ERROR, RpcError } from "./errors";
import type { SessionEvent } from "./events";

/** Bytes of calls that may wait for a connection: half of what a replica lets wait for its server. */
const WAITING_LIMIT = 4 << 20;
/** What a call takes beside its content, about. */
const CALL_SIZE = 512;

/** A call that has no answer yet. */
export interface Call {
  readonly id: string;
  readonly payload: Packed;
  /** Place among everything that leaves, writes included. */
  readonly order: number;
  /** How many messages of the session left before it. */
  index: number;
  /** Whether it is the session's own `trame.state.get`. */
  readonly own: boolean;
  /** Whether it left over any connection: then nobody can tell that it did not run. */
  sent: boolean;
}

/** The calls that have no answer yet, oldest first. `jupyter_trame/protocol/call_log.py` is the twin. */
export class CallLog {
  readonly #calls = new Map<string, Call>();

  [Symbol.iterator](): Iterator<Call> {
    return this.#calls.values();
  }

  add(call: Call): void {
    this.#calls.set(call.id, call);
  }

  /** The call is answered. */
  take(id: string): Call | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call;
  }

  /** Forgets all; gives those that are not the session's own. */
  clear(): Call[] {
    const calls = [...this.#calls.values()].filter(({ own }) => !own);
    this.#calls.clear();
    return calls;
  }

  /** Throws RpcError where a call of `size` bytes is too much to wait for a connection. */
  checkRoom(size: number): void {
    let waiting = size;
    for (const { sent, payload } of this) if (!sent) waiting += CALL_SIZE + payload.length;
    if (waiting <= WAITING_LIMIT) return;
    const message = "busy: too many calls wait for the connection; this one was not made";
    throw new RpcError({ code: BUSY_ERROR, message });
  }

  /**
   * Ends calls: all, or those that left. Each gives a reply event with `reason`, and, if it left, with the word that
   * it may have run.
   */
  fail(reason: string, which: "all" | "sent", code = LINK_ERROR): SessionEvent[] {
    return this.#end(
      reason,
      [...this].filter(({ own, sent }) => !own && (sent || which === "all")),
      code,
    );
  }

  /**
   * Another replica has the session: of what left before its first `got` messages were there, the answers of `known` calls
   * come, and no others.
   */
  failUnknown(got: number, known: ReadonlySet<string>): SessionEvent[] {
    const lost = [...this].filter(({ id, sent, index }) => sent && index < got && !known.has(id));
    return this.#end("the Jupyter server was restarted", lost, LINK_ERROR);
  }

  #end(reason: string, lost: readonly Call[], code: number): SessionEvent[] {
    for (const { id } of lost) this.#calls.delete(id);
    return lost.map(({ id, sent }) => {
      const error = { code, message: sent ? mayHaveRun(reason) : reason };
      return { type: "reply", id, result: null, error };
    });
  }
}

function mayHaveRun(reason: string): string {
  const ended = /[.!?…]$/.test(reason);
  return ended ? `${reason} The call may have run.` : `${reason}; the call may have run`;
}
