import { BUSY_ERROR, RpcError } from "../../protocol";

export interface BusyOptions {
  /** How much waits for the server now: values and calls, questions of `ask` included. */
  waiting: () => number;
  /** A question that the server answers when its loop comes to it, behind all that was sent before. */
  ask: () => Promise<unknown>;
  /** So much waits for a server that is at work on something else; 0: nothing does, or it is not. */
  tell: (count: number) => void;
}

type Timer = ReturnType<typeof setTimeout>;

/** Milliseconds. What is answered within this is not worth a question. */
const ASK_AFTER = 200;
/** How long things wait until it is told. */
const TELL_AFTER = 1000;
/** Until the next question, and the next number: a listener to each of them would hear nothing else. */
const AGAIN = 1000;
/** A server that answers within this is at work on nothing else. */
const FREE = 500;

/**
 * Finds out whether the server is busy while something waits for it. A call that takes its time, as a coroutine does,
 * waits too, so waiting alone tells nothing: the server is asked, and is busy while it does not answer.
 */
export class BusyWatch {
  readonly #options: BusyOptions;
  /** When what waits now began to. */
  #since: number | null = null;
  /** When the question was asked that is not answered. */
  #asked: number | null = null;
  #askTimer: Timer | undefined;
  #tellTimer: Timer | undefined;
  #countTimer: ReturnType<typeof setInterval> | undefined;
  #told = 0;
  #disposed = false;

  constructor(options: BusyOptions) {
    this.#options = options;
  }

  /** What waits may be another number. */
  changed(): void {
    if (this.#disposed) return;
    if (this.#count() === 0) this.rest();
    else if (this.#since === null) {
      this.#since = performance.now();
      this.#askTimer = setTimeout(() => this.#ask(), ASK_AFTER);
    }
  }

  /** Nothing waits, or nobody knows whether the server does anything. */
  rest(): void {
    this.#since = null;
    clearTimeout(this.#askTimer);
    this.#calm();
  }

  dispose(): void {
    this.#disposed = true;
    this.rest();
  }

  #count(): number {
    return this.#options.waiting() - (this.#asked === null ? 0 : 1);
  }

  #ask(): void {
    const now = performance.now();
    // One question at a time: that of an earlier wait says the same.
    const asked = this.#asked ?? now;
    const since = this.#since ?? now;
    const due = Math.max(since + TELL_AFTER, asked + TELL_AFTER - ASK_AFTER);
    clearTimeout(this.#tellTimer);
    this.#tellTimer = setTimeout(() => this.#tell(), due - now);
    if (this.#asked !== null) return;
    this.#asked = now;
    this.#options.ask().then(
      () => this.#answered(),
      (error) => this.#refused(error),
    );
  }

  #answered(): void {
    const quick = this.#asked !== null && performance.now() - this.#asked < FREE;
    this.#asked = null;
    if (this.#since === null || this.#disposed) return;
    clearTimeout(this.#tellTimer);
    // A server that is only between two things is asked once more before the mark goes.
    if (this.#told > 0 && !quick) {
      this.#ask();
      return;
    }
    this.#calm();
    this.#askAgain();
  }

  #refused(error: unknown): void {
    this.#asked = null;
    if (this.#since === null || this.#disposed) return;
    // So much waits that not even the question is taken.
    if (error instanceof RpcError && error.code === BUSY_ERROR) this.#askAgain();
    else this.rest();
  }

  #askAgain(): void {
    this.#askTimer = setTimeout(() => this.#ask(), AGAIN);
  }

  #tell(): void {
    this.#show();
    this.#countTimer ??= setInterval(() => this.#show(), AGAIN);
  }

  #show(): void {
    const count = this.#count();
    if (count === this.#told) return;
    this.#told = count;
    this.#options.tell(count);
  }

  #calm(): void {
    clearTimeout(this.#tellTimer);
    clearInterval(this.#countTimer);
    this.#countTimer = undefined;
    if (this.#told === 0) return;
    this.#told = 0;
    this.#options.tell(0);
  }
}
