import type { Pace } from "./pace";

export interface OutgoingOptions {
  /** The value of a key as it is sent; a promise while it is being read or sent ahead (a File). */
  value: (key: string) => unknown;
  write: (changes: Record<string, unknown>) => void;
  /** The newest value of the key will not be sent. */
  onError: (key: string, error: unknown) => void;
  /** How the app wants a key to be sent; undefined: as soon as it can be. */
  pace: (key: string) => Pace | undefined;
  /** Whether the server has not answered all that was written. */
  isWaiting: () => boolean;
}

type Timer = ReturnType<typeof setTimeout>;

/** Milliseconds; what changes more often is not seen. */
const FRAME = 16;

/**
 * Own changes on their way to the connection: one message a microtask, the latest value of a key. While the
 * server has not answered, one message a frame.
 */
export class Outgoing {
  readonly #options: OutgoingOptions;
  readonly #dirty = new Set<string>();
  /** Keys whose newest value is being read: a later value of the key takes its place. */
  readonly #reading = new Map<string, Promise<void>>();
  /** Keys that wait for their time, and when the keys with a pace were sent. */
  readonly #timers = new Map<string, Timer>();
  readonly #times = new Map<string, number>();
  #last = 0;
  #scheduled: Promise<void> | null = null;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  add(key: string): void {
    this.#dirty.add(key);
  }

  /** Whether the connection has not seen the newest own value of the key. */
  holds(key: string): boolean {
    return this.#dirty.has(key) || this.#reading.has(key) || this.#timers.has(key);
  }

  /** Resolves when what can leave has left. */
  flush(): Promise<void> {
    if (this.#dirty.size === 0) return Promise.resolve();
    this.#scheduled ??= this.#turn().then(() => {
      this.#scheduled = null;
      for (const key of [...this.#dirty]) this.#hold(key);
      this.#send();
    });
    return this.#scheduled;
  }

  /** Sends now, whatever waits. The promise is null unless one of these values is being read. */
  drain(): Promise<unknown> | null {
    const known = new Set(this.#reading.values());
    for (const [key, timer] of this.#timers) {
      clearTimeout(timer);
      this.#dirty.add(key);
    }
    this.#timers.clear();
    this.#send();
    const begun = [...this.#reading.values()].filter((reading) => !known.has(reading));
    return begun.length > 0 ? Promise.allSettled(begun) : null;
  }

  /** Nothing leaves any more. */
  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#dirty.clear();
    this.#reading.clear();
  }

  async #turn(): Promise<void> {
    const rest = this.#last + FRAME - performance.now();
    if (rest > 0 && this.#options.isWaiting()) {
      await new Promise((resolve) => setTimeout(resolve, rest));
    }
  }

  /** A key with a pace may have to wait. */
  #hold(key: string): void {
    const pace = this.#options.pace(key);
    if (!pace) return;
    const waiting = this.#timers.get(key);
    const now = performance.now();
    const ready = (this.#times.get(key) ?? Number.NEGATIVE_INFINITY) + (pace.throttle ?? 0);
    if (pace.debounce === undefined && ready <= now) return;
    this.#dirty.delete(key);
    if (waiting !== undefined && pace.debounce === undefined) return;
    clearTimeout(waiting);
    const release = () => {
      this.#timers.delete(key);
      this.#dirty.add(key);
      this.#send();
    };
    this.#timers.set(key, setTimeout(release, pace.debounce ?? ready - now));
  }

  #send(): void {
    const ready: Record<string, unknown> = {};
    const keys = [...this.#dirty];
    this.#dirty.clear();
    for (const key of keys) {
      if (this.#options.pace(key)) this.#times.set(key, performance.now());
      const value = this.#options.value(key);
      if (value instanceof Promise) this.#sendLater(key, value);
      else {
        ready[key] = value;
        this.#reading.delete(key);
      }
    }
    if (Object.keys(ready).length > 0) this.#write(ready);
  }

  #write(changes: Record<string, unknown>): void {
    this.#last = performance.now();
    this.#options.write(changes);
  }

  #sendLater(key: string, value: Promise<unknown>): void {
    const sent = value.then(
      (result) => {
        if (this.#reading.get(key) !== sent) return;
        this.#reading.delete(key);
        this.#write({ [key]: result });
      },
      (error) => {
        if (this.#reading.get(key) !== sent) return;
        this.#reading.delete(key);
        this.#options.onError(key, error);
      },
    );
    this.#reading.set(key, sent);
  }
}
