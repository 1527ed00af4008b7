import { markRaw } from "vue";
import type { ViewConnection } from "./connection";

export type Callback = (data: [unknown]) => void;
export interface Subscription {
  topic: string;
  callback: Callback;
  promise: Promise<void>;
  unsubscribe(): Promise<void>;
}

/** What widget packages know as the wslink session. */
export class RemoteSession {
  readonly #connection: ViewConnection;
  readonly #subscriptions = new Set<Subscription>();

  constructor(connection: ViewConnection) {
    markRaw(this);
    this.#connection = connection;
  }

  call(method: string, args: unknown[] = [], kwargs: object = {}): Promise<unknown> {
    return this.#connection.call(method, args, kwargs);
  }

  subscribe(topic: string, callback: Callback): Subscription {
    const subscription: Subscription = {
      topic,
      callback,
      promise: Promise.resolve(),
      unsubscribe: () => this.unsubscribe(subscription),
    };
    this.#subscriptions.add(subscription);
    return subscription;
  }

  async unsubscribe({ topic, callback }: Pick<Subscription, "topic" | "callback">): Promise<void> {
    for (const known of this.#subscriptions) {
      if (known.topic === topic && known.callback === callback) {
        this.#subscriptions.delete(known);
        return;
      }
    }
    throw new Error(`not subscribed to ${topic}`);
  }

  /** Binary values travel as they are. */
  addAttachment(value: unknown): unknown {
    return value;
  }

  close(): void {
    this.#connection.close();
  }

  deliver(topic: string, data: unknown, report: (error: unknown) => void): void {
    for (const subscription of [...this.#subscriptions]) {
      if (subscription.topic !== topic) continue;
      try {
        subscription.callback([data]);
      } catch (error) {
        report(error);
      }
    }
  }

  dispose(): void {
    this.#subscriptions.clear();
  }
}
