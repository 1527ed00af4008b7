export interface OutgoingOptions {
  /** The value of a key as it is sent; a promise while it is being read or sent ahead (a File). */
  value: (key: string) => unknown;
  write: (changes: Record<string, unknown>) => void;
  /** The newest value of the key will not be sent. */
  onError: (key: string, error: unknown) => void;
  /** How long to wait before the next message, in milliseconds; null: it leaves in this turn. */
  pace: (key: string) => number | null;
}

/** Own changes on their way to the connection: one message a microtask, the latest value of a key. */
export class Outgoing {
  readonly #options: OutgoingOptions;
  readonly #dirty = new Set<string>();
  /** Keys whose newest value is being read: a later value of the key takes its place. */
  readonly #reading = new Map<string, Promise<void>>();
  /** Keys that wait for their time. */
  readonly #paced = new Map<string, ReturnType<typeof setTimeout>>();
  #scheduled: Promise<void> | null = null;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  add(key: string): void {
    this.#dirty.add(key);
  }

  /** Whether the connection has not seen the newest own value of the key. */
  holds(key: string): boolean {
    return this.#dirty.has(key) || this.#reading.has(key) || this.#paced.has(key);
  }

  flush(): Promise<void> {
    this.#scheduled ??= Promise.resolve().then(() => {
      this.#scheduled = null;
      for (const key of [...this.#dirty]) this.#delay(key);
      this.#send();
    });
    return this.#scheduled;
  }

  /** Sends now what waits. The promise is null unless one of these values is being read. */
  drain(): Promise<unknown> | null {
    const before = new Set(this.#reading.values());
    for (const [key, timer] of this.#paced) {
      clearTimeout(timer);
      this.#dirty.add(key);
    }
    this.#paced.clear();
    this.#send();
    const begun = [...this.#reading.values()].filter((reading) => !before.has(reading));
    return begun.length > 0 ? Promise.allSettled(begun) : null;
  }

  /** Nothing is sent any more. */
  dispose(): void {
    for (const timer of this.#paced.values()) clearTimeout(timer);
    this.#paced.clear();
    this.#dirty.clear();
    this.#reading.clear();
  }
