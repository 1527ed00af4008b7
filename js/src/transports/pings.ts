interface Asked {
  resolve(): void;
  reject(error: Error): void;
}

/** Questions that the host answers at once, whatever the server does. Answers have no number: one answers all. */
export class Pings {
  #asked: Asked[] = [];

  /** Resolves with the next answer to what `send` sends; rejected when the connection ends before. */
  ask(send: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      send();
    });
  }

  answered(): void {
    for (const { resolve } of this.#asked.splice(0)) resolve();
  }

  lost(reason: string): void {
    for (const { reject } of this.#asked.splice(0)) reject(new Error(reason));
  }
}
