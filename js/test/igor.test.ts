import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Client, connect, type ProcessMessage, resolve } from "../src/igor";

class FakeSocket {
  static all: FakeSocket[] = [];
  static get last(): FakeSocket {
    return FakeSocket.all.at(-1) as FakeSocket;
  }
  readonly address: string;
  sent: { streamId: string; action: string; data?: unknown }[] = [];
  closedWith: number | undefined;
  onopen = () => {};
  onmessage: (event: { data: string }) => void = () => {};
  onclose: (event: { code: number; reason: string }) => void = () => {};

  constructor(address: string) {
    this.address = address;
    FakeSocket.all.push(this);
  }
  send(frame: string): void {
    this.sent.push(JSON.parse(frame));
  }
  close(code: number): void {
    this.closedWith = code;
  }
  say(message: object): void {
    this.onmessage({ data: JSON.stringify(message) });
  }
  get id(): string {
    return this.sent.at(-1)?.streamId as string;
  }
}

let client: Client;
const open = () => {
  client = connect("ws://localhost:5678", { WebSocket: FakeSocket as never });
  FakeSocket.last.onopen();
};

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
});
afterEach(() => {
  client?.close();
  vi.useRealTimers();
  document.getElementById("jupyter-config-data")?.remove();
});

/** A callback of a page that is wrong; what it throws nobody catches. */
const newMistake = () =>
  vi.fn(() => {
    throw new Error("of the page");
  });

describe("a call", () => {
  it("ends although the page's own callbacks throw", async () => {
    open();
    const mistake = newMistake();
    const call = client.dispatch("a").onData(mistake).onError(mistake).onClose(mistake);
    const socket = FakeSocket.last;
    socket.say({ streamId: socket.id, data: 1 });
    socket.say({ streamId: socket.id, error: "refused", code: 400 });
    await expect(call.promise).rejects.toThrow("refused");
    expect(() => vi.advanceTimersByTime(0)).toThrow("of the page");
    expect(mistake).toHaveBeenCalledTimes(3);
  });

  it("gets its data, and its end", async () => {
    open();
    const call = client.dispatch("count", 2);
    const seen: unknown[] = [];
    call.onData((data) => seen.push(data)).onClose(() => seen.push("closed"));
    const socket = FakeSocket.last;
    expect(socket.sent).toEqual([{ streamId: socket.id, action: "count", data: 2 }]);
    socket.say({ streamId: socket.id, data: 0 });
    socket.say({ streamId: socket.id, data: null });
    socket.say({ streamId: socket.id, close: true });
    expect(seen).toEqual([0, null, "closed"]);
    expect(await call.promise).toEqual([0, null]);
    call.onData((data) => seen.push(["late", data]));
    expect(seen.at(-1)).toEqual(["late", null]);
  });

  it("without an end keeps a bounded number of values for who listens later", async () => {
    open();
    const call = client.dispatch("endless");
    const heard: unknown[] = [];
    call.onData((data) => heard.push(data));
    const socket = FakeSocket.last;
    for (let value = 0; value < 10_005; value++) {
      socket.say({ streamId: socket.id, data: value });
      socket.say({ streamId: socket.id, error: String(value) });
    }
    const { promise } = call;
    socket.say({ streamId: socket.id, data: "more" });
    const late: unknown[] = [];
    const errors: string[] = [];
    call.onData((data) => late.push(data)).onError(({ message }) => errors.push(message));
    expect([heard.length, late.length, errors.length]).toEqual([10_006, 10_001, 10_000]);
    expect([late[0], late.at(-1), errors[0]]).toEqual([5, "more", "5"]);
    socket.say({ streamId: socket.id, close: true });
    await expect(promise).rejects.toThrow(/^0$/);
  });

  it("without an end keeps a bounded size of values, and the last one always", async () => {
    open();
    const call = client.dispatch("endless");
    const socket = FakeSocket.last;
    const large = "x".repeat(6 << 20);
    for (const end of "abc") socket.say({ streamId: socket.id, data: large + end });
    socket.say({ streamId: socket.id, data: large.repeat(3) });
    const sizes: number[] = [];
    call.onData((data) => sizes.push((data as string).length));
    expect(sizes).toEqual([18 << 20]);
    const { promise } = call;
    for (const end of "abc") socket.say({ streamId: socket.id, data: large + end });
    socket.say({ streamId: socket.id, close: true });
    expect((await promise).length).toBe(4);
  });

  it("fails with the handler's error, when the stream ends", async () => {
    open();
    const call = client.dispatch("fail");
    const errors: string[] = [];
    call.onError(({ message }) => errors.push(message));
    const socket = FakeSocket.last;
    socket.say({ streamId: socket.id, error: "it went wrong" });
    socket.say({ streamId: socket.id, close: true });
    await expect(call.promise).rejects.toThrow("it went wrong");
    expect(errors).toEqual(["it went wrong"]);
  });

  it("fails when it is refused, which closes nothing else", async () => {
    open();
    const call = client.dispatch("nothing");
    FakeSocket.last.say({ streamId: FakeSocket.last.id, error: "no handler", code: 400 });
    await expect(call.promise).rejects.toThrow("no handler");
    FakeSocket.last.say({ error: "not JSON", code: 400 });
    expect(client.status).toBe("open");
  });

  it("has an id that no other call has", () => {
    open();
    for (let i = 0; i < 5; i++) client.dispatch("a");
    const other = connect("ws://x", { WebSocket: FakeSocket as never });
    FakeSocket.last.onopen();
    other.dispatch("a");
    const ids = FakeSocket.all.flatMap(({ sent }) => sent.map(({ streamId }) => streamId));
    expect(new Set(ids).size).toBe(6);
    other.close();
  });
});

