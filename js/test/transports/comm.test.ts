import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CommBuffers, type CommModel, CommTransport } from "../../src/transports";

type Listener = (content: unknown, buffers: DataView[]) => void;
interface Sent {
  jt: string;
  view: string;
  n?: number;
  code?: number;
  reason?: string;
  text?: string[];
  as_text?: boolean;
  buffers: ArrayBuffer[];
}

class Model implements CommModel {
  readonly sent: Sent[] = [];
  readonly listeners = new Set<Listener>();
  /** Those of "comm_live_update", which has no arguments. */
  readonly watchers = new Set<() => void>();
  failing = false;

  send(content: unknown, _: unknown, buffers: ArrayBuffer[]): void {
    if (this.failing) throw new Error("the kernel is dead");
    this.sent.push({ ...(content as Sent), buffers });
  }

  on(event: string, listener: Listener & (() => void)): void {
    (event === "msg:custom" ? this.listeners : this.watchers).add(listener);
  }

  off(event: string, listener: Listener & (() => void)): void {
    (event === "msg:custom" ? this.listeners : this.watchers).delete(listener);
  }

  deliver(content: unknown, ...frames: number[][]): void {
    const buffers = frames.map((frame) => {
      const larger = Uint8Array.from([9, ...frame, 9]);
      return new DataView(larger.buffer, 1, frame.length);
    });
    for (const listener of [...this.listeners]) listener(content, buffers);
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

let model: Model;
let transport: CommTransport;
let heard: unknown[];
let view: string;

beforeEach(async () => {
  model = new Model();
  await connect(new CommBuffers(true));
  model.deliver({ jt: "opened", view });
  model.deliver({ jt: "probe", view }, PROBE);
  model.sent.splice(1);
});

const PROBE = [0, 255, ...Buffer.from(" jupyter_trame")];

async function connect(buffers: CommBuffers): Promise<void> {
  transport = new CommTransport(model, buffers);
  heard = [];
  transport.onopen = () => heard.push("open");
  transport.onwait = (message) => heard.push(message);
  transport.onframe = (frame) => heard.push([...frame]);
  transport.onclose = (code, reason) => heard.push([code, reason]);
  transport.open();
  expect(heard).toEqual([]);
  await turn();
  view = model.sent.at(-1)?.view ?? "";
}

describe("bytes", () => {
  afterEach(() => {
    transport.close();
    vi.useRealTimers();
  });

  const reopen = async (told: unknown): Promise<CommBuffers> => {
    transport.close();
    model.sent.length = 0;
    const buffers = new CommBuffers(told);
    await connect(buffers);
    return buffers;
  };

  it("are tried before anything that matters, once the kernel has answered", async () => {
    const buffers = await reopen(true);
    expect([heard, model.sent]).toMatchObject([[], [{ jt: "open" }]]);
    model.deliver({ jt: "opened", view });
    transport.send(Uint8Array.of(1));
    await turn();
    expect(heard).toEqual(["open"]);
    expect(model.sent.map(({ jt }) => jt)).toEqual(["open", "probe", "frames"]);
    expect([...new Uint8Array(model.sent[1]?.buffers[0] as ArrayBuffer)]).toEqual(PROBE);
    expect(buffers.pass).toBeNull();
    model.deliver({ jt: "probe", view }, PROBE);
    expect(buffers.pass).toBe(true);
  });

  it.each([[], [[1]], [PROBE, PROBE]])(
    "that do not come back as they were: text (%#)",
    async (...frames) => {
      const buffers = await reopen(true);
      model.deliver({ jt: "opened", view });
      model.deliver({ jt: "probe", view }, ...(frames as number[][]));
      expect(buffers.pass).toBe(false);
      const reason = "bytes in messages do not reach the kernel, so text is sent instead";
      expect(heard).toEqual(["open", [1006, reason]]);
      expect(model.sent.at(-1)).toMatchObject({ jt: "close", code: 1006, reason });
    },
  );

  it("that do not come back at all: text, from the next connection on", async () => {
    const buffers = await reopen(true);
    vi.useFakeTimers();
    model.deliver({ jt: "opened", view });
    vi.advanceTimersByTime(4999);
    expect(buffers.pass).toBeNull();
    vi.advanceTimersByTime(1);
    expect([buffers.pass, vi.getTimerCount()]).toEqual([false, 0]);
    vi.useRealTimers();
    model.sent.length = 0;
    await connect(buffers);
    expect(model.sent).toMatchObject([{ jt: "open", as_text: true }]);
    model.deliver({ jt: "opened", view });
    transport.send(Uint8Array.of(0, 255));
    await turn();
    expect(model.sent.at(-1)).toEqual({ jt: "frames", view, n: 0, text: ["AP8="], buffers: [] });
    model.deliver({ jt: "frames", view, n: 0, text: ["/wA=", ""] });
    expect(heard).toEqual(["open", [255, 0], []]);
  });

  it("are not tried where the kernel says that they do not arrive", async () => {
    await reopen(false);
    model.deliver({ jt: "opened", view });
    transport.send(new Uint8Array(70_000).fill(7));
    await turn();
    expect(model.sent.map(({ jt }) => jt)).toEqual(["open", "frames"]);
    expect(model.sent[1]?.buffers).toEqual([]);
    expect(Buffer.from(model.sent[1]?.text?.[0] ?? "", "base64")).toEqual(Buffer.alloc(70_000, 7));
  });

  it("are sent to a kernel of an older version, which answers nothing", async () => {
    await reopen(undefined);
    expect(heard).toEqual(["open"]);
    transport.send(Uint8Array.of(1));
    await turn();
    expect(model.sent.map(({ jt }) => jt)).toEqual(["open", "frames"]);
    expect(model.sent[1]?.buffers).toHaveLength(1);
  });

  it("that are no base64 end the connection", () => {
    model.deliver({ jt: "frames", view, n: 0, text: ["%"] });
    expect(heard.at(-1)).toEqual([1006, "the text of message 0 is no base64"]);
  });
});

describe("a kernel that does not answer", () => {
  afterEach(() => vi.useRealTimers());

  it("is told of, and asked again, more and more rarely, until it does", async () => {
    transport.close();
    model.sent.length = 0;
    vi.useFakeTimers();
    const opening = connect(new CommBuffers(true));
    await vi.advanceTimersByTimeAsync(0);
    await opening;
    await vi.advanceTimersByTimeAsync(9990);
    expect([heard, model.sent.length]).toEqual([[], 1]);
    await vi.advanceTimersByTimeAsync(10);
    expect(heard).toEqual([expect.stringContaining("does not answer")]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(model.sent.length).toBeLessThan(20);
    expect(new Set(model.sent.map(({ jt, view }) => jt + view)).size).toBe(1);
    model.deliver({ jt: "opened", view });
    model.deliver({ jt: "opened", view });
    expect(heard.filter((it) => it === "open")).toHaveLength(1);
    model.deliver({ jt: "probe", view }, PROBE);
    expect(vi.getTimerCount()).toBe(0);
    transport.close();
  });

  it("is not asked by a page that has gone", async () => {
    transport.close();
    vi.useFakeTimers();
    const opening = connect(new CommBuffers(true));
    await vi.advanceTimersByTimeAsync(0);
    await opening;
    transport.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("signs of life", () => {
  const beats = (): number => model.sent.filter(({ jt }) => jt === "beat").length;

  beforeEach(() => {
    vi.useFakeTimers();
    model.deliver({ jt: "frames", view, n: 0, beat: [30, 600] }, [1]);
  });

  afterEach(() => {
    transport.close();
    vi.useRealTimers();
  });

  it("are offered, and given when nothing else was sent for so long", async () => {
    expect(model.sent[0]).toMatchObject({ jt: "open", beats: true });
    vi.advanceTimersByTime(29_000);
    transport.send(Uint8Array.of(1));
    await vi.advanceTimersByTimeAsync(29_000);
    expect(beats()).toBe(0);
    vi.advanceTimersByTime(1000);
    expect(model.sent.at(-1)).toEqual({ jt: "beat", view, buffers: [] });
    vi.advanceTimersByTime(60_000);
    expect(beats()).toBe(3);
  });

  it("become rare when the kernel says nothing, and frequent again", () => {
    vi.advanceTimersByTime(600_000);
    expect(beats()).toBe(20);
    vi.advanceTimersByTime(3_600_000);
    expect(beats()).toBe(22);
    model.deliver({ jt: "frames", view, n: 1 }, [1]);
    vi.advanceTimersByTime(300_000);
    expect(beats()).toBe(32);
  });

  it("are given at once by a page that wakes up and is overdue", () => {
    transport.woke();
    expect(beats()).toBe(0);
    vi.setSystemTime(Date.now() + 3_600_000);
    transport.woke();
    transport.woke();
    expect(beats()).toBe(1);
  });

  it("end with the connection", () => {
    model.deliver({ jt: "close", view, code: 1006, reason: "nothing was heard" });
    expect(heard.at(-1)).toEqual([1006, "nothing was heard"]);
    vi.setSystemTime(Date.now() + 3_600_000);
    transport.woke();
    vi.advanceTimersByTime(3_600_000);
    expect(beats()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that cannot be sent end it", () => {
    model.failing = true;
    vi.advanceTimersByTime(30_000);
    expect(heard.at(-1)).toEqual([1006, "the kernel is dead"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("without being asked for signs of life", () => {
  it("a page gives none: the kernel may be of another version", () => {
    vi.useFakeTimers();
    model.deliver({ jt: "frames", view, n: 0 }, [1]);
    transport.woke();
    vi.advanceTimersByTime(3_600_000);
    vi.useRealTimers();
    expect(model.sent.map(({ jt }) => jt)).toEqual(["open"]);
  });
});

describe("CommTransport", () => {
  it("opens with a message that names the view", () => {
    expect(model.sent).toMatchObject([{ jt: "open" }]);
    expect(view).toMatch(/^[0-9a-f]{16}$/);
    expect(heard).toEqual(["open"]);
  });

  it("puts the frames of one turn in one message, and counts messages", async () => {
    for (const byte of [1, 2, 3]) transport.send(Uint8Array.of(byte));
    await turn();
    transport.send(Uint8Array.of(4));
    await turn();
    const [, first, second] = model.sent;
    expect([first?.n, first?.buffers.length, second?.n]).toEqual([0, 3, 1]);
    expect(first?.buffers.map((buffer) => [...new Uint8Array(buffer)])).toEqual([[1], [2], [3]]);
  });

  it("splits what is too large for one message of a Jupyter server", async () => {
    for (let i = 0; i < 3; i++) transport.send(new Uint8Array(3 << 20));
    await turn();
    expect(model.sent.slice(1).map(({ n, buffers }) => [n, buffers.length])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
  });

  it("sends the bytes of a view, not its whole buffer", async () => {
    transport.send(Uint8Array.of(1, 2, 3, 4).subarray(1, 3));
    await turn();
    expect(new Uint8Array(model.sent[1]?.buffers[0] as ArrayBuffer)).toEqual(Uint8Array.of(2, 3));
  });

  it("takes the frames that are meant for it", () => {
    model.deliver({ jt: "frames", view: "another", n: 0 }, [7]);
    model.deliver({ jt: "bundle", view }, [7]);
    model.deliver("text");
    model.deliver({ jt: "frames", view, n: 0 }, [1, 2], [3]);
    model.deliver({ jt: "frames", view, n: 1 }, [4]);
    expect(heard.slice(1)).toEqual([[1, 2], [3], [4]]);
  });

  it("ends at a gap, on both sides", () => {
    model.deliver({ jt: "frames", view, n: 0 }, [1]);
    model.deliver({ jt: "frames", view, n: 2 }, [2]);
    expect(heard.slice(1)).toEqual([[1], [1006, "message 1 was lost, 2 came"]]);
    expect(model.sent.at(-1)).toMatchObject({ jt: "close", view });
    expect(model.listeners.size).toBe(0);
  });

  it("ends when the kernel closes", () => {
    model.deliver({ jt: "close", view, code: 1013, reason: "too slow" });
    model.deliver({ jt: "frames", view, n: 0 }, [1]);
    expect(heard.slice(1)).toEqual([[1013, "too slow"]]);
  });

  it("closes after what was sent before, and says nothing to its owner", async () => {
    transport.send(Uint8Array.of(1));
    transport.close(1000, "bye");
    await turn();
    expect(model.sent.slice(1).map(({ jt }) => jt)).toEqual(["frames", "close"]);
    expect([heard, model.listeners.size]).toEqual([["open"], 0]);
  });

  it("ends when the model cannot send", async () => {
    model.failing = true;
    transport.send(Uint8Array.of(1));
    await turn();
    expect(heard.slice(1)).toEqual([[1006, "the kernel is dead"]]);
  });

  it("that cannot even open says why in words for the user", async () => {
    model.failing = true;
    const other = new CommTransport(model, new CommBuffers(true));
    other.onclose = (code, reason) => heard.push([code, reason]);
    other.open();
    await turn();
    expect(heard.slice(1)).toEqual([[1006, "the kernel was restarted or not reached"]]);
  });

  it("ends when the model's comm was lost or is a new one", async () => {
    transport.close();
    await connect(new CommBuffers(true));
    for (const watcher of [...model.watchers]) watcher();
    expect(heard).toEqual([[1006, "the kernel was restarted or not reached"]]);
    expect([model.listeners.size, model.watchers.size]).toEqual([0, 0]);
  });

  it("outlasts the news that its kernel, which has answered, is live", () => {
    model.deliver({ jt: "frames", view, n: 0 }, [1]);
    const live = { comm_live: true };
    for (const watcher of [...model.watchers]) watcher.call(live as never);
    for (const watcher of [...model.watchers]) watcher.call({ model: live } as never);
    model.deliver({ jt: "frames", view, n: 1 }, [2]);
    expect(heard).toEqual(["open", [1], [2]]);
    for (const watcher of [...model.watchers]) watcher.call({ comm_live: false } as never);
    expect(heard.at(-1)).toEqual([1006, "the kernel was restarted or not reached"]);
  });
});
