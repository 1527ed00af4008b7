import {
  ACTIONS_TOPIC,
  CLIENT_ERROR,
  LIFE_CYCLE_UPDATE,
  STATE_GET,
  STATE_TOPIC,
  STATE_UPDATE,
  TRIGGER,
} from "../../protocol/names";
import type { Callback, RemoteSession, Subscription } from "./remote-session";

export type Methods = Record<string, (...args: never[]) => unknown>;

/** `getRemote().Trame` */
export function trameMethods(session: RemoteSession): Methods {
  return {
    getState: () => session.call(STATE_GET),
    trigger: (name: string, args: unknown[] = [], kwargs: object = {}) =>
      session.call(TRIGGER, [name, args, kwargs]),
    updateState: (changes: unknown[]) => session.call(STATE_UPDATE, [changes]),
    lifeCycleUpdate: (name: string) => session.call(LIFE_CYCLE_UPDATE, [name]),
    sendError: (message: string) => session.call(CLIENT_ERROR, [message]),
    subscribeToStateUpdate: (callback: Callback) => session.subscribe(STATE_TOPIC, callback),
    subscribeToActions: (callback: Callback) => session.subscribe(ACTIONS_TOPIC, callback),
    unsubscribe: (subscription: Subscription) => session.unsubscribe(subscription),
  };
}

/** `getRemote().SyncView`: scenes that the client renders itself. */
export function syncViewMethods(session: RemoteSession): Methods {
  const view = "viewport.geometry.view";
  return {
    getArray: async (hash: string, binary = true) => {
      const data = await session.call("viewport.geometry.array.get", [hash, binary]);
      return ArrayBuffer.isView(data) ? new Blob([data as unknown as BlobPart]) : data;
    },
    getViewState: (id: unknown) => session.call(`${view}.get.state`, [id]),
    addViewObserver: (id: unknown) => session.call(`${view}.observer.add`, [id]),
    removeViewObserver: (id: unknown) => session.call(`${view}.observer.remove`, [id]),
    subscribeToViewChange: (callback: Callback) =>
      session.subscribe(`${view}.subscription`, callback),
    unsubscribe: (subscription: Subscription) => session.unsubscribe(subscription),
  };
}
