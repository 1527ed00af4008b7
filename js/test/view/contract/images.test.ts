import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ImageEvent } from "../../../src/view/contract/images/frames";
import { type Mounted, mount, settled } from "../setup";

const TOPIC = "viewport.image.push.subscription";
const APP = { trame__template_main: "<p></p>" };

const alive = new Set<string>();
let decoding: { resolve(): void; reject(error: Error): void }[] = [];
let count = 0;

beforeEach(() => {
  alive.clear();
  decoding = [];
  URL.createObjectURL = (blob) => {
    const url = `blob:${(blob as Blob).type}/${++count}`;
    alive.add(url);
    return url;
  };
  URL.revokeObjectURL = (url) => alive.delete(url);
  HTMLImageElement.prototype.decode = () =>
    new Promise((resolve, reject) => decoding.push({ resolve, reject }));
});
afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

const frame = (id: string | number, more: object = {}) => ({
  id,
  image: new Uint8Array([1]),
  format: "jpeg",
  size: [400, 400],
  memsize: 1,
  workTime: 2,
  ...more,
});

async function decodeAll(): Promise<void> {
  for (const image of decoding.splice(0)) image.resolve();
  await settled();
}

function methods({ connection }: Mounted): unknown[][] {
  return connection.calls.splice(0).map(({ method, args }) => [method, ...args]);
}

async function open(viewId: string | number = "1") {
  const mounted = await mount(APP);
  const images = mounted.view.trame.client.getImageStream();
  const stream = images.createViewStream(viewId);
  const events: ImageEvent[] = [];
  const subscription = stream.onImageReady((event) => events.push(event));
  return { ...mounted, images, stream, events, subscription };
}

describe("an image stream", () => {
  it("is one of a client, and asks for the view and its size at once", async () => {
    const mounted = await open();
    expect(mounted.view.trame.client.getImageStream()).toBe(mounted.images);
    expect(methods(mounted)).toEqual([
      ["viewport.image.push.observer.add", "1"],
      ["viewport.image.push.original.size", "1", 400, 400],
    ]);
  });

  it("gives decoded pictures of its view, and says how they came", async () => {
    const { connection, events, stream } = await open("1");
    connection.publish(TOPIC, frame(1));
    connection.publish(TOPIC, frame("2"));
    await settled();
    expect(events).toEqual([]);
    await decodeAll();
    expect(events).toHaveLength(1);
    const [event] = events;
    expect(event?.image.src).toBe(event?.url);
    expect(event?.metadata).toEqual({ id: 1, size: [400, 400], memory: 1, workTime: 2 });
    expect(stream.getLastImageEvent()).toBe(event);
  });

  it("leaves out what is overtaken or broken, and gives its addresses back", async () => {
    const { connection, events } = await open();
    for (let n = 0; n < 3; n += 1) connection.publish(TOPIC, frame("1", { workTime: n }));
    const [first, second, third] = decoding.splice(0);
    second?.resolve();
    await settled();
    first?.resolve();
    third?.reject(new Error("broken"));
    await settled();
    expect(events.map(({ metadata }) => metadata.workTime)).toEqual([1]);
    expect([...alive]).toEqual([events[0]?.url]);
  });

  it("keeps two pictures, and none after its end", async () => {
    const mounted = await open();
    for (let n = 0; n < 5; n += 1) {
      mounted.connection.publish(TOPIC, frame("1"));
      await decodeAll();
    }
    expect(mounted.events).toHaveLength(5);
    expect(alive.size).toBe(2);
    mounted.connection.publish(TOPIC, frame("1"));
    mounted.stream.delete();
    await decodeAll();
    expect(mounted.events).toHaveLength(5);
    expect(alive.size).toBe(0);
    expect(methods(mounted).at(-1)).toEqual(["viewport.image.push.observer.remove", "1"]);
    mounted.connection.publish(TOPIC, frame("1"));
    expect(alive.size).toBe(0);
  });

  it("does not wait where pictures are not to be decoded", async () => {
    const { connection, events, stream, subscription } = await open();
    expect(stream.setDecodeImage(false)).toBe(true);
    expect(stream.setDecodeImage(false)).toBe(false);
    connection.publish(TOPIC, frame("1"));
    await settled();
    expect(events).toHaveLength(1);
    subscription.unsubscribe();
    connection.publish(TOPIC, frame("1"));
    await settled();
    expect(events).toHaveLength(1);
  });

  it("counts pictures a second", async () => {
    const now = vi.spyOn(performance, "now");
    const { connection, stream } = await open();
    stream.setDecodeImage(false);
    for (let n = 0; n < 4; n += 1) {
      now.mockReturnValue(1000 + 50 * n);
      connection.publish(TOPIC, frame("1"));
      await settled();
    }
    expect(stream.getFps()).toBeCloseTo(20);
    now.mockRestore();
  });

  it("moves to another view", async () => {
    const mounted = await open();
    methods(mounted);
    expect(await mounted.stream.setViewId(1)).toBe(false);
    mounted.connection.answer = () => ({ viewId: 7 });
    expect(await mounted.stream.setViewId("-1")).toBe(true);
    expect(mounted.stream.getViewId()).toBe(7);
    expect(methods(mounted)).toEqual([
      ["viewport.image.push.observer.remove", "1"],
      ["viewport.image.push.observer.add", "-1"],
    ]);
  });

  it("asks again for its view in a new session, but not in a resumed one", async () => {
    const mounted = await open();
    methods(mounted);
    mounted.connection.open({}, { resumed: true });
    expect(methods(mounted)).toEqual([]);
    mounted.connection.open(APP);
    await settled();
    expect(methods(mounted).map(([method]) => method)).toEqual([
      "viewport.image.push.observer.add",
      "viewport.image.push.original.size",
      "viewport.image.push.invalidate.cache",
    ]);
  });
});

