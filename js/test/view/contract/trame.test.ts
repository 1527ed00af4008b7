import { afterEach, describe, expect, it, vi } from "vitest";
import { reactive } from "vue";
import { NdArray } from "../../../src/protocol";
import { createUtils } from "../../../src/view/contract/utils";
import { mount, settled } from "../setup";

const APP = { trame__template_main: "<p></p>", n: 1 };

afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

describe("the trame object", () => {
  it("belongs to one view", async () => {
    const first = await mount(APP);
    const second = await mount(APP);
    first.view.trame.state.set("n", 5);
    await settled();
    expect(second.view.trame.state.get("n")).toBe(1);
    expect(second.connection.writes).toEqual([]);
    expect("trame" in window).toBe(false);
  });

  it("waits for a file that is being read before it triggers", async () => {
    const { view, connection } = await mount(APP);
    void view.trame.state.set("doc", new File(["x"], "x.txt"));
    await view.trame.trigger("go");
    expect(connection.writes).toHaveLength(1);
    expect(connection.calls).toHaveLength(1);
  });

  it("decorates each argument of a trigger as a value of its own", async () => {
    const { view, connection } = await mount(APP);
    view.trame.state.registerDecorator({ decorate: (value) => (value === "a" ? "b" : value) });
    const content = { content: new Uint8Array([120]) };
    const file = new File(["x"], "x.txt");
    await view.trame.trigger("go", ["a", [file], { file }], { named: "a", file });
    const [name, args, kwargs] = connection.calls[0]?.args ?? [];
    expect(name).toBe("go");
    expect(args).toMatchObject(["b", [content], { file: content }]);
    expect(kwargs).toMatchObject({ named: "b", file: content });
  });

  it("works without itself: packages take its methods out of it", async () => {
    const { view, connection } = await mount(APP);
    const { trigger, connect, addConnectListener, removeConnectListener, client } = view.trame;
    const { getConnection, getRemote, isConnected, isBusy } = client;
    const { call, subscribe, unsubscribe } = getConnection().getSession();
    await trigger("go");
    await call("method");
    expect(connection.calls.map(({ method }) => method)).toEqual(["trame.trigger", "method"]);
    expect(await connect()).toBe(view.trame.config);
    const listener = vi.fn();
    addConnectListener(listener);
    removeConnectListener(listener);
    expect(listener).toHaveBeenCalledOnce();
    expect([isConnected(), isBusy(), Object.keys(getRemote())]).toEqual([
      true,
      false,
      ["Trame", "SyncView"],
    ]);
    const subscription = subscribe("topic", () => undefined);
    await unsubscribe(await subscription.promise);
    await expect(subscription.unsubscribe()).rejects.toThrow("topic");
  });

  it("gives packages a session with subscriptions and calls", async () => {
    const { view, connection } = await mount(APP);
    const session = view.trame.client.getConnection().getSession();
    const seen: unknown[] = [];
    const callback = ([data]: [unknown]) => seen.push(data);
    const subscription = session.subscribe("topic", callback);
    connection.publish("topic", 1);
    await subscription.unsubscribe();
    connection.publish("topic", 2);
    expect(seen).toEqual([1]);
    await expect(session.unsubscribe({ topic: "topic", callback })).rejects.toThrow("topic");
    connection.answer = () => 42;
    expect(await session.call("my.method", [1])).toBe(42);
  });

  it("stays itself in reactive data", async () => {
    const { view } = await mount(APP);
    const { trame } = view;
    const data = reactive({ trame, state: trame.state, client: trame.client });
    expect(data.trame).toBe(trame);
    expect(data.state.get("n")).toBe(1);
    expect(data.client.getConnection().getSession()).toBe(
      trame.client.getConnection().getSession(),
    );
  });

  it("connects again on demand, once for all who ask", async () => {
    const { view, connection } = await mount(APP);
    const { trame } = view;
    await trame.connect({ extra: 1 });
    expect(trame.config.extra).toBe(1);
    connection.setState("lost");
    expect(trame.client.isConnected()).toBe(false);
    const attempts = [trame.connect(), trame.client.connect()];
    connection.open(APP, { resumed: true });
    await Promise.all(attempts);
    expect(connection.retries).toBe(1);
    connection.setState("lost");
    const refused = trame.connect();
    connection.setState("refused", "Sign in again.");
    await expect(refused).rejects.toThrow("Sign in again.");
    await expect(trame.connect({ sessionURL: "ws://elsewhere/ws" })).rejects.toThrow("another");
  });

  it("ends the connection, and the server where that is asked for", async () => {
    const { view, connection } = await mount(APP);
    const close = vi.spyOn(connection, "close");
    view.trame.client.getConnection().destroy();
    expect(connection.calls).toEqual([]);
    view.trame.client.disconnect(5);
    expect(connection.calls).toEqual([{ method: "application.exit.later", args: [5], kwargs: {} }]);
    expect(close).toHaveBeenCalledTimes(2);
  });

  it("gives the arrays of scenes as blobs", async () => {
    const { view, connection } = await mount(APP);
    const { SyncView } = view.trame.client.getRemote();
    connection.answer = ({ args }) => (args[0] === "h" ? new Uint8Array(3) : "text");
    const seen: unknown[] = [];
    const subscription = SyncView?.subscribeToViewChange?.(
      ...([(data: unknown) => seen.push(data)] as never[]),
    );
    const blob = (await SyncView?.getArray?.(...(["h"] as never[]))) as Blob;
    expect(blob.size).toBe(3);
    expect(connection.calls[0]?.args).toEqual(["h", true]);
    connection.publish("viewport.geometry.view.subscription", 1);
    await SyncView?.unsubscribe?.(...([subscription] as never[]));
    connection.publish("viewport.geometry.view.subscription", 2);
    expect(seen).toEqual([[1]]);
  });

  it("counts calls of protocols as busy", async () => {
    const { view, connection } = await mount(APP);
    const { client } = view.trame;
    const counts: number[] = [];
    client.onBusyChange((count) => counts.push(count));
    client.registerProtocol("Mine", (session) => ({ ask: () => session.call("mine.ask") }));
    connection.answer = ({ method }) => method;
    expect(await client.getRemote().Mine?.ask?.()).toBe("mine.ask");
    expect(counts).toEqual([1, 0]);
  });

  it("calls connect listeners now and at each connection", async () => {
    const { view, connection } = await mount(APP);
    const listener = vi.fn();
    view.trame.addConnectListener(listener);
    connection.open(APP);
    view.trame.removeConnectListener(listener);
    connection.open(APP);
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it("tells the server when the view is taken down", async () => {
    const { view, connection } = await mount(APP);
    view.dispose();
    const told = { method: "trame.lifecycle.update", args: ["client_unmounted"], kwargs: {} };
    expect(connection.calls).toEqual([told]);
    const other = await mount(APP);
    other.view.trame.app.unmount();
    expect(other.connection.calls).toEqual([told]);
  });
});

describe("utils", () => {
  const utils = createUtils();

  it("format numbers and bytes", () => {
    expect(utils.fmt.bytes(1_234_567)).toBe("1.18 MB");
    expect(utils.fmt.bytes(12, 0)).toBe("12 B");
    expect(utils.fmt.number(7200, ["s", "m", "h"], [60, 60], 0)).toBe("2 h");
    expect(utils.fmt.number(1e9, ["s", "m", "h"], [60], 0)).toBe("16666667 m");
    expect(utils.fmt.number(2048, ["B", "KiB"], 1024, 1)).toBe("2.0 KiB");
  });

  it("look up paths and calls", () => {
    const root = { a: { n: 3, f: () => ({ b: 2 }) } };
    expect(utils.get("a.n", root)).toBe(3);
    expect(utils.get("a.f().b", root)).toBe(2);
    expect(utils.get("a.x.y", root)).toBeUndefined();
  });

  it("make values safe for JSON", () => {
    const cyclic: Record<string, unknown> = { n: 1, f: () => 1, list: [1, { a: 2 }] };
    cyclic.self = cyclic;
    expect(utils.safe(cyclic)).toEqual({ n: 1, list: [1, { a: 2 }] });
  });

  it("keep what the wire can carry", () => {
    const value = { at: new Date(0), data: new Float32Array([1, 2]) };
    expect(utils.safe(value)).toEqual({ at: new Date(0), data: [1, 2] });
  });

  it("make a tree of a value, with ids that are positions", () => {
    expect(utils.tree({ a: { b: 1, c: [1, { d: null }] }, e: "x" })).toEqual([
      {
        id: "_0",
        name: "a: {}",
        children: [
          { id: "_0_0", name: "b: 1" },
          {
            id: "_0_1",
            name: "c: []",
            children: [
              { id: "_0_1_0", name: "1" },
              { id: "_0_1_1", name: "{}", children: [{ id: "_0_1_1_0", name: "d: null" }] },
            ],
          },
        ],
      },
      { id: "_1", name: "e: x" },
    ]);
    expect(utils.tree(null)).toEqual([]);
  });

  it("keep what matters of a vtk event", () => {
    const event = utils.vtk.event as (event: object) => object;
    expect(event({ type: "x", position: { x: 1 }, callData: {} })).toEqual({
      type: "x",
      position: { x: 1 },
    });
  });
});

describe("downloads", () => {
  function saved() {
    const blobs: Blob[] = [];
    URL.createObjectURL = vi.fn((blob: Blob) => `blob:${blobs.push(blob)}`);
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
    return blobs;
  }

  it("save text, bytes, arrays and blobs as they are, anything else as JSON", async () => {
    const blobs = saved();
    const { download } = createUtils();
    const bytes = new Uint8Array([1, 2, 3, 4]);
    const contents = [
      "text",
      bytes.subarray(1, 3),
      new NdArray("|u1", [2, 2], bytes),
      Promise.resolve(new Blob(["blob"])),
      reactive({ a: [1] }),
    ];
    for (const content of contents) await download("x", content, "x/y");
    const texts = await Promise.all(blobs.map((blob) => blob.text()));
    expect(texts.map((text) => text.replace(/\s/g, ""))).toEqual([
      "text",
      "\u0002\u0003",
      "\u0001\u0002\u0003\u0004",
      "blob",
      '{"a":[1]}',
    ]);
    expect(blobs[0]?.type).toBe("x/y");
  });

  it("say that there is nothing to save", async () => {
    await expect(createUtils().download("x.bin", Promise.resolve(null))).rejects.toThrow("x.bin");
  });
});
