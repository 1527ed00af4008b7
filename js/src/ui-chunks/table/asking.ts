/**
 * Asks one thing after the other, and then for what is wanted by then: who scrolls far leaves behind what was wanted on
 * the way.
 */
export class Asking<Wanted, Answer> {
  #running = false;
  #stopped = false;

  /**
   * `wanted` gives what is missing now, or null; `take` gets what came and what it answers, also if something else is
   * wanted meanwhile.
   */
  constructor(
    readonly wanted: () => Wanted | null,
    readonly ask: (wanted: Wanted) => Promise<Answer>,
    readonly take: (answer: Answer, wanted: Wanted) => void,
  ) {}

  /** Something else may be missing. Rejects with what `ask` rejects with; then the next call tries again. */
  async look(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      let before = "";
      for (let wanted = this.wanted(); wanted !== null; wanted = this.wanted()) {
        // The answer was of no use: the app has changed, and says so by itself.
        if (JSON.stringify(wanted) === before) return;
        before = JSON.stringify(wanted);
        const answer = await this.ask(wanted);
        if (this.#stopped) return;
        this.take(answer, wanted);
      }
    } finally {
      this.#running = false;
    }
  }

  stop(): void {
    this.#stopped = true;
  }
}
