import { markRaw } from "vue";
import { bindMethods } from "./bind";
import type { ViewConnection } from "./connection-status";

export type Callback = (data: [unknown]) => void;
type Subscribed = { topic: string; callback: Callback };
export interface Subscription extends Subscribed {
  /** What `unsubscribe` of the session takes. */
  promise: Promise<Subscribed>;
  unsubscribe(): Promise<void>;
}

/** What widget packages know as the wslink session. */
export class RemoteSession {
  readonly #connection: ViewConnection;
  readonly #subscriptions = new Set<Subscription>();

  constructor(connection: ViewConnection) {
    markRaw(this);
    bindMethods(this);
    this.#connection = connection;
  }

  call(method: string, args: unknown[] = [], kwargs: object = {}): Promise<unknown> {
    return this.#connection.call(method, args, kwargs);
  }

  subscribe(topic: string, callback: Callback): Subscription {
    const subscription: Subscription = {
      topic,
      callback,
      promise: Promise.resolve({ topic, callback }),
      unsubscribe: () => this.unsubscribe(subscription),
    };
    this.#subscriptions.add(subscription);
    return subscription;
  }

  async unsubscribe({ topic, callback }: Subscribed): Promise<void> {
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
