export interface OutgoingOptions {
  /** The value of a key as it is sent; a promise while it is being read (a File). */
  value: (key: string) => unknown;
  write: (changes: Record<string, unknown>) => void;
  onError: (key: string, error: unknown) => void;
}

/** Own changes on their way to the connection: one message a microtask, the latest value of a key. */
export class Outgoing {
  readonly #options: OutgoingOptions;
  readonly #dirty = new Set<string>();
  /** Keys whose newest value is being read: a later value of the key takes its place. */
  readonly #reading = new Map<string, Promise<void>>();
  #scheduled: Promise<void> | null = null;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  add(key: string): void {
    this.#dirty.add(key);
  }

  /** Whether the connection has not seen the newest own value of the key. */
  holds(key: string): boolean {
    return this.#dirty.has(key) || this.#reading.has(key);
  }

  flush(): Promise<void> {
    this.#scheduled ??= Promise.resolve().then(() => this.#send());
    return this.#scheduled;
  }

  /** Sends now. The promise is null unless a value is still being read. */
  drain(): Promise<unknown> | null {
    this.#send();
    return this.#reading.size > 0 ? Promise.allSettled(this.#reading.values()) : null;
  }

  #send(): void {
    this.#scheduled = null;
    const ready: Record<string, unknown> = {};
    for (const key of this.#dirty) {
      const value = this.#options.value(key);
      if (value instanceof Promise) this.#sendLater(key, value);
      else {
        ready[key] = value;
        this.#reading.delete(key);
      }
    }
    this.#dirty.clear();
    if (Object.keys(ready).length > 0) this.#options.write(ready);
  }

  #sendLater(key: string, value: Promise<unknown>): void {
    const sent = value.then(
      (result) => {
        if (this.#reading.get(key) !== sent) return;
        this.#reading.delete(key);
        this.#options.write({ [key]: result });
      },
      (error) => {
        if (this.#reading.get(key) === sent) this.#reading.delete(key);
        this.#options.onError(key, error);
      },
    );
    this.#reading.set(key, sent);
  }
}
