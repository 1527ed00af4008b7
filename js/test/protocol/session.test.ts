import { beforeEach, describe, expect, it } from "vitest";
import {
  ARRAY_TYPE,
  ClientSession,
  ExtData,
  ProtocolError,
  type SessionEvent,
} from "../../src/protocol";
import {
  failed,
  greeting,
  message,
  publication,
  reply,
  requests,
  settled,
  statePush,
  stockGreeting,
} from "../peer";

let session: ClientSession;

const feed = (...frames: Uint8Array[]): SessionEvent[] =>
  frames.flatMap((frame) => session.receive(frame));
const output = () => requests(session.takeOutput());

function start(state: object = { x: 1 }, hello = greeting(), jt: unknown = ["e1", 1]): void {
  session.connected();
  feed(hello);
  const [get] = output();
  feed(reply(get?.id ?? "", { name: "demo", state }, jt));
  output();
}

beforeEach(() => {
  session = new ClientSession({ secret: "s", maxUnsettled: 3 });
});

describe("writes", () => {
  it("made while nothing is connected are merged and sent once", () => {
    start();
    session.disconnected();
    expect(session.write({ x: 2 })).toEqual([]);
    expect(session.write({ x: 3, y: 1 })).toEqual([]);
    session.connected();
    feed(greeting({ resumed: true, got: 1 }));
    expect(output()).toMatchObject([
      {
        args: [
          [
            { key: "x", value: 3 },
            { key: "y", value: 1 },
          ],
        ],
        jt: 1,
      },
    ]);
  });

  it("before the first hello are sent with the session that it starts", () => {
    session.write({ x: 9 });
    session.connected();
    feed(greeting());
    const [get, update] = output();
    expect(update).toMatchObject({ args: [[{ key: "x", value: 9 }]], jt: 1 });
    const events = feed(reply(get?.id ?? "", { name: "demo", state: { x: 1, y: 2 } }, ["e1", 1]));
    expect(events[0]).toMatchObject({ type: "state", changes: { y: 2 }, snapshot: true });
  });

  it("wait while too many are unsettled, and leave merged", () => {
    start();
    for (const x of [1, 2, 3]) expect(requests(session.write({ x }))).toHaveLength(1);
    for (const x of [4, 5]) expect(session.write({ x, [`k${x}`]: 1 })).toEqual([]);
    expect(session.pending.get("x")).toBe(4);
    feed(settled(1, 2));
    expect(output()).toMatchObject([{ jt: 4, args: [[{ key: "x", value: 5 }, {}, {}]] }]);
    expect(feed(settled(4, 5))).toEqual([{ type: "settled", number: 4 }]);
    expect(session.pending.size).toBe(0);
  });

  it("that wait leave before a call that was made after them", () => {
    start();
    for (const x of [1, 2, 3, 4]) session.write({ x });
    const { frames } = session.call("trame.trigger", ["go", [], {}]);
    expect(requests(frames).map(({ method }) => method)).toEqual([
      "trame.state.update",
      "trame.trigger",
    ]);
  });

  it("are not merged over a call between them", () => {
    start();
    session.disconnected();
    session.write({ x: 2 });
    session.call("trame.trigger", ["go", [], {}]);
    session.write({ x: 3 });
    session.connected();
    feed(greeting({ resumed: true, got: 1 }));
    expect(output().map(({ method }) => method.slice(6))).toEqual([
      "state.update",
      "trigger",
      "state.update",
    ]);
  });

  it("are settled by a state publication before its values are taken", () => {
    start();
    session.write({ x: 2 });
    session.write({ y: 2 });
    expect(feed(statePush({ x: 7, y: 7, z: 7 }, 4, "e1", 1))).toEqual([
      { type: "settled", number: 1 },
      { type: "state", changes: { x: 7, z: 7 }, snapshot: false },
    ]);
    expect([...session.pending]).toEqual([["y", 2]]);
    expect(session.seq).toBe(4);
    expect(feed(statePush({ y: 8 }, 5, "e1", 2)).map(({ type }) => type)).toEqual([
      "settled",
      "state",
    ]);
  });

  it("are settled by a publication whose values are all pending again", () => {
    start();
    session.write({ x: 2 });
    session.write({ x: 3 });
    expect(feed(statePush({ x: 7 }, 4, "e1", 1))).toEqual([{ type: "settled", number: 1 }]);
    expect(session.pending.get("x")).toBe(2);
  });

  it("leave after a settlement in a state publication made room", () => {
    start();
    for (const x of [1, 2, 3, 4]) session.write({ x });
    feed(statePush({ y: 1 }, 2, "e1", 1));
    expect(output()).toMatchObject([{ jt: 4 }]);
  });

  it.each([
    ["of another life of the server", "e0", 1],
    ["that is no number", "e1", "1"],
    ["that is nil", "e1", null],
  ])("are not settled by a mark %s", (_, epoch, n) => {
    start();
    session.write({ x: 2 });
    expect(feed(statePush({ x: 7 }, 2, epoch, n))).toEqual([]);
    expect(session.pending.get("x")).toBe(1);
  });

  it("that cannot be packed change nothing", () => {
    start();
    expect(() => session.write({ x: () => 1 })).toThrow("cannot be sent");
    expect(session.pending.size).toBe(0);
    expect(requests(session.write({ x: 2 }))).toMatchObject([{ jt: 1 }]);
  });

  it("of an empty change send nothing", () => {
    start();
    expect(session.write({})).toEqual([]);
  });
});

