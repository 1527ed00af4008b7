export type Message = string | ArrayBuffer;

const MESSAGES = 1000;
const BYTES = 16 * 1024 * 1024;

/** Messages in their order, at most a thousand, and at most 16 MB of them. */
export class MessageQueue {
  readonly #messages: Message[] = [];
  #bytes = 0;

  /** Whether there was room; what there is no room for is not kept. */
  push(message: Message): boolean {
    const size = sizeOf(message);
    if (this.#messages.length === MESSAGES || this.#bytes + size > BYTES) return false;
    this.#messages.push(message);
    this.#bytes += size;
    return true;
  }

  /** Takes messages out, the first one first, as long as `take` has them. */
  drain(take: (message: Message) => boolean): void {
    for (let [next] = this.#messages; next !== undefined; [next] = this.#messages) {
      if (!take(next)) return;
      this.#messages.shift();
      this.#bytes -= sizeOf(next);
    }
  }

  get length(): number {
    return this.#messages.length;
  }
}

function sizeOf(message: Message): number {
  return typeof message === "string" ? 2 * message.length : message.byteLength;
}