describe("a connection", () => {
  it("takes what waited for it, in order", () => {
    client = connect("ws://localhost:5678", { WebSocket: FakeSocket as never });
    client.dispatch("one");
    client.dispatch("two");
    expect(FakeSocket.last.sent).toEqual([]);
    FakeSocket.last.onopen();
    expect(FakeSocket.last.sent.map(({ action }) => action)).toEqual(["one", "two"]);
  });

  it("that is lost fails what was open, and comes again", async () => {
    open();
    const statuses: string[] = [];
    client.onStatus((status) => statuses.push(status));
    const asked = client.dispatch("slow");
    FakeSocket.last.onclose({ code: 1006, reason: "" });
    await expect(asked.promise).rejects.toThrow("the connection was lost (1006)");
    const late = client.dispatch("later");
    vi.advanceTimersByTime(249);
    expect(FakeSocket.all).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(FakeSocket.all).toHaveLength(2);
    FakeSocket.last.onopen();
    expect(FakeSocket.last.sent.map(({ action }) => action)).toEqual(["later"]);
    FakeSocket.last.say({ streamId: FakeSocket.last.id, close: true });
    expect(await late.promise).toEqual([]);
    expect(statuses).toEqual(["lost", "connecting", "open"]);
  });

  it("comes again although the page's own callbacks throw", async () => {
    open();
    const mistake = newMistake();
    client.onStatus(mistake);
    const heard: string[] = [];
    client.onStatus((status) => heard.push(status));
    const calls = [client.dispatch("a").onError(mistake).onClose(mistake), client.dispatch("b")];
    FakeSocket.last.onclose({ code: 1006, reason: "" });
    for (const { promise } of calls) await expect(promise).rejects.toThrow("was lost");
    expect(() => vi.advanceTimersByTime(60_000)).toThrow("of the page");
    expect(mistake).toHaveBeenCalledTimes(4);
    expect(heard).toEqual(["lost", "connecting"]);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("is tried less and less often, and often again once it was up", () => {
    open();
    const waits: number[] = [];
    for (let tries = 0; tries < 9; tries++) {
      const before = FakeSocket.all.length;
      FakeSocket.last.onclose({ code: 1006, reason: "" });
      let waited = 0;
      for (; FakeSocket.all.length === before; waited += 50) vi.advanceTimersByTime(50);
      waits.push(waited);
    }
    expect(waits).toEqual([250, 500, 1000, 1000, 2000, 4000, 8000, 8000, 8000]);
    FakeSocket.last.onopen();
    FakeSocket.last.onclose({ code: 1006, reason: "" });
    vi.advanceTimersByTime(250);
    expect(FakeSocket.all).toHaveLength(11);
  });

  it("whose id another took is not tried again", async () => {
    open();
    const call = client.dispatch("slow");
    FakeSocket.last.onclose({ code: 4001, reason: "taken up" });
    await expect(call.promise).rejects.toThrow("taken up");
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(client.status).toBe("closed");
    await expect(client.dispatch("more").promise).rejects.toThrow("closed");
  });

  it("that is closed fails what waits", async () => {
    client = connect("ws://localhost:5678", { WebSocket: FakeSocket as never });
    const call = client.dispatch("a");
    client.close();
    await expect(call.promise).rejects.toThrow("the client is closed");
    expect(FakeSocket.last.closedWith).toBe(1000);
    FakeSocket.last.onclose({ code: 1000, reason: "" });
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("keeps no more than a bounded number of calls waiting", async () => {
    client = connect("ws://localhost:5678", { WebSocket: FakeSocket as never });
    for (let i = 0; i < 1000; i++) client.dispatch("a");
    await expect(client.dispatch("a").promise).rejects.toThrow("1000 calls wait");
  });
});

describe("an id", () => {
  const answer = (token: string) => {
    const socket = FakeSocket.last;
    const asked = socket.sent.filter(({ action }) => action === "introduce_self");
    const { streamId } = asked.at(-1) as { streamId: string };
    socket.say({ streamId, data: { client_id: "me", resume_token: token } });
    socket.say({ streamId, close: true });
  };

  it("is taken up again with the latest token, before anything else is said", async () => {
    open();
    const introduced = client.introduce("me");
    answer("t1");
    expect(await introduced).toEqual({ client_id: "me", resume_token: "t1" });
    for (const [token, next] of [
      ["t1", "t2"],
      ["t2", "t3"],
    ] as const) {
      FakeSocket.last.onclose({ code: 1006, reason: "" });
      client.dispatch("recall");
      vi.advanceTimersByTime(250);
      FakeSocket.last.onopen();
      expect(FakeSocket.last.sent.map(({ action, data }) => [action, data])).toEqual([
        ["introduce_self", { client_id: "me", resume_token: token }],
        ["recall", undefined],
      ]);
      answer(next);
    }
  });

  it("is said again after a connection that was lost before the answer", async () => {
    open();
    const introduced = client.introduce("me");
    answer("t1");
    await introduced;
    for (let i = 0; i < 3; i++) {
      FakeSocket.last.onclose({ code: 1006, reason: "" });
      vi.advanceTimersByTime(8000);
      FakeSocket.last.onopen();
      expect(FakeSocket.last.sent[0]?.data).toEqual({ client_id: "me", resume_token: "t1" });
    }
  });

  it("is told with each new token, and when it is refused", async () => {
    open();
    const heard: unknown[] = [];
    const stop = client.onIdentity((identity, error) =>
      heard.push(identity?.resume_token ?? error?.message),
    );
    const introduced = client.introduce("me");
    answer("t1");
    await introduced;
    const again = () => {
      FakeSocket.last.onclose({ code: 1006, reason: "" });
      vi.advanceTimersByTime(250);
      FakeSocket.last.onopen();
    };
    again();
    answer("t2");
    again();
    FakeSocket.last.say({ streamId: FakeSocket.last.id, error: "taken", code: 400 });
    expect(heard).toEqual(["t1", "t2", "taken"]);
    expect(client.identity).toBeUndefined();
    stop();
    const later = client.introduce("me");
    answer("t3");
    expect((await later).resume_token).toBe("t3");
    expect(heard).toHaveLength(3);
  });

  it("that is refused is not asked for again", async () => {
    open();
    const introduced = client.introduce("me", "old");
    expect(FakeSocket.last.sent[0]?.data).toEqual({ client_id: "me", resume_token: "old" });
    FakeSocket.last.say({ streamId: FakeSocket.last.id, error: "taken", code: 400 });
    await expect(introduced).rejects.toThrow("taken");
    FakeSocket.last.onclose({ code: 1006, reason: "" });
    vi.advanceTimersByTime(250);
    FakeSocket.last.onopen();
    expect(FakeSocket.last.sent).toEqual([]);
  });
});

describe("a process", () => {
  it("is heard by who asked for it, until that is taken back", () => {
    open();
    const heard: ProcessMessage[] = [];
    const stop = client.onProcess("ticker", (message) => heard.push(message));
    const socket = FakeSocket.last;
    socket.say({ streamId: "ticker", action: "tick", data: 1 });
    socket.say({ streamId: "other", action: "tick", data: 1 });
    socket.say({ streamId: "ticker", close: true });
    stop();
    socket.say({ streamId: "ticker", action: "tick", data: 2 });
    expect(heard).toEqual([
      { streamId: "ticker", action: "tick", data: 1 },
      { streamId: "ticker", close: true },
    ]);
  });
});

describe("an address", () => {
  it("with a host is taken as it is", () => {
    expect(resolve("ws://localhost:5678")).toBe("ws://localhost:5678/");
    expect(resolve("https://hub.example/user/a/trame/igor/k/n/ws")).toBe(
      "wss://hub.example/user/a/trame/igor/k/n/ws",
    );
  });

  it("without one is below the Jupyter server of the page", () => {
    const config = document.createElement("script");
    config.id = "jupyter-config-data";
    config.type = "application/json";
    config.textContent = JSON.stringify({ baseUrl: "/user/a/" });
    document.body.append(config);
    const host = location.origin.replace("http", "ws");
    expect(resolve("trame/igor/k/n/ws")).toBe(`${host}/user/a/trame/igor/k/n/ws`);
    config.remove();
    document.body.dataset.baseUrl = "/nb/";
    expect(resolve("trame/x")).toBe(`${host}/nb/trame/x`);
    delete document.body.dataset.baseUrl;
    expect(resolve("trame/x")).toBe(`${host}/trame/x`);
  });
});