describe("interaction with a view", () => {
  it("renders worse while it lasts, with methods that need no object", async () => {
    const mounted = await open();
    const { startInteraction, endInteraction, setInteractiveQuality, setInteractiveRatio } =
      mounted.stream;
    setInteractiveQuality(50);
    setInteractiveRatio(0.5);
    methods(mounted);
    await startInteraction();
    await endInteraction();
    expect(methods(mounted)).toEqual([
      ["viewport.image.push.quality", "1", 50, 0.5],
      ["viewport.image.animation.start", "1"],
      ["viewport.image.push.quality", "1", 100, 1],
      ["viewport.image.animation.stop", "1"],
    ]);
  });

  it("sends the camera of the client until its end", async () => {
    const mounted = await open();
    vi.useFakeTimers();
    mounted.stream.setCamera({
      getFocalPoint: () => [0, 0, 0],
      getViewUp: () => [0, 1, 0],
      getPosition: () => [0, 0, 5],
      get: (...names: string[]) => ({ names: names.length }),
    });
    methods(mounted);
    void mounted.stream.startInteraction();
    vi.advanceTimersByTime(65);
    const pushes = methods(mounted).filter(([method]) => method === "viewport.camera.update");
    expect(pushes).toHaveLength(3);
    expect(pushes[0]?.slice(1)).toEqual(["1", [0, 0, 0], [0, 1, 0], [0, 0, 5], false]);
    mounted.stream.setUseCameraParameters(true);
    void mounted.stream.endInteraction();
    expect(methods(mounted).map(([method]) => method)).toContain("viewport.camera.update.params");
    vi.advanceTimersByTime(500);
    expect(methods(mounted)).toEqual([]);
  });

  it("goes through the wrappers that packages take from the stream", async () => {
    const mounted = await open();
    methods(mounted);
    const { protocol } = mounted.stream.get("protocol") as {
      protocol: typeof mounted.images.protocol;
    };
    await protocol.setQuality("1", 5, 0.1);
    await mounted.stream.setSize(10, 20);
    await mounted.stream.setSize(10, 20);
    await mounted.stream.render();
    await mounted.stream.resetCamera();
    await mounted.stream.invalidateCache();
    await mounted.images.setServerAnimationFPS(12);
    expect(methods(mounted)).toEqual([
      ["viewport.image.push.quality", "1", 5, 0.1],
      ["viewport.image.push.original.size", "1", 10, 20],
      ["viewport.image.push", { size: [10, 20], view: "1" }],
      ["viewport.camera.reset", "1"],
      ["viewport.image.push.invalidate.cache", "1"],
      ["viewport.image.animation.fps.max", 12],
    ]);
    expect(mounted.stream.get("size", "viewId")).toEqual({ size: [10, 20], viewId: "1" });
  });
});
