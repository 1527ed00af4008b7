import type { Callback, RemoteSession, Subscription } from "./remote-session";

export type Methods = Record<string, (...args: never[]) => unknown>;

/** `getRemote().Trame` */
export function trameMethods(session: RemoteSession): Methods {
  return {
    getState: () => session.call("trame.state.get"),
    trigger: (name: string, args: unknown[] = [], kwargs: object = {}) =>
      session.call("trame.trigger", [name, args, kwargs]),
    updateState: (changes: unknown[]) => session.call("trame.state.update", [changes]),
    lifeCycleUpdate: (name: string) => session.call("trame.lifecycle.update", [name]),
    sendError: (message: string) => session.call("trame.error.client", [message]),
    subscribeToStateUpdate: (callback: Callback) =>
      session.subscribe("trame.state.topic", callback),
    subscribeToActions: (callback: Callback) => session.subscribe("trame.actions.topic", callback),
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
