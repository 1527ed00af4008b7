/** An answer that somebody may wait for; what nobody waits for fails without an error of the page around. */
export class Asked<T> extends Promise<T> {
  #isUsed = false;

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** The answer of a call; `report` hears why it failed, where nobody else does. */
  static of<T>(answer: Promise<T>, report: (error: unknown) => void): Asked<T> {
    const asked = new Asked<T>((resolve, reject) => void answer.then(resolve, reject));
    Promise.prototype.then.call(asked, undefined, (error: unknown) => {
      if (!asked.#isUsed) report(error);
    });
    return asked;
  }

  // biome-ignore lint/suspicious/noThenProperty: whoever waits calls it
  override then<A = T, B = never>(
    done?: ((value: T) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#isUsed = true;
    return super.then(done, failed);
  }
}
