import { type FrameOptions, Frames, type ImageEvent, type ImageMessage } from "./frames";
import type { ImageProtocol } from "./protocol";

/** What is used of a vtk.js camera. */
export interface Camera {
  getFocalPoint(): number[];
  getViewUp(): number[];
  getPosition(): number[];
  get(...names: string[]): object;
}

export interface StreamSettings extends FrameOptions {
  camera: Camera | null;
  /** Milliseconds between two positions of the camera while it is moved. */
  cameraUpdateRate: number;
  /** 0 to 100, and the part of the size that is rendered, while the user moves something. */
  interactiveQuality: number;
  interactiveRatio: number;
  stillQuality: number;
  stillRatio: number;
  /** Send all of the camera, not just its three vectors. */
  useCameraParameters: boolean;
}

const DEFAULTS: StreamSettings = {
  camera: null,
  cameraUpdateRate: 30,
  decodeImage: true,
  fpsWindowSize: 250,
  interactiveQuality: 80,
  interactiveRatio: 1,
  stillQuality: 100,
  stillRatio: 1,
  useCameraParameters: false,
};
const CAMERA = [
  "focalPoint",
  "viewUp",
  "position",
  "parallelProjection",
  "parallelScale",
  "viewAngle",
];

type Accessors<T> = {
  [K in keyof T & string as `set${Capitalize<K>}`]: (value: T[K]) => boolean;
} & { [K in keyof T & string as `get${Capitalize<K>}`]: () => T[K] };

export interface StreamOwner {
  readonly protocol: ImageProtocol;
  unregisterViewStream(stream: ViewStream): void;
  setServerAnimationFPS(fps?: number): Promise<unknown>;
  getServerAnimationFPS(): Promise<unknown>;
}

export type ViewStream = ReturnType<typeof createViewStream>;

/**
 * The pictures of one view of the server, and the way back to it. Its methods are called without it too, so they
 * are functions of a plain object, as vtk.js makes them.
 */
export function createViewStream(owner: StreamOwner) {
  const { protocol, setServerAnimationFPS, getServerAnimationFPS } = owner;
  const settings = { ...DEFAULTS };
  const view: View = { id: "", size: [0, 0] };
  const frames = new Frames(settings);
  const stream = {
    ...createAccessors(settings),
    ...createView(view, protocol),
    ...createInteraction(view, settings, protocol),
    setServerAnimationFPS,
    getServerAnimationFPS,
    get: (...names: string[]): Record<string, unknown> => {
      const all: Record<string, unknown> = {
        ...settings,
        protocol,
        size: view.size,
        viewId: view.id,
      };
      return names.length ? Object.fromEntries(names.map((name) => [name, all[name]])) : all;
    },
    onImageReady: (listener: (event: ImageEvent) => void) => ({
      unsubscribe: frames.listen(listener),
    }),
    getLastImageEvent: () => frames.last,
    getFps: () => frames.fps,
    /** Takes a publication; those of other views are nobody's here. */
    processMessage: (message: ImageMessage) => {
      if (message.image && isSame(message.id, view.id)) void frames.take(message);
    },
    delete: () => {
      stream.endCamera();
      frames.dispose();
      owner.unregisterViewStream(stream);
      stream.setViewId("").catch(() => undefined);
    },
  };
  return stream;
}

interface View {
  /** Empty where there is none. */
  id: string | number;
  size: number[];
}

function createView(view: View, protocol: ImageProtocol) {
  const register = async (id: string | number) => {
    const answer = (await protocol.registerView(id)) as { viewId?: string | number } | null;
    // The server may know it by another name: -1 is the active view, whichever that is.
    if (answer?.viewId !== undefined && view.id === id) view.id = answer.viewId;
  };
  return {
    getViewId: () => view.id,
    getSize: () => view.size,
    setViewId: async (id: string | number): Promise<boolean> => {
      if (isSame(id, view.id)) return false;
      const before = view.id;
      view.id = id;
      if (before) await protocol.unregisterView(before);
      if (id && view.id === id) await register(id);
      return true;
    },
    /** Again, after the server forgot its clients. */
    restore: async (): Promise<void> => {
      if (!view.id) return;
      await register(view.id);
      const [width, height] = view.size;
      await protocol.setSize(view.id, width, height);
      await protocol.invalidateCache(view.id);
    },
    setSize: (width: number, height: number): Promise<unknown> => {
      if (view.size[0] === width && view.size[1] === height) return Promise.resolve(false);
      view.size = [width, height];
      return protocol.setSize(view.id, width, height);
    },
    render: () => protocol.render({ size: view.size, view: view.id }),
    resetCamera: () => protocol.resetCamera(view.id),
    invalidateCache: () => protocol.invalidateCache(view.id),
    startAnimation: () => protocol.startAnimation(view.id),
    stopAnimation: () => protocol.stopAnimation(view.id),
  };
}

function createInteraction(view: View, settings: StreamSettings, protocol: ImageProtocol) {
  let timer: ReturnType<typeof setInterval> | undefined;
  const pushCamera = (): Promise<unknown> => {
    const { camera, useCameraParameters } = settings;
    if (!camera) return Promise.resolve(false);
    if (useCameraParameters) {
      return protocol.updateCameraParameters(view.id, camera.get(...CAMERA), false);
    }
    const [focal, up, position] = [
      camera.getFocalPoint(),
      camera.getViewUp(),
      camera.getPosition(),
    ];
    return protocol.updateCamera(view.id, focal, up, position, false);
  };
  const endCamera = () => clearInterval(timer);
  const quality = (kind: "still" | "interactive") =>
    protocol.setQuality(view.id, settings[`${kind}Quality`], settings[`${kind}Ratio`]);
  return {
    pushCamera,
    endCamera,
    startInteraction: async (): Promise<void> => {
      endCamera();
      if (settings.camera) timer = setInterval(pushCamera, settings.cameraUpdateRate);
      await Promise.all([
        quality("interactive"),
        settings.camera ? pushCamera() : protocol.startAnimation(view.id),
      ]);
    },
    endInteraction: async (): Promise<void> => {
      endCamera();
      await Promise.all([
        quality("still"),
        settings.camera ? pushCamera() : protocol.stopAnimation(view.id),
      ]);
    },
  };
}

/** The id of a view is a number for one package and its text for another. */
function isSame(one: string | number, other: string | number): boolean {
  return String(one) === String(other);
}

/** `getX()`, and `setX(value)`, which tells whether that was a change. */
function createAccessors<T extends object>(values: T): Accessors<T> {
  const accessors: Record<string, unknown> = {};
  for (const name of Object.keys(values) as (keyof T & string)[]) {
    const suffix = name.charAt(0).toUpperCase() + name.slice(1);
    accessors[`get${suffix}`] = () => values[name];
    accessors[`set${suffix}`] = (value: T[typeof name]) => {
      if (values[name] === value) return false;
      values[name] = value;
      return true;
    };
  }
  return accessors as Accessors<T>;
}
