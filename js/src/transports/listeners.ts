/** Functions that are told of something; one that throws does not keep the others from hearing it. */
export class Listeners<Args extends unknown[]> {
  readonly #listeners = new Set<(...args: Args) => void>();

  /** Gives the function that ends it. */
  add(listener: (...args: Args) => void): () => void {
    const own = (...args: Args): void => listener(...args);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  emit(...args: Args): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(...args);
      } catch (error) {
        console.error("jupyter-trame: a listener of the connection failed", error);
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
