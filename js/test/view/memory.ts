import type {
  ConnectionState,
  ConnectionStatus,
  Ready,
  ServerError,
  ViewConnection,
} from "../../src/view/contract/connection-status";

type Listener<A extends unknown[]> = (...args: A) => void;

class Signal<A extends unknown[]> {
  readonly #listeners = new Set<Listener<A>>();
  readonly on = (listener: Listener<A>): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  emit(...args: A): void {
    for (const listener of [...this.#listeners]) listener(...args);
  }
}

export interface Call {
  method: string;
  args: unknown[];
  kwargs: object;
}

/** A connection whose other end is the test. */
export class MemoryConnection implements ViewConnection {
  state: ConnectionState = "connecting";
  kind: "websocket" | "comm" | null = null;
  epoch: string | null = "e1";
  message = "";
  packages = { page: "1.2.3", host: "1.2.3", server: "1.2.3" };
  passedOver = "";
  pings = 0;
  /** Whether anything is heard of the server while it works. */
  reachable = true;
  readonly pending = new Map<string, number>();
  readonly writes: Record<string, unknown>[] = [];
  readonly calls: Call[] = [];
  /** How often the view asked whether the server is busy; no calls of the app. */
  questions = 0;
  retries = 0;
  #running = 0;
  answer: (call: Call) => unknown = () => null;

  readonly #ready = new Signal<[Ready]>();
  readonly #state = new Signal<[Record<string, unknown>, boolean]>();
  readonly #status = new Signal<[ConnectionStatus]>();
  readonly #publish = new Signal<[string, unknown]>();
  readonly #error = new Signal<[ServerError]>();
  readonly #settled = new Signal<[number]>();
  readonly #waits = new Signal<[]>();
  readonly onReady = this.#ready.on;
  readonly onState = this.#state.on;
  readonly onStatus = this.#status.on;
  readonly onPublish = this.#publish.on;
  readonly onError = this.#error.on;
  readonly onSettled = this.#settled.on;
  readonly onWaiting = this.#waits.on;

  close(): void {}
  async ping(): Promise<void> {
    this.pings += 1;
  }
  retry(): void {
    this.retries += 1;
  }

  write(changes: Record<string, unknown>): void {
    this.writes.push(changes);
    for (const key of Object.keys(changes)) this.pending.set(key, this.writes.length);
    this.#waits.emit();
  }

  async call(method: string, args: unknown[] = [], kwargs: object = {}): Promise<unknown> {
    const call = { method, args, kwargs };
    if (method === "jupyter_trame.reach") {
      return this.reachable ? null : new Promise(() => undefined);
    }
    // What a view asks by itself does not count as waiting.
    if (method === "trame.force.push" && args.length === 0) {
      this.questions += 1;
      return this.answer(call);
    }
    this.calls.push(call);
    if (method === "jupyter_trame.doctor") return this.answer(call);
    this.#running += 1;
    this.#waits.emit();
    try {
      return await this.answer(call);
    } finally {
      this.#running -= 1;
      this.#waits.emit();
    }
  }

  get waiting(): number {
    return this.pending.size + this.#running;
  }

  // -- the server's side

  open(state: Record<string, unknown>, { name = "app", resumed = false } = {}): void {
    this.kind ??= "websocket";
    this.setState("live");
    if (!resumed) this.#state.emit(state, true);
    this.#ready.emit({ resumed, name });
  }

  push(changes: Record<string, unknown>): void {
    this.#state.emit(changes, false);
  }

  settle(): void {
    this.pending.clear();
    this.#settled.emit(this.writes.length);
    this.#waits.emit();
  }

  publish(topic: string, data: unknown): void {
    this.#publish.emit(topic, data);
  }

  fail(error: Partial<ServerError>): void {
    this.#error.emit({ where: "here", message: "broken", trace: null, time: 0, ...error });
  }

  setState(state: ConnectionState, message = ""): void {
    this.state = state;
    this.#status.emit({ state, message });
  }
}