describe("calls", () => {
  const methods = () => output().map(({ method, args }) => [method.slice(6), args[0]]);

  it("before the first hello leave with the session that it starts, in their order among the writes", () => {
    session.call("trame.trigger", ["created"]);
    session.write({ x: 2 });
    session.write({ y: 2 });
    session.call("trame.trigger", ["mounted"]);
    session.write({ x: 3 });
    session.connected();
    expect(feed(greeting())).toEqual([]);
    expect(methods()).toEqual([
      ["state.get", undefined],
      ["trigger", "created"],
      [
        "state.update",
        [
          { key: "x", value: 2 },
          { key: "y", value: 2 },
        ],
      ],
      ["trigger", "mounted"],
      ["state.update", [{ key: "x", value: 3 }]],
    ]);
  });

  it("are answered by the session that they waited for, also after a loss", () => {
    const { id } = session.call("early");
    session.connected();
    feed(greeting());
    output();
    session.disconnected();
    session.connected();
    feed(greeting({ resumed: true, got: 1 }));
    expect(output()).toMatchObject([{ id, method: "early" }]);
    expect(feed(reply(id, 7))).toEqual([{ type: "reply", id, result: 7, error: null }]);
  });

  it("may have run only if they left", () => {
    start();
    const sent = session.call("sent");
    session.disconnected();
    session.write({ x: 2 });
    const waiting = session.call("waiting");
    session.forget(true);
    session.connected();
    expect(feed(greeting())).toMatchObject([
      { id: sent.id, error: { message: expect.stringContaining("may have run") } },
    ]);
    const sentNow = output().map(({ method }) => method);
    expect(sentNow).toEqual(["trame.state.get", "trame.state.update", "waiting"]);
    expect(session.failCalls("It ended.")).toMatchObject([
      { id: waiting.id, error: { message: "It ended. The call may have run." } },
    ]);
  });

  it("that never left say so when they end", () => {
    const { id } = session.call("early");
    expect(session.failCalls("it ended", "sent")).toEqual([]);
    expect(session.failCalls("it ended")).toMatchObject([{ id, error: { message: "it ended" } }]);
  });

  it("are not made in another life of the server", () => {
    start();
    session.disconnected();
    session.write({ x: 2 });
    const { id } = session.call("waiting");
    session.connected();
    const message = "the server was started again; the call was not made";
    expect(feed(greeting({ epoch: "e2" }))).toMatchObject([
      { id, error: { code: -32004, message } },
      { type: "dropped", keys: ["x"] },
    ]);
    expect(output().map(({ method }) => method)).toEqual(["trame.state.get"]);
  });

  it.each([
    ["e1", ["trame.state.get", "early", "trame.state.update"]],
    ["e0", ["trame.state.get"]],
  ])("made on the picture of life %s", (snapshotEpoch, sent) => {
    session = new ClientSession({ secret: "s", snapshotEpoch });
    const { id } = session.call("early");
    session.write({ x: 1 });
    session.connected();
    const events = feed(greeting());
    expect(output().map(({ method }) => method)).toEqual(sent);
    const lost = [
      expect.objectContaining({ id, error: expect.objectContaining({ code: -32010 }) }),
      { type: "dropped", keys: ["x"] },
    ];
    expect(events).toEqual(snapshotEpoch === "e1" ? [] : lost);
  });

  it("go on with another replica where it knows of them, and no message of the server comes twice", () => {
    start();
    const [known, unknown, late] = ["known", "unknown", "late"].map((name) => session.call(name));
    session.takeOutput();
    feed(publication("t", 1, 12));
    session.disconnected();
    expect(requests(session.connected())).toMatchObject([{ args: [{ jt: { heard: 12 } }] }]);
    const events = feed(greeting({ resumed: true, got: 3, calls: [known?.id] }));
    expect(events).toMatchObject([
      {
        id: unknown?.id,
        error: { message: "the Jupyter server was restarted; the call may have run" },
      },
      { type: "ready", resumed: true },
    ]);
    expect(output()).toMatchObject([{ id: late?.id }]);
    expect(feed(reply(known?.id ?? "", 1, 13))).toMatchObject([{ id: known?.id, result: 1 }]);
  });

  it("are counted from the last of two hellos on", () => {
    start();
    for (const _ of [1, 2])
      feed(publication("jupyter_trame.status", { state: "restarted", message: "" }));
    output();
    expect(feed(greeting({ epoch: "e2" }))).toEqual([]);
    expect([session.live, output()]).toEqual([false, []]);
    feed(greeting({ epoch: "e3" }));
    expect(output().map(({ method }) => method)).toEqual(["trame.state.get"]);
    expect(session.epoch).toBe("e3");
  });

  it("that wait are bounded, and fit the frames of the server that they come to", () => {
    session.call("large", ["y".repeat(3 << 20)]);
    expect(() => session.call("larger", ["y".repeat(1 << 20)])).toThrow("busy");
    session.connected();
    feed(reply("system:c0:0", { clientID: "c1", maxMsgSize: 1 << 16 }));
    const frames = session.takeOutput();
    expect(Math.max(...frames.map(({ length }) => length))).toBe(1 << 16);
    expect(requests(frames)).toMatchObject([{ method: "trame.state.get" }, { method: "large" }]);
    session.call("larger", ["y".repeat(2 << 20)]);
  });
});

