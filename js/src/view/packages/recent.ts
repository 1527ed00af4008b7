/** What was asked for last, so that a page that is open for weeks does not keep all that it ever showed. */
export class Recent<V> {
  readonly #limit: number;
  readonly #kept = new Map<string, V>();

  /** `limit`: how many are kept. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The value of `key`, made where it is not kept. What `make` throws comes out, and nothing is kept then. */
  get(key: string, make: () => V): V {
    const value = this.#kept.has(key) ? (this.#kept.get(key) as V) : make();
    this.#kept.delete(key);
    this.#kept.set(key, value);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#limit) break;
      this.#kept.delete(oldest);
    }
    return value;
  }
}
