import { Close } from "./transport";

/** What to do after a connection ended. */
export interface Verdict {
  state: "lost" | "refused" | "stopped";
  message: string;
  /** Whether to try again without being asked. */
  retry: boolean;
  /** What the next session does not take over: nothing, the resume token, or the unsettled writes too. */
  forget: "nothing" | "session" | "all";
}

const lost: Omit<Verdict, "message"> = { state: "lost", retry: true, forget: "nothing" };

/** Close codes are those of PROTOCOL.md, section 1, and `Close`. */
export function judge(code: number, reason: string): Verdict {
  switch (code) {
    case Close.denied:
      return { ...lost, state: "refused", message: "Sign in again to go on.", retry: false };
    case Close.forbidden:
      return {
        ...lost,
        state: "refused",
        message: "You may not run code in this kernel.",
        retry: false,
      };
    case Close.missing:
      return { ...lost, message: `The app is not running: ${reason}.` };
    case 1001:
      return { ...lost, state: "stopped", message: reason || "The server was stopped." };
    case 1002:
    case 1007:
    case 1009:
      // The server refuses what was sent, so sending it again would end the next connection too.
      return { ...lost, message: reason || `The connection broke (${code}).`, forget: "all" };
    case 1008:
      return { ...lost, state: "refused", message: reason || "Access denied.", retry: false };
    case 1013:
      return { ...lost, message: reason || "This page was too slow.", forget: "session" };
    default:
      return { ...lost, message: `The connection was lost${reason ? `: ${reason}` : ""}.` };
  }
}

const FIRST_DELAYS = [250, 500];
/** Tries up to which none waits longer than a second: a server that is restarted is back in less time. */
const OFTEN = 15;
const LONGEST_DELAY = 8000;
/** For how long a session is up on a connection that is no failure at all. */
const STABLE = 5000;

/**
 * Milliseconds between the end of a connection and the next try: 250, 500, then 1000 up to the 15th try, then doubled to
 * 8000; up to a fifth less by chance. After a connection on which the session was up they begin anew, or, where that was
 * for less than 5 s, go on with at most 1000. `jupyter_trame/client/backoff.py` has the same rule.
 */
export class Backoff {
  #failures = 0;
  #liveSince: number | null = null;

  live(now: number): void {
    this.#liveSince ??= now;
  }

  /** The connection ended; the time until the next attempt. */
  next(now: number): number {
    if (this.#liveSince !== null) {
      const stable = now - this.#liveSince >= STABLE;
      this.#failures = stable ? 0 : Math.min(this.#failures, FIRST_DELAYS.length);
    }
    this.#liveSince = null;
    const tried = this.#failures;
    this.#failures = Math.min(tried + 1, 2 * OFTEN);
    const delay =
      FIRST_DELAYS[tried] ?? Math.min(1000 * 2 ** Math.max(tried - OFTEN + 1, 0), LONGEST_DELAY);
    return delay * (1 - Math.random() / 5);
  }
}
