import { Backoff } from "./policy";
import type { Transport, TransportFactory } from "./transport";
import type { Wake } from "./wake";

/** Silence after which the other end is asked for a sign of life: a route that is cut says nothing by itself. */
const QUIET = 20_000;
/** How long that sign may take: behind a large frame on a slow link. */
const PATIENCE = 60_000;
/** The same when the page wakes up, and somebody waits. */
const WAKE_PATIENCE = 5000;
const OPEN_TIMEOUT = 30_000;

export interface LineEvents {
  onopen(): void;
  onframe(frame: Uint8Array): void;
  /** It did not open yet; a sentence for the user. */
  onwait(message: string): void;
  /** The connection ended; true: try again after the usual time. */
  onclose(code: number, reason: string): boolean;
  /** Frames that make the other end answer. */
  ping(): Uint8Array<ArrayBuffer>[];
}

/**
 * One transport at a time, made anew after each loss.
 *
 * A kind that was refused before it ever opened gives way to the next one in the list at once; the
 * one that opened is kept.
 */
export class Line {
  readonly #factories: readonly TransportFactory[];
  readonly #events: LineEvents;
  readonly #backoff = new Backoff();
  readonly #stopWake: () => void;
  #index = 0;
  #chosen = false;
  #transport: Transport | null = null;
  #open = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  /** Whether an answer is due soon. */
  #urgent = false;
  #passedOver = "";

  constructor(factories: readonly TransportFactory[], wake: Wake, events: LineEvents) {
    this.#factories = factories;
    this.#events = events;
    this.#stopWake = wake(() => this.#woke());
  }

  get kind(): Transport["kind"] | null {
    return this.#open ? (this.#transport?.kind ?? null) : null;
  }

  /** Why a kind that is preferred is not used, a sentence for the user; empty where the best one is. */
  get passedOver(): string {
    return this.#passedOver;
  }

  /** Attempts now, unless an attempt is under way or open. */
  attempt(): void {
    clearTimeout(this.#timer);
    if (this.#transport) return;
    const factory = this.#factories[this.#index];
    if (!factory) throw new Error("a connection needs a transport");
    const transport = factory();
    this.#transport = transport;
    transport.onopen = () => {
      if (transport !== this.#transport) return;
      this.#open = this.#chosen = true;
      this.#heard();
      this.#events.onopen();
    };
    transport.onframe = (frame) => {
      if (transport !== this.#transport) return;
      this.#heard();
      this.#events.onframe(frame);
    };
    transport.onwait = (message) => {
      if (transport === this.#transport) this.#events.onwait(message);
    };
    transport.onclose = (code, reason) => {
      if (transport === this.#transport) this.#ended(code, reason);
    };
    if (transport.kind === "websocket") this.#expect(OPEN_TIMEOUT);
    transport.open();
  }

  /** The session is up: the next loss is not counted as a failed attempt. */
  live(): void {
    this.#backoff.live(performance.now());
  }

  send(frames: readonly Uint8Array<ArrayBuffer>[]): void {
    if (!this.#open) return;
    for (const frame of frames) this.#transport?.send(frame);
  }

  /** Ends the present connection as if it had been lost. */
  drop(code: number, reason: string): void {
    const transport = this.#transport;
    if (!transport) return;
    transport.close(code, reason);
    this.#ended(code, reason);
  }

  /** Ends it for good. */
  close(): void {
    this.#stopWake();
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    const transport = this.#transport;
    this.#transport = null;
    this.#open = false;
    transport?.close(1000, "");
  }

  #ended(code: number, reason: string): void {
    clearTimeout(this.#silence);
    this.#transport = null;
    this.#open = false;
    if (!this.#chosen && this.#index + 1 < this.#factories.length) {
      this.#index += 1;
      this.#passedOver = reason || `the connection broke (${code})`;
      this.attempt();
      return;
    }
    if (!this.#chosen) {
      this.#index = 0;
      this.#passedOver = "";
    }
    const delay = this.#backoff.next(performance.now());
    if (this.#events.onclose(code, reason)) {
      this.#timer = setTimeout(() => this.attempt(), delay);
    }
  }

  /** The other end is there. A comm message may wait for a busy kernel, so it is not probed. */
  #heard(): void {
    clearTimeout(this.#silence);
    if (this.kind === "websocket") this.#silence = setTimeout(() => this.#ask(PATIENCE), QUIET);
    this.#urgent = false;
  }

  #ask(patience: number): void {
    this.#expect(patience);
    this.send(this.#events.ping());
  }

  #expect(patience: number): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.drop(4000, "the server does not answer"), patience);
  }

  /** A sleeping laptop's socket looks open. */
  #woke(): void {
    if (!this.#transport) {
      this.attempt();
    } else if (this.kind === "websocket" && !this.#urgent) {
      this.#urgent = true;
      this.#ask(WAKE_PATIENCE);
    }
    this.#transport?.woke?.();
  }
}
