import type { RemoteSession } from "../remote-session";

type Id = string | number;
type Vector = readonly number[];

/** What a server with remote rendering answers to. */
export function createImageProtocol(session: RemoteSession) {
  const call = (method: string, args: unknown[] = []) => session.call(method, args);
  return {
    registerView: (view: Id) => call("viewport.image.push.observer.add", [view]),
    unregisterView: (view: Id) => call("viewport.image.push.observer.remove", [view]),
    enableView: (view: Id, enabled: boolean) =>
      call("viewport.image.push.enabled", [view, enabled]),
    render: (options: { size?: Vector; view?: Id } = {}) =>
      call("viewport.image.push", [{ size: [400, 400], view: -1, ...options }]),
    resetCamera: (view: Id = -1) => call("viewport.camera.reset", [view]),
    invalidateCache: (view: Id) => call("viewport.image.push.invalidate.cache", [view]),
    setQuality: (view: Id, quality: number, ratio = 1) =>
      call("viewport.image.push.quality", [view, quality, ratio]),
    setSize: (view: Id, width = 400, height = 400) =>
      call("viewport.image.push.original.size", [view, width, height]),
    setServerAnimationFPS: (fps = 30) => call("viewport.image.animation.fps.max", [fps]),
    getServerAnimationFPS: () => call("viewport.image.animation.fps.get"),
    startAnimation: (view: Id = -1) => call("viewport.image.animation.start", [view]),
    stopAnimation: (view: Id = -1) => call("viewport.image.animation.stop", [view]),
    updateCamera: (view: Id, focal: Vector, up: Vector, position: Vector, force = true) =>
      call("viewport.camera.update", [view, focal, up, position, force]),
    updateCameraParameters: (view: Id, parameters: object, force = true) =>
      call("viewport.camera.update.params", [view, parameters, force]),
  };
}

export type ImageProtocol = ReturnType<typeof createImageProtocol>;
