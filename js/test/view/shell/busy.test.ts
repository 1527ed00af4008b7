import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BUSY_ERROR, RpcError } from "../../../src/protocol";
import { BusyWatch } from "../../../src/view/shell/busy";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A server whose loop answers when the test says so. */
class Server {
  things = 0;
  readonly questions: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  /** How much waited each time that something was told; 0: nothing does. */
  readonly told: number[] = [];
  /** The seconds of silence that were told; null for a server that is at work. */
  readonly silences: (number | null)[] = [];
  asked = 0;
  /** Whether it is heard beside its loop, and the questions for that while it is not. */
  heard = true;
  readonly reaching: (() => void)[] = [];
  readonly watch = new BusyWatch({
    waiting: () => this.things,
    ask: () => {
      this.asked += 1;
      return new Promise<void>((resolve, reject) => this.questions.push({ resolve, reject }));
    },
    reach: () =>
      this.heard ? Promise.resolve() : new Promise<void>((resolve) => this.reaching.push(resolve)),
    tell: (waiting) => {
      this.told.push(waiting?.count ?? 0);
      if (waiting) this.silences.push(waiting.silent);
    },
  });

  wait(things: number): void {
    this.things = things;
    this.watch.changed();
  }

  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }

  async answer(): Promise<void> {
    this.questions.shift()?.resolve();
    await this.pass(0);
  }
}

describe("a busy server", () => {
  it("is told after a second, and no more when nothing waits", async () => {
    const server = new Server();
    server.wait(1);
    await server.pass(999);
    expect(server.told).toEqual([]);
    await server.pass(2);
    expect(server.told).toEqual([1]);
    server.wait(0);
    expect(server.told).toEqual([1, 0]);
    await server.answer();
    await server.pass(10_000);
    expect(server.told).toEqual([1, 0]);
  });

  it("is not asked about what is answered soon", async () => {
    const server = new Server();
    for (let n = 0; n < 50; n += 1) {
      server.wait(1);
      await server.pass(150);
      server.wait(0);
      await server.pass(10);
    }
    expect(server.asked).toBe(0);
    expect(server.told).toEqual([]);
  });

  it("is none where a call takes its time: the question is answered", async () => {
    const server = new Server();
    server.wait(1);
    for (let second = 0; second < 30; second += 1) {
      await server.pass(300);
      await server.answer();
      await server.pass(700);
    }
    expect(server.told).toEqual([]);
    expect(server.asked, "about once a second").toBeLessThan(31);
  });

  it("is told when it becomes so while a call runs", async () => {
    const server = new Server();
    server.wait(1);
    await server.pass(250);
    await server.answer();
    await server.pass(1000);
    expect(server.questions).toHaveLength(1);
    await server.pass(1000);
    expect(server.told).toEqual([1]);
  });

  it("tells the number once a second at most, whatever happens", async () => {
    const server = new Server();
    server.wait(1);
    await server.pass(1001);
    for (let n = 2; n <= 40; n += 1) {
      server.wait(n);
      await server.pass(50);
    }
    expect(server.told).toHaveLength(2);
    await server.pass(1000);
    expect(server.told.at(-1)).toBe(40);
    server.wait(0);
    expect(server.told.at(-1)).toBe(0);
  });

  it("does not flicker between one thing and the next", async () => {
    const server = new Server();
    server.wait(5);
    await server.pass(1500);
    for (let step = 0; step < 5; step += 1) {
      await server.answer();
      await server.pass(1500);
    }
    expect(server.told).toEqual([5]);
    // A question that is answered at once says that it is free, though a call of this page still runs.
    await server.answer();
    expect(server.questions).toHaveLength(1);
    await server.answer();
    expect(server.told).toEqual([5, 0]);
  });

  it("has one question at a time, also when something else begins to wait", async () => {
    const server = new Server();
    server.wait(1);
    await server.pass(300);
    server.wait(0);
    server.wait(1);
    await server.pass(900);
    expect(server.told, "what waits has not done so for a second").toEqual([]);
    await server.pass(200);
    expect(server.told).toEqual([1]);
    expect(server.asked).toBe(1);
  });

  it("may refuse the question because so much waits", async () => {
    const server = new Server();
    server.wait(1);
    await server.pass(1100);
    server.questions.shift()?.reject(new RpcError({ code: BUSY_ERROR, message: "busy" }));
    await server.pass(1100);
    expect(server.told).toEqual([1]);
    expect(server.asked).toBe(2);
    server.questions.shift()?.reject(new Error("the connection was lost"));
    await server.pass(0);
    expect(server.told).toEqual([1, 0]);
  });

  it("is nobody's affair once the view is gone", async () => {
    const server = new Server();
    server.wait(1);
    await server.pass(1100);
    server.watch.dispose();
    server.wait(2);
    await server.pass(5000);
    expect(server.told).toEqual([1, 0]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a silent server", () => {
  it("is told with the seconds, in few steps", async () => {
    const server = new Server();
    server.heard = false;
    server.wait(1);
    await server.pass(125_000);
    expect(server.silences).toEqual([1, 3, 10, 30, 60, 120]);
    expect(server.reaching, "one question at a time").toHaveLength(1);
  });

  it("is at work as soon as it is heard, and silent again when it is not", async () => {
    const server = new Server();
    server.heard = false;
    server.wait(1);
    await server.pass(1100);
    server.heard = true;
    server.reaching.shift()?.();
    await server.pass(0);
    expect(server.silences).toEqual([1, null]);
    server.heard = false;
    await server.pass(5100);
    expect(server.silences).toEqual([1, null, 3]);
  });

  it("that refuses the question is heard", async () => {
    const told: (number | null | undefined)[] = [];
    const watch = new BusyWatch({
      waiting: () => 1,
      ask: () => new Promise(() => undefined),
      reach: () => Promise.reject(new Error("unknown method")),
      tell: (waiting) => told.push(waiting?.silent),
    });
    watch.changed();
    await vi.advanceTimersByTimeAsync(1500);
    watch.dispose();
    expect(told).toEqual([null, undefined]);
  });
});
