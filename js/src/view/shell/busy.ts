import { BUSY_ERROR, RpcError } from "../../protocol";

/** What is known of a server for which something waits; null where nothing does, or it answers. */
export interface Waiting {
  /** How much: values and calls. */
  count: number;
  /** Whole seconds since the last sign of life where nothing answers at all; null: it is at work on something else. */
  silent: number | null;
}

export interface BusyOptions {
  /** How much waits for the server now: values and calls, without the questions here. */
  waiting: () => number;
  /** A question that the server answers when its loop comes to it, behind all that was sent before. */
  ask: () => Promise<unknown>;
  /** One that is answered at once where the server reads messages, whatever its loop does. */
  reach: () => Promise<unknown>;
  tell: (waiting: Waiting | null) => void;
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
/** How long the answer to `reach` may be out until that says something. */
const SILENT_AFTER = 3000;
/** The seconds of silence that are told: a count of all of them would be read out loud. */
const STEPS = [1, 3, 10, 30];

/**
 * Finds out whether the server is busy while something waits for it. A call that takes its time, as a coroutine does,
 * waits too, so waiting alone tells nothing: the server is asked, and is busy while it does not answer. Whether it is
 * heard at all is a second question, which its loop need not come to: without an answer to that nobody knows whether the
 * server is at work or the connection is slow.
 */
export class BusyWatch {
  readonly #options: BusyOptions;
  /** When what waits now began to. */
  #since: number | null = null;
  /** When the question was asked that is not answered. */
  #asked: number | null = null;
  /** The same of `reach`. */
  #reaching: number | null = null;
  /** When `reach` was answered last, while something waits. */
  #reached: number | null = null;
  #askTimer: Timer | undefined;
  #tellTimer: Timer | undefined;
  #countTimer: ReturnType<typeof setInterval> | undefined;
  #told: Waiting | null = null;
  #disposed = false;

  constructor(options: BusyOptions) {
    this.#options = options;
  }

  /** What waits may be another number. */
  changed(): void {
    if (this.#disposed) return;
    if (this.#options.waiting() === 0) this.rest();
    else if (this.#since === null) {
      this.#since = performance.now();
      this.#askTimer = setTimeout(() => this.#ask(), ASK_AFTER);
    }
  }

  /** Nothing waits, or nobody knows whether the server does anything. */
  rest(): void {
    this.#since = null;
    this.#reached = null;
    clearTimeout(this.#askTimer);
    this.#calm();
  }

  dispose(): void {
    this.#disposed = true;
    this.rest();
  }

  #ask(): void {
    const now = performance.now();
    // One question at a time: that of an earlier wait says the same.
    const asked = this.#asked ?? now;
    const since = this.#since ?? now;
    const due = Math.max(since + TELL_AFTER, asked + TELL_AFTER - ASK_AFTER);
    clearTimeout(this.#tellTimer);
    this.#tellTimer = setTimeout(() => this.#tell(), due - now);
    this.#reach();
    if (this.#asked !== null) return;
    this.#asked = now;
    this.#options.ask().then(
      () => this.#answered(),
      (error) => this.#refused(error),
    );
  }

  #reach(): void {
    if (this.#reaching !== null) return;
    this.#reaching = performance.now();
    const heard = () => {
      this.#reaching = null;
      if (this.#since === null || this.#disposed) return;
      this.#reached = performance.now();
      if (this.#told !== null) this.#show();
    };
    // A refusal is an answer too: of a server that does not know the question, or that takes no more.
    this.#options.reach().then(heard, heard);
  }

  #answered(): void {
    const quick = this.#asked !== null && performance.now() - this.#asked < FREE;
    this.#asked = null;
    if (this.#since === null || this.#disposed) return;
    clearTimeout(this.#tellTimer);
    // A server that is only between two things is asked once more before the mark goes.
    if (this.#told !== null && !quick) {
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
    this.#countTimer ??= setInterval(() => {
      this.#reach();
      this.#show();
    }, AGAIN);
  }

  #show(): void {
    const count = this.#options.waiting();
    const silent = this.#silence();
    if (count === this.#told?.count && silent === this.#told.silent) return;
    this.#told = count === 0 ? null : { count, silent };
    this.#options.tell(this.#told);
  }

  /** See `Waiting.silent`. */
  #silence(): number | null {
    const now = performance.now();
    const out = this.#reaching === null ? 0 : now - this.#reaching;
    if (this.#reached !== null && out < SILENT_AFTER) return null;
    const seconds = (now - (this.#reached ?? this.#since ?? now)) / 1000;
    const minutes = Math.floor(seconds / 60);
    return minutes > 0 ? minutes * 60 : Math.max(1, ...STEPS.filter((step) => step <= seconds));
  }

  #calm(): void {
    clearTimeout(this.#tellTimer);
    clearInterval(this.#countTimer);
    this.#countTimer = undefined;
    if (this.#told === null) return;
    this.#told = null;
    this.#options.tell(null);
  }
}