describe("the session", () => {
  it("cuts a message by the size that the server announced", () => {
    session.connected();
    feed(reply("system:c0:0", { clientID: "c1", maxMsgSize: 1000 }));
    session.takeOutput();
    const frames = session.write({ x: "y".repeat(3000) });
    expect(Math.max(...frames.map(({ length }) => length))).toBe(1000);
    expect(requests(frames)).toHaveLength(1);
  });

  it("keeps hello below 512 bytes", () => {
    start({}, greeting({ resume: "t".repeat(43), epoch: "e".repeat(32) }));
    const [hello] = session.connected();
    expect(hello?.length).toBeLessThan(512);
  });

  it("answers no ping, and does not count its answer", () => {
    start();
    expect(requests(session.ping())).toMatchObject([{ id: "system:p0:0" }]);
    expect(feed(failed("system:p0:0", -32601, "Unknown system method called"))).toEqual([
      { type: "pong" },
    ]);
    expect(requests(session.connected())).toMatchObject([{ args: [{ jt: { got: 1 } }] }]);
  });

  it("tells of a publication that could not be packed", () => {
    start();
    const error = { code: -32002, message: "cannot be serialized" };
    const events = feed(message({ id: "publish:my.topic:0", error }));
    expect(events).toMatchObject([{ type: "error", where: "my.topic", message: error.message }]);
  });

  it("tells of exceptions in user code", () => {
    start();
    const error = { where: "trigger go", message: "ValueError: no", trace: null, time: 12.5 };
    const events = feed(publication("jupyter_trame.error", error));
    expect(events).toEqual([{ type: "error", ...error }]);
  });

  it.each([
    ["no map", reply("system:c0:0", 3)],
    ["no client id", reply("system:c0:0", { maxMsgSize: 5 })],
    ["an odd extension", greeting({ got: "x" })],
    ["a state that is no map", statePush([1] as object, 2)],
    ["a status without a name", publication("jupyter_trame.status", {})],
    ["no id", message({ id: 5 })],
  ])("refuses %s", (_, frame) => {
    start();
    session.connected();
    expect(() => feed(frame)).toThrow(ProtocolError);
  });

  it("goes on with a new session after it was told to forget the old one", () => {
    start();
    session.write({ x: 2 });
    session.disconnected();
    session.forget(false);
    expect(requests(session.connected())[0]?.args).toEqual([{ secret: "s", jt: { v: 1 } }]);
    feed(greeting());
    expect(output().map(({ method }) => method)).toEqual(["trame.state.get"]);
  });
});

