import type { Packed } from "./chunking";
import type { Changes } from "./events";

/** One `trame.state.update` that the server has not committed yet. */
export interface Write {
  readonly number: number;
  /** Id of its request; a stock server's answer to it settles the write. */
  readonly id: string;
  readonly changes: Changes;
  readonly frames: Packed[];
  /** Place among everything that leaves, calls included. */
  readonly order: number;
  /** False while it waits here: later writes are then merged into it. */
  sent: boolean;
}

/**
 * The writes that are not settled, by number, and what they keep pending.
 * `jupyter_trame/protocol/write_log.py` is the twin.
 */
export class WriteLog {
  /** Keys with an unsettled write, and the number of the newest. */
  readonly pending = new Map<string, number>();
  readonly #writes = new Map<number, Write>();
  #number = 0;

  get size(): number {
    return this.#writes.size;
  }

  /** The number that a write added now has. */
  get next(): number {
    return this.#number + 1;
  }

  /** The newest write, if it has not left yet. */
  get waiting(): Write | null {
    const last = this.#writes.get(this.#number);
    return last && !last.sent ? last : null;
  }

  add(write: Write): void {
    this.#number = write.number;
    this.#writes.set(write.number, write);
    for (const key of Object.keys(write.changes)) this.pending.set(key, write.number);
  }

  /** Writes that the other side has not received, oldest first. */
  after(received: number): Write[] {
    return [...this.#writes.values()].filter((write) => write.number > received);
  }

  unsent(): Write[] {
    return [...this.#writes.values()].filter((write) => !write.sent);
  }

  /** Number of the write whose request has `id`. */
  find(id: string): number | null {
    for (const write of this.#writes.values()) if (write.id === id) return write.number;
    return null;
  }

  /** Forgets the writes up to `number`; whether there were any. */
  settle(number: number): boolean {
    const before = this.#writes.size;
    for (const known of [...this.#writes.keys()]) if (known <= number) this.#writes.delete(known);
    for (const [key, newest] of this.pending) if (newest <= number) this.pending.delete(key);
    return this.#writes.size < before;
  }

  /** Forgets one write alone: a stock server may answer out of order. */
  settleOne(number: number): void {
    this.#writes.delete(number);
    for (const [key, newest] of this.pending) if (newest === number) this.pending.delete(key);
  }

  /** Starts again at number 1; gives all that is not settled, oldest first. */
  restart(): Write[] {
    const unsettled = [...this.#writes.values()];
    this.#writes.clear();
    this.pending.clear();
    this.#number = 0;
    return unsettled;
  }
}
