import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RpcError } from "../../src/protocol";
import { Close, Connection, type ConnectionOptions, MemoryTransport } from "../../src/transports";
import {
  failed,
  greet,
  greeting,
  HELLO,
  reply,
  requests,
  settled,
  statePush,
  status,
  stockGreeting,
  taken,
} from "../peer";

let made: MemoryTransport[];
let wake: () => void;
let connection: Connection;

const newest = (): MemoryTransport => made.at(-1) as MemoryTransport;

function create(
  kinds: ("websocket" | "comm")[] = ["websocket"],
  more: Partial<ConnectionOptions> = {},
) {
  made = [];
  connection = new Connection({
    secret: "s",
    transports: kinds.map((kind) => () => {
      const transport = new MemoryTransport(kind);
      made.push(transport);
      return transport;
    }),
    wake: (listener) => {
      wake = listener;
      return () => {
        wake = () => undefined;
      };
    },
    ...more,
  });
  return connection;
}

/** A connection that is up, with nothing left of its hello. */
function live(state: object = { x: 1 }): Connection {
  create();
  connection.connect();
  newest().accept();
  greet(newest(), state);
  newest().sent.length = 0;
  return connection;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(() => {
  connection.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a connection", () => {
  it("says hello, fetches the state, and is live", () => {
    create();
    const heard: unknown[] = [];
    connection.onState((changes, snapshot) => heard.push([changes, snapshot]));
    connection.onReady(({ resumed, name }) => heard.push([resumed, name]));
    connection.connect();
    connection.connect();
    expect(made).toHaveLength(1);
    newest().accept();
    expect(taken(newest())).toMatchObject([{ id: HELLO }]);
    expect(connection.state).toBe("connecting");
    greet(newest(), { x: 1 });
    expect(heard).toEqual([
      [{ x: 1 }, true],
      [false, "demo"],
    ]);
    expect([connection.state, connection.kind, connection.clientId]).toEqual([
      "live",
      "websocket",
      "c1",
    ]);
  });

  it("sends writes, and tells when they are settled", () => {
    live();
    const numbers: number[] = [];
    connection.onSettled((number) => numbers.push(number));
    connection.write({ x: 2 });
    expect(taken(newest())).toMatchObject([{ method: "trame.state.update", jt: 1 }]);
    expect([...connection.pending]).toEqual([["x", 1]]);
    newest().deliver(settled(1, 2));
    expect(numbers).toEqual([1]);
  });

  it("counts what waits for the server, and tells when that changes", async () => {
    live();
    const counts: number[] = [];
    connection.onWaiting(() => counts.push(connection.waiting));
    connection.write({ x: 2, y: 1 });
    connection.write({ x: 3 });
    const answer = connection.call("a.method");
    const { id } = taken(newest()).at(-1) as { id: string };
    newest().deliver(statePush({ z: 1 }, 2));
    newest().deliver(settled(1, 2));
    newest().deliver(settled(2, 3));
    newest().deliver(reply(id, 7));
    await answer;
    expect(counts).toEqual([2, 3, 2, 1, 0]);
    void connection.call("another").catch(() => undefined);
    connection.close();
    expect(connection.waiting).toBe(0);
  });

  it("counts no pieces of files", async () => {
    live();
    const piece = connection.call("jupyter_trame.upload.piece", ["u1", 0, new Uint8Array(5)]);
    const { id } = taken(newest()).at(-1) as { id: string };
    expect(connection.waiting).toBe(0);
    const other = connection.call("a.method");
    expect(connection.waiting).toBe(1);
    newest().deliver(reply(id, null));
    await piece;
    expect(connection.waiting).toBe(1);
    newest().deliver(reply((taken(newest()).at(-1) as { id: string }).id, null));
    await other;
    expect(connection.waiting).toBe(0);
  });

  it("answers calls", async () => {
    live();
    const good = connection.call("trame.trigger", ["go", [], {}]);
    const bad = connection.call("trame.trigger", ["bad", [], {}]);
    const [first, second] = taken(newest());
    newest().deliver(failed(second?.id ?? "", -32001, "Exception raised"));
    newest().deliver(reply(first?.id ?? "", 7));
    await expect(good).resolves.toBe(7);
    await expect(bad).rejects.toMatchObject({ code: -32001, message: "Exception raised" });
  });

  it("rejects a call whose arguments cannot be sent", async () => {
    live();
    await expect(connection.call("f", [() => 1])).rejects.toThrow("cannot be sent");
  });

  it("goes on when a listener throws", () => {
    live();
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const heard: unknown[] = [];
    connection.onState(() => {
      throw new Error("a listener");
    });
    connection.onState((changes) => heard.push(changes));
    newest().deliver(statePush({ x: 3 }, 2));
    expect(heard).toEqual([{ x: 3 }]);
    expect(error).toHaveBeenCalledOnce();
  });

  it("tells a listener nothing more once it was taken away", () => {
    live();
    const listener = vi.fn();
    connection.onState(listener)();
    newest().deliver(statePush({ x: 3 }, 2));
    expect(listener).not.toHaveBeenCalled();
  });
});

describe("a lost connection", () => {
  it("is tried again within a second at first, then after up to 8 s", () => {
    create();
    connection.connect();
    const delays: number[] = [];
    for (let i = 0; i < 19; i++) {
      const before = made.length;
      newest().drop(1006, "");
      expect(connection.state).toBe("lost");
      let delay = 0;
      while (made.length === before) {
        vi.advanceTimersByTime(10);
        delay += 10;
      }
      delays.push(delay);
    }
    const often = new Array<number>(13).fill(1000);
    expect(delays).toEqual([250, 500, ...often, 2000, 4000, 8000, 8000]);
  });

  it("is not tried faster because each attempt lives for a moment", () => {
    live();
    for (const delay of [250, 500, 1000, 1000, 1000, 1000]) {
      newest().drop();
      vi.advanceTimersByTime(delay - 1);
      expect(newest().state).toBe("closed");
      vi.advanceTimersByTime(1);
      newest().accept();
      greet(newest());
    }
    vi.advanceTimersByTime(6000);
    newest().drop();
    vi.advanceTimersByTime(250);
    expect(newest().state).toBe("opening");
  });

  it("is tried as soon as ever when the clock of the machine is set back", () => {
    live();
    for (const tries of [2, 3]) {
      vi.advanceTimersByTime(6000);
      vi.setSystemTime(Date.now() - 86_400_000);
      newest().drop();
      vi.advanceTimersByTime(250);
      expect(made).toHaveLength(tries);
      newest().accept();
      greet(newest());
    }
  });

  it("resumes: writes and calls of the meantime leave, and answers come", async () => {
    live();
    const call = connection.call("slow");
    newest().drop();
    connection.write({ x: 2 });
    vi.advanceTimersByTime(250);
    newest().accept();
    expect(taken(newest())).toMatchObject([{ args: [{ jt: { resume: "token", got: 1 } }] }]);
    newest().deliver(greeting({ resumed: true, got: 1 }));
    expect(connection.state).toBe("live");
    const [slow, update] = taken(newest());
    expect(update).toMatchObject({ args: [[{ key: "x", value: 2 }]] });
    newest().deliver(reply(slow?.id ?? "", "done"));
    await expect(call).resolves.toBe("done");
  });

  it("rejects calls whose session did not survive", async () => {
    live();
    const call = connection.call("slow");
    newest().drop();
    vi.advanceTimersByTime(250);
    newest().accept();
    greet(newest());
    await expect(call).rejects.toBeInstanceOf(RpcError);
    await expect(call).rejects.toThrow("the call may have run");
  });

  it("rejects calls after the grace time, and new ones at once", async () => {
    live();
    const call = connection.call("slow");
    newest().drop(1006, "no network");
    const rejected = expect(call).rejects.toThrow("The connection was lost");
    vi.advanceTimersByTime(60_000);
    await rejected;
    await expect(connection.call("late")).rejects.toMatchObject({ code: -32004 });
    vi.advanceTimersByTime(8000);
    newest().accept();
    greet(newest());
    void connection.call("again").catch(() => undefined);
    expect(taken(newest()).map(({ method }) => method)).toContain("again");
  });

  it("is tried at once when the page wakes up", () => {
    live();
    newest().drop();
    wake();
    expect(made).toHaveLength(2);
    wake();
    vi.advanceTimersByTime(10_000);
    expect(made).toHaveLength(2);
  });

  it("on a comm is told when the page wakes up", () => {
    create(["comm"]);
    connection.connect();
    const woke = vi.fn();
    Object.assign(newest(), { woke });
    newest().accept();
    wake();
    expect(woke).toHaveBeenCalledOnce();
  });

  it("is noticed when the page wakes up and nobody answers", () => {
    live();
    wake();
    expect(taken(newest())).toMatchObject([{ method: "wslink.ping" }]);
    wake();
    expect(taken(newest())).toEqual([]);
    newest().deliver(failed("system:p0:0", -32601, "Unknown system method called"));
    vi.advanceTimersByTime(10_000);
    expect(connection.state).toBe("live");
    wake();
    vi.advanceTimersByTime(5000);
    expect(connection.state).toBe("lost");
    expect(made[0]?.closed?.[0]).toBe(4000);
    vi.advanceTimersByTime(250);
    expect(made).toHaveLength(2);
  });

  it("is noticed although the network says nothing", () => {
    live();
    vi.advanceTimersByTime(19_999);
    expect(taken(newest())).toEqual([]);
    newest().deliver(statePush({ x: 2 }, 2));
    vi.advanceTimersByTime(20_000);
    expect(taken(newest())).toMatchObject([{ method: "wslink.ping" }]);
    newest().deliver(failed("system:p0:0", -32601, "Unknown system method called"));
    vi.advanceTimersByTime(20_000 + 59_999);
    expect(connection.state).toBe("live");
    expect(taken(newest())).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(connection.state).toBe("lost");
    expect(made[0]?.closed?.[0]).toBe(4000);
  });

  it("is not waited for longer than half a minute when it is made anew", () => {
    live();
    newest().drop();
    vi.advanceTimersByTime(250);
    expect(made).toHaveLength(2);
    vi.advanceTimersByTime(30_000);
    expect(made[1]?.closed?.[0]).toBe(4000);
    vi.advanceTimersByTime(500);
    newest().accept();
    newest().deliver(greeting({ resumed: true }));
    expect(connection.state).toBe("live");
  });

  it("is not looked for over a comm, whose kernel may be busy", () => {
    create(["comm"]);
    connection.connect();
    vi.advanceTimersByTime(120_000);
    newest().accept();
    greet(newest());
    taken(newest());
    vi.advanceTimersByTime(120_000);
    expect(taken(newest())).toEqual([]);
    expect(made[0]?.closed).toBeNull();
  });

  it.each([
    [1002, "a frame without a header"],
    [1009, "the value of x has 9 bytes, 5 are allowed"],
  ])("code %i does not send again what the server refused", async (code, reason) => {
    live();
    const errors: string[] = [];
    connection.onError(({ message }) => errors.push(message));
    connection.write({ x: "too large" });
    const call = connection.call("too large");
    newest().drop(code, reason);
    await expect(call).rejects.toThrow(reason);
    expect(errors).toEqual([reason]);
    vi.advanceTimersByTime(250);
    newest().accept();
    taken(newest());
    newest().deliver(greeting());
    expect(taken(newest()).map(({ method }) => method)).toEqual(["trame.state.get"]);
  });

  it("after a malformed frame of the server starts anew", () => {
    live();
    newest().deliver(new Uint8Array(3));
    expect(connection.state).toBe("lost");
    expect(made[0]?.closed?.[0]).toBe(1002);
  });
});

describe("calls before the first hello", () => {
  it.each([["websocket"], ["comm"]] as const)(
    "over a %s are made when it is answered",
    async (kind) => {
      create([kind]);
      connection.connect();
      const early = connection.call("early");
      newest().accept();
      expect(taken(newest())).toMatchObject([{ id: HELLO }]);
      const late = connection.call("late");
      newest().deliver(greeting());
      const sent = taken(newest());
      expect(sent.map(({ method }) => method)).toEqual(["trame.state.get", "early", "late"]);
      newest().deliver(reply(sent[1]?.id ?? "", 1));
      newest().deliver(reply(sent[2]?.id ?? "", 2));
      await expect(Promise.all([early, late])).resolves.toEqual([1, 2]);
    },
  );

  it("wait for a kernel that runs a long cell", async () => {
    create(["comm"]);
    connection.connect();
    const early = connection.call("early");
    newest().accept();
    taken(newest());
    await vi.advanceTimersByTimeAsync(600_000);
    newest().deliver(greeting());
    const [, call] = taken(newest());
    newest().deliver(reply(call?.id ?? "", 1));
    await expect(early).resolves.toBe(1);
  });

  it("outlive a transport that gives way, and attempts that fail", async () => {
    create(["websocket", "comm"]);
    connection.connect();
    const early = connection.call("early");
    newest().drop();
    newest().drop();
    vi.advanceTimersByTime(250);
    newest().accept();
    taken(newest());
    newest().deliver(greeting());
    const [, call] = taken(newest());
    newest().deliver(reply(call?.id ?? "", 1));
    await expect(early).resolves.toBe(1);
  });

  it("do not wait for ever for what fails again and again, and have not run", async () => {
    create();
    connection.connect();
    const ended = connection.call("early").catch(({ message }) => message);
    for (let i = 0; i < 20; i++) {
      newest().drop(1006, "no network");
      await vi.advanceTimersByTimeAsync(8000);
    }
    await expect(ended).resolves.toBe("The connection was lost: no network.");
  });

  it("are not made twice, nor lost, when what the server refuses was something else", async () => {
    create();
    connection.connect();
    const early = connection.call("early");
    newest().accept();
    newest().drop(1009, "the hello is over the limit");
    vi.advanceTimersByTime(250);
    newest().accept();
    taken(newest());
    newest().deliver(greeting());
    const sent = taken(newest());
    expect(sent.map(({ method }) => method)).toEqual(["trame.state.get", "early"]);
    newest().deliver(reply(sent[1]?.id ?? "", 1));
    await expect(early).resolves.toBe(1);
  });
});

describe("several transports", () => {
  it("give way at once while none of the kind ever opened", () => {
    create(["websocket", "comm"]);
    connection.connect();
    newest().drop(Close.denied, "no cookie");
    expect(made.map(({ kind }) => kind)).toEqual(["websocket", "comm"]);
    expect(connection.state).toBe("connecting");
    newest().accept();
    greet(newest());
    expect(connection.kind).toBe("comm");
    newest().drop();
    vi.advanceTimersByTime(250);
    expect(made.map(({ kind }) => kind)).toEqual(["websocket", "comm", "comm"]);
  });

  it("keep the one that opened", () => {
    create(["websocket", "comm"]);
    connection.connect();
    newest().accept();
    greet(newest());
    for (let i = 0; i < 3; i++) {
      newest().drop();
      vi.advanceTimersByTime(8000);
    }
    expect(new Set(made.map(({ kind }) => kind))).toEqual(new Set(["websocket"]));
  });

  it("start from the first again when none opened, after the usual time", () => {
    create(["websocket", "comm"]);
    connection.connect();
    newest().drop();
    newest().drop();
    expect(made).toHaveLength(2);
    expect(connection.state).toBe("lost");
    vi.advanceTimersByTime(250);
    expect(made.map(({ kind }) => kind)).toEqual(["websocket", "comm", "websocket"]);
  });
});

describe("what is asked about a connection", () => {
  it("is how long an answer of the host takes", async () => {
    live();
    const answers = Promise.all([connection.ping(), connection.ping()]);
    expect(requests(newest().sent).map(({ id }) => id)).toEqual(["system:p0:0", "system:p0:0"]);
    newest().deliver(failed("system:p0:0", -32601, "Unknown system method called"));
    await answers;
  });

  it("is not answered over a connection that ends", async () => {
    live();
    const answer = connection.ping();
    newest().drop(1006, "cut");
    await expect(answer).rejects.toThrow("The connection was lost: cut.");
    await expect(connection.ping()).rejects.toThrow("there is no connection");
  });

  it("is which versions are at its ends", () => {
    create(["websocket"], { package: "1.2.3" });
    expect(connection.packages).toEqual({ page: "1.2.3", host: "", server: "" });
    connection.connect();
    newest().accept();
    expect(requests(newest().sent)[0]?.args).toMatchObject([{ jt: { package: "1.2.3" } }]);
    newest().deliver(greeting({ packages: ["1.3.0", "2.0.0"] }));
    expect(connection.packages).toEqual({ page: "1.2.3", host: "1.3.0", server: "2.0.0" });
  });

  it("is why the best way is not used", () => {
    create(["websocket", "comm"]);
    connection.connect();
    newest().drop(Close.missing, "there is no such app");
    expect(connection.passedOver).toBe("there is no such app");
    newest().drop(1006, "");
    expect(connection.passedOver, "it begins with the first again").toBe("");
  });

  it("does not hold what is no version against the server", () => {
    create();
    connection.connect();
    newest().accept();
    newest().deliver(greeting({ packages: [1, '1.0"; evil'] }));
    expect(connection.packages).toMatchObject({ host: "", server: "" });
  });
});

describe("a refused connection", () => {
  it("says nothing of signing in to who is signed in", () => {
    create();
    connection.connect();
    newest().drop(Close.forbidden, "you may not run code in this kernel");
    expect([connection.state, connection.message]).toEqual([
      "refused",
      "You may not run code in this kernel.",
    ]);
  });

  it("waits for the user to sign in, and is tried when the page is looked at again", async () => {
    create();
    connection.connect();
    const call = connection.call("early");
    newest().drop(Close.denied, "you are not signed in");
    expect([connection.state, connection.message]).toEqual(["refused", "Sign in again to go on."]);
    await expect(call).rejects.toThrow("Sign in again");
    vi.advanceTimersByTime(60_000);
    expect(made).toHaveLength(1);
    wake();
    expect(made).toHaveLength(2);
    newest().accept();
    greet(newest());
    expect(connection.state).toBe("live");
  });

  it("is one whose hello is refused", () => {
    create();
    connection.connect();
    newest().accept();
    newest().deliver(failed(HELLO, -32000, "Authentication failed"));
    expect(connection.state).toBe("refused");
    expect(connection.message).toContain("secret");
    expect(newest().state).toBe("closed");
    connection.retry();
    expect([connection.state, made.length]).toEqual(["connecting", 2]);
  });
});

describe("the server", () => {
  it("lost: the picture stays, calls are rejected, and it comes back", async () => {
    live();
    const statuses: string[] = [];
    connection.onStatus(({ state, message }) => statuses.push(`${state} ${message}`.trim()));
    const call = connection.call("slow");
    newest().deliver(status("lost", "the kernel died"));
    await expect(call).rejects.toThrow("the kernel died");
    newest().deliver(status("live"));
    expect(statuses).toEqual(["lost the kernel died", "live"]);
  });

  it("restarted: hello again on the same connection, and nothing of the old life is written", () => {
    live();
    connection.write({ x: 5 });
    taken(newest());
    newest().deliver(status("restarted"));
    expect(connection.state).toBe("connecting");
    expect(taken(newest())).toMatchObject([{ id: HELLO, args: [{ jt: { v: 1 } }] }]);
    const snapshots: unknown[] = [];
    connection.onState((changes) => snapshots.push(changes));
    greet(newest(), { x: 0 }, { epoch: "e2" });
    expect(snapshots).toEqual([{ x: 0 }]);
    expect([connection.state, connection.pending.size]).toEqual(["live", 0]);
  });

  it("stopped before the session was ready is still told", () => {
    create();
    connection.connect();
    newest().accept();
    taken(newest());
    newest().deliver(greeting());
    const [get] = taken(newest());
    newest().deliver(status("stopped", "Server shutdown"));
    newest().deliver(reply(get?.id ?? "", { name: "demo", state: {} }, ["e1", 1]));
    expect([connection.state, connection.message]).toEqual(["stopped", "Server shutdown"]);
  });

  it("that closes with 1001 is stopped, and found when it is back", () => {
    live();
    newest().drop(1001, "Server shutdown");
    expect([connection.state, connection.message]).toEqual(["stopped", "Server shutdown"]);
    vi.advanceTimersByTime(250);
    newest().accept();
    greet(newest());
    expect(connection.state).toBe("live");
  });
});

describe("close", () => {
  it("ends everything", async () => {
    live();
    const listener = vi.fn();
    connection.onStatus(listener);
    const call = connection.call("slow");
    connection.close();
    await expect(call).rejects.toThrow("the connection was closed");
    expect(newest().closed?.[0]).toBe(1000);
    expect(listener).toHaveBeenCalledOnce();
    connection.write({ x: 5 });
    connection.retry();
    wake();
    vi.advanceTimersByTime(100_000);
    expect(made).toHaveLength(1);
    await expect(connection.call("late")).rejects.toBeInstanceOf(RpcError);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("who goes for good", () => {
  it.each(["close", "abandon"] as const)("says so: %s", (end) => {
    live();
    connection.write({ x: 2 });
    connection[end]();
    expect(taken(newest()).map(({ method }) => method)).toEqual([
      "trame.state.update",
      "jupyter_trame.leave",
    ]);
    expect(newest().closed?.[0]).toBe(1000);
  });

  it("says nothing where there is no connection, nor to a stock server", () => {
    live();
    newest().drop();
    connection.close();
    expect(newest().sent).toEqual([]);
    create();
    connection.connect();
    newest().accept();
    newest().deliver(stockGreeting());
    newest().sent.length = 0;
    connection.close();
    expect(newest().sent).toEqual([]);
  });
});

describe("abandon", () => {
  it("ends everything without a word", async () => {
    live();
    const told = vi.fn();
    connection.onStatus(told);
    connection.onError(told);
    connection.call("waiting").then(told, told);
    connection.abandon();
    connection.call("late").then(told, told);
    connection.write({ x: 5 });
    wake();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(told).not.toHaveBeenCalled();
    expect(newest().closed?.[0]).toBe(1000);
    expect([connection.state, made.length, vi.getTimerCount()]).toEqual(["stopped", 1, 0]);
  });

  it("also silences a connection that was closed before", async () => {
    live();
    connection.close();
    connection.abandon();
    const told = vi.fn();
    connection.call("late").then(told, told);
    await vi.advanceTimersByTimeAsync(1);
    expect(told).not.toHaveBeenCalled();
  });
});
