import { describe, expect, it } from "vitest";
import { Assembler, ProtocolError, split } from "../../src/protocol";

const payload = (size: number, first = 0): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (first + i) & 255);

describe("split", () => {
  it("gives frames that own their buffer and stay below the limit", () => {
    const frames = split(payload(100), 7, 40);
    expect(frames.map((frame) => frame.length)).toEqual([40, 40, 40, 28]);
    for (const frame of frames) expect(frame.buffer.byteLength).toBe(frame.length);
  });
});

describe("Assembler", () => {
  it("takes chunks in any order", () => {
    const frames = split(payload(100), 7, 40);
    const assembler = new Assembler(100);
    const results = [2, 0, 3, 1].map((i) => assembler.feed(frames[i] as Uint8Array));
    expect(results.slice(0, 3)).toEqual([null, null, null]);
    expect(results[3]).toEqual(payload(100));
  });

  it("takes messages that interleave", () => {
    const first = split(payload(50), 1, 37);
    const second = split(payload(40, 9), 2, 37);
    const assembler = new Assembler(100);
    const order = [first[0], second[0], first[1], second[1]] as Uint8Array[];
    const results = order.map((frame) => assembler.feed(frame));
    expect(results).toEqual([null, null, payload(50), payload(40, 9)]);
  });

  it("takes a view on a larger buffer", () => {
    const [frame] = split(payload(5), 1, 100) as [Uint8Array];
    const larger = new Uint8Array(40);
    larger.set(frame, 3);
    expect(new Assembler(100).feed(larger.subarray(3, 3 + frame.length))).toEqual(payload(5));
  });

  it("can use a message id again once its message is complete", () => {
    const assembler = new Assembler(100);
    for (const size of [50, 60]) {
      const frames = split(payload(size), 1, 40);
      expect(frames.map((frame) => assembler.feed(frame)).at(-1)).toEqual(payload(size));
    }
  });

  it.each([
    ["a frame without a header", [payload(11)], 1002],
    ["a message over the limit", [split(payload(200), 1, 500)[0]], 1009],
    [
      "incomplete messages over the limit",
      [1, 2, 3].map((id) => split(payload(50), id, 40)[0]),
      1009,
    ],
    ["another total", [split(payload(50), 1, 40)[0], split(payload(60), 1, 40)[1]], 1002],
    ["a chunk without bytes", [new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0])], 1002],
    ["a chunk behind the end", [new Uint8Array([1, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 5])], 1002],
  ])("refuses %s", (_, frames, closeCode) => {
    const feed = () => {
      const assembler = new Assembler(120);
      for (const frame of frames) assembler.feed(frame as Uint8Array);
    };
    expect(feed).toThrow(ProtocolError);
    expect(feed).toThrow(expect.objectContaining({ closeCode }));
  });

  it("refuses too many incomplete messages", () => {
    const assembler = new Assembler(1 << 20);
    const feed = () => {
      for (let id = 0; id < 1100; id++) assembler.feed(split(payload(50), id, 40)[0] as Uint8Array);
    };
    expect(feed).toThrow("more than 1024 messages");
  });
});
