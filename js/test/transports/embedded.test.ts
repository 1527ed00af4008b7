import { describe, expect, it, vi } from "vitest";
import {
  type EmbeddedSocket,
  EmbeddedTransport,
  portSocket,
  receivePort,
} from "../../src/transports";

function create() {
  const socket: EmbeddedSocket = {
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
    send: vi.fn(),
    close: vi.fn(),
  };
  const transport = new EmbeddedTransport(() => socket);
  const frames: number[][] = [];
  const closed: [number, string][] = [];
  const opened = vi.fn();
  transport.onopen = opened;
  transport.onframe = (frame) => frames.push([...frame]);
  transport.onclose = (code, reason) => closed.push([code, reason]);
  transport.open();
  return { socket, transport, frames, closed, opened };
}

/** jsdom's Blob cannot be read. */
function slowBlob(bytes: number[], delay: number): Blob {
  const blob = new Blob([]);
  blob.arrayBuffer = () =>
    new Promise((resolve) => setTimeout(() => resolve(new Uint8Array(bytes).buffer), delay));
  return blob;
}

describe("a socket of the embedding page", () => {
  it("carries frames both ways, in order", async () => {
    const { socket, transport, frames, opened } = create();
    socket.onopen?.({});
    expect(opened).toHaveBeenCalledTimes(1);
    const frame = new Uint8Array([9]);
    transport.send(frame);
    expect(socket.send).toHaveBeenCalledWith(frame, { binary: true });
    socket.onmessage?.({ data: slowBlob([1], 5) });
    socket.onmessage?.({ data: new Uint8Array([2]) });
    socket.onmessage?.({ data: new Uint8Array([3]).buffer });
    socket.onmessage?.({ data: "text is not ours" });
    await vi.waitFor(() => expect(frames).toEqual([[1], [2], [3]]));
  });

  it("takes what is of another page's classes", async () => {
    const { socket, frames } = create();
    const foreign = { size: 1, arrayBuffer: async () => new Uint8Array([1]).buffer };
    socket.onmessage?.({ data: foreign });
    socket.onmessage?.({ data: null });
    await vi.waitFor(() => expect(frames).toEqual([[1]]));
  });

  it("ends once, after what came before", async () => {
    const { socket, frames, closed } = create();
    socket.onopen?.({});
    socket.onmessage?.({ data: slowBlob([1], 5) });
    socket.onerror?.({});
    socket.onclose?.({ code: 1001, reason: "bye" });
    await vi.waitFor(() => expect(closed).toHaveLength(1));
    expect(closed[0]?.[0]).toBe(1006);
    expect(frames).toEqual([[1]]);
  });

  it("is silent after an own close", async () => {
    const { socket, transport, frames, closed } = create();
    socket.onopen?.({});
    socket.onmessage?.({ data: new Uint8Array([1]) });
    transport.close();
    socket.onclose?.({});
    await new Promise((resolve) => setTimeout(resolve));
    expect(socket.close).toHaveBeenCalledTimes(1);
    expect([frames, closed]).toEqual([[], []]);
  });
});

/** A message with a port, as a page sends it. */
function offer(init: MessageEventInit, port: MessagePort): void {
  const event = new MessageEvent("message", { data: "trame-ws-channel-init", ...init });
  Object.defineProperty(event, "ports", { value: [port] });
  window.dispatchEvent(event);
}

describe("a message port", () => {
  it("is taken from a page of the own origin that is expected, and from nobody else", async () => {
    const { port1: bad } = new MessageChannel();
    const { port1: good } = new MessageChannel();
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const received = receivePort(window, "http://own", [window]);
    offer({ origin: "http://evil", source: window }, bad);
    offer({ origin: "null", source: window }, bad);
    offer({ origin: "http://own", source: null }, bad);
    offer({ origin: "http://own", source: new MessageChannel().port1 }, bad);
    expect(warn).toHaveBeenCalledTimes(4);
    offer({ origin: "http://own", source: window }, good);
    expect(await received).toBe(good);
    warn.mockRestore();
  });

  it("is received from the embedding page, and plays the socket", async () => {
    const { port1: ours, port2: theirs } = new MessageChannel();
    const received = receivePort(window, "http://own", [window]);
    offer({ data: "something else", origin: "http://own", source: window }, ours);
    offer({ origin: "http://own", source: window }, ours);
    expect(await received).toBe(ours);

    const heard: { a: string; b?: Uint8Array }[] = [];
    theirs.onmessage = ({ data }) => heard.push(data);
    const socket = portSocket(ours);
    const told: unknown[] = [];
    socket.onopen = () => told.push("open");
    socket.onmessage = ({ data }) => told.push([...(data as Uint8Array)]);
    socket.onclose = ({ reason }) => told.push(reason);
    await vi.waitFor(() => expect(told).toEqual(["open"]));
    theirs.postMessage({ a: "s", b: new Uint8Array([1, 2]) });
    theirs.postMessage({ a: "c", c: "gone" });
    socket.send(new Uint8Array([3]), { binary: true });
    socket.close();
    await vi.waitFor(() => expect(told.slice(1)).toEqual([[1, 2], "gone"]));
    await vi.waitFor(() => expect(heard.map(({ a }) => a)).toEqual(["s", "c"]));
    expect([...(heard[0]?.b ?? [])]).toEqual([3]);
    ours.close();
  });
});
