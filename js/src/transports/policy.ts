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

const FIRST_DELAY = 250;
const LONGEST_DELAY = 8000;
/** A connection that lived shorter than this counts as a failed attempt. */
const STABLE = 5000;

/** Times between attempts, in milliseconds: doubled from 250 to 8000, up to a fifth less by chance. */
export class Backoff {
  #failures = 0;
  #liveSince: number | null = null;

  live(now: number): void {
    this.#liveSince = now;
  }

  /** The connection ended; the time until the next attempt. */
  next(now: number): number {
    if (this.#liveSince !== null && now - this.#liveSince >= STABLE) this.#failures = 0;
    this.#liveSince = null;
    const delay = Math.min(FIRST_DELAY * 2 ** this.#failures, LONGEST_DELAY);
    this.#failures = Math.min(this.#failures + 1, 16);
    return delay * (1 - Math.random() / 5);
  }
}