describe("a stock server", () => {
  const stock = () => start({ x: 1 }, stockGreeting(), undefined);

  it("gets updates without a number, and its answer settles them", () => {
    stock();
    const [update] = requests(session.write({ x: 2 }));
    expect(update).not.toHaveProperty("jt");
    expect(feed(publication("trame.state.topic", { x: 1, y: 3 }))).toEqual([
      { type: "state", changes: { y: 3 }, snapshot: false },
    ]);
    expect(feed(reply(update?.id ?? "", null))).toEqual([{ type: "settled", number: 1 }]);
    expect(feed(publication("trame.state.topic", { x: 10 }))).toMatchObject([
      { changes: { x: 10 } },
    ]);
  });

  it("may answer out of order", () => {
    stock();
    const [first] = requests(session.write({ x: 2, y: 2 }));
    const [second] = requests(session.write({ x: 3 }));
    feed(reply(second?.id ?? "", null));
    expect([...session.pending.keys()]).toEqual(["y"]);
    feed(reply(first?.id ?? "", null));
    expect(session.pending.size).toBe(0);
  });

  it("gets a whole new session after a loss, with the values that it never confirmed", () => {
    stock();
    session.write({ x: 2 });
    const { id } = session.call("trame.trigger", ["go", [], {}]);
    session.disconnected();
    session.connected();
    expect(feed(stockGreeting())).toMatchObject([{ type: "reply", id, error: { code: -32004 } }]);
    const [get, update] = output();
    expect(update).toMatchObject({
      method: "trame.state.update",
      args: [[{ key: "x", value: 2 }]],
    });
    const events = feed(reply(get?.id ?? "", { name: "demo", state: { x: 1, y: 5 } }));
    expect(events).toMatchObject([{ changes: { y: 5 } }, { type: "ready", resumed: false }]);
  });
});

describe("a value that cannot be read", () => {
  const broken = new ExtData(ARRAY_TYPE, Uint8Array.of(255));
  const errors = (events: SessionEvent[]) =>
    events.flatMap((event) => (event.type === "error" ? [[event.where, event.message]] : []));

  it("is lost alone from a publication, and named", () => {
    start();
    session.write({ y: 1 });
    const events = feed(statePush({ x: { a: [1, broken] }, z: 3 }, 2, "e1", 1));
    expect(events.slice(0, 2)).toEqual([
      { type: "settled", number: 1 },
      { type: "state", changes: { z: 3 }, snapshot: false },
    ]);
    expect(errors(events)).toEqual([
      ["state", expect.stringMatching(/^the value of "x" cannot be read, at \["a"\]\[1\]: /)],
    ]);
    expect(session.seq).toBe(2);
  });

  it("is lost alone from the whole state", () => {
    session.connected();
    feed(greeting());
    const [get] = output();
    const state = { x: broken, y: [{ b: broken }], z: 1 };
    const events = feed(reply(get?.id ?? "", { name: "demo", state }, ["e1", 1]));
    expect(events[0]).toEqual({ type: "state", changes: { z: 1 }, snapshot: true });
    expect(events[1]).toMatchObject({ type: "ready" });
    expect(errors(events).map(([, message]) => message)).toEqual([
      expect.stringMatching(/^the value of "x" cannot be read, /),
      expect.stringMatching(/^the value of "y" cannot be read, at \[0\]\["b"\]: /),
    ]);
    expect(session.live).toBe(true);
  });

  it("makes an error of a result and of a publication", () => {
    start();
    const { id } = session.call("go");
    expect(feed(reply(id, [1, broken]))).toMatchObject([
      { type: "reply", id, result: null, error: { code: -32002 } },
    ]);
    expect(errors(feed(publication("a.topic", [{ x: broken }])))).toEqual([
      ["a.topic", expect.stringMatching(/^a publication cannot be read, at \[0\]\["x"\]: /)],
    ]);
  });
});
