/** How often a state key is sent: see `trame__pace`. Milliseconds. */
export interface Pace {
  /** At most once in this time, the first value at once. */
  throttle?: number;
  /** When it did not change for this time. */
  debounce?: number;
}

/** State key with the paces of others: `{"radius": {"throttle": 100}, "query": {"debounce": 300}}`. */
export const PACE = "trame__pace";

/** The pace of a key, as far as `paces` tells one. */
export function paceOf(paces: unknown, key: string): Pace | undefined {
  if (typeof paces !== "object" || paces === null || !Object.hasOwn(paces, key)) return undefined;
  const given = (paces as Record<string, unknown>)[key];
  if (typeof given !== "object" || given === null) return undefined;
  const { throttle, debounce } = given as Record<string, unknown>;
  if (isTime(debounce)) return { debounce };
  return isTime(throttle) ? { throttle } : undefined;
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && value > 0;
}

type Run = () => unknown;

interface Slot {
  timer: ReturnType<typeof setTimeout>;
  /** What to run when the time is over; null: the first one ran already, and no other came. */
  run: Run | null;
}

/**
 * `throttle(ms, () => ...)` and `debounce(ms, () => ...)` of one mounted template. The calls of a place in it belong
 * together, since they have the same text; `key` tells those of a list apart. The last one always runs.
 */
export class Pacer {
  readonly #slots = new Map<string, Map<unknown, Slot>>();
  readonly #report: (error: unknown) => void;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  /** Runs at once, then at most once in `ms` milliseconds. */
  throttle = (ms: number, run: Run, key?: unknown): void => {
    const known = this.#get(run, key);
    if (known) {
      known.run = run;
      return;
    }
    this.#run(run);
    this.#repeat(ms, String(run), key);
  };

  /** Runs when nothing came for `ms` milliseconds. */
  debounce = (ms: number, run: Run, key?: unknown): void => {
    const text = String(run);
    clearTimeout(this.#get(run, key)?.timer);
    const timer = setTimeout(() => {
      this.#remove(text, key);
      this.#run(run);
    }, ms);
    this.#set(text, key, { timer, run });
  };

  /** The template goes: what waits runs now. */
  dispose(): void {
    const waiting = [...this.#slots.values()].flatMap((slots) => [...slots.values()]);
    this.#slots.clear();
    for (const { timer, run } of waiting) {
      clearTimeout(timer);
      if (run) this.#run(run);
    }
  }

  #repeat(ms: number, text: string, key: unknown): void {
    const timer = setTimeout(() => {
      const next = this.#slots.get(text)?.get(key)?.run;
      this.#remove(text, key);
      if (!next) return;
      this.#run(next);
      this.#repeat(ms, text, key);
    }, ms);
    this.#set(text, key, { timer, run: null });
  }

  #get(run: Run, key: unknown): Slot | undefined {
    return this.#slots.get(String(run))?.get(key);
  }

  #set(text: string, key: unknown, slot: Slot): void {
    const slots = this.#slots.get(text) ?? new Map<unknown, Slot>();
    this.#slots.set(text, slots.set(key, slot));
  }

  #remove(text: string, key: unknown): void {
    const slots = this.#slots.get(text);
    slots?.delete(key);
    if (slots?.size === 0) this.#slots.delete(text);
  }

  #run(run: Run): void {
    try {
      const result = run();
      if (result instanceof Promise) result.catch(this.#report);
    } catch (error) {
      this.#report(error);
    }
  }
}
