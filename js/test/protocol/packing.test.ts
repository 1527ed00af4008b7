import { describe, expect, it } from "vitest";
import { NdArray, ProtocolError, pack, SerializationError, unpack } from "../../src/protocol";
import { decode } from "../../src/protocol/decoder";

const round = (value: unknown): unknown => unpack(pack(value));

describe("pack", () => {
  it("sends undefined as nil, also in maps and arrays", () => {
    expect(round(undefined)).toBeNull();
    expect(round({ a: undefined, b: [undefined] })).toEqual({ a: null, b: [null] });
  });

  it("sends every kind of binary value as bin", () => {
    const bytes = Uint8Array.of(1, 2, 3, 4);
    const { buffer } = bytes;
    for (const value of [
      bytes,
      buffer,
      new DataView(buffer),
      new Uint16Array(buffer),
      { deep: [buffer] },
    ]) {
      const packed = round(value);
      expect("deep" in Object(packed) ? (packed as { deep: unknown[] }).deep[0] : packed).toEqual(
        bytes,
      );
    }
    expect(round(bytes.subarray(1, 3))).toEqual(Uint8Array.of(2, 3));
  });

  it("leaves the value alone that holds an ArrayBuffer", () => {
    const value = { buffer: new ArrayBuffer(2), date: new Date(5), array: [1, { a: 2 }] };
    expect(round(value)).toEqual({ ...value, buffer: new Uint8Array(2) });
    expect(value.buffer).toBeInstanceOf(ArrayBuffer);
  });

  it("sends a Date as a timestamp", () => {
    expect(round(new Date(1_700_000_000_123))).toEqual(new Date(1_700_000_000_123));
  });

  it("sends integers as integers and keeps large ones", () => {
    expect(pack(3)).toEqual(Uint8Array.of(3));
    expect(round(2 ** 40)).toBe(2 ** 40);
    expect(round(12n)).toBe(12);
  });

  it.each([
    ["a function", () => 1],
    ["a symbol", Symbol("s")],
    ["a bigint beyond 64 bit", 2n ** 64n],
    ["a negative bigint beyond 64 bit", -(2n ** 63n) - 1n],
    ["a Map with other keys", new Map([[{}, 1]])],
  ])("refuses %s, and names what holds it", (_, value) => {
    expect(() => pack({ value }, "the thing")).toThrow(SerializationError);
    expect(() => pack({ value }, "the thing")).toThrow("the thing cannot be sent");
    expect(round([1])).toEqual([1]);
  });

  it("sends large integers as they are", () => {
    for (const value of [2n ** 53n, 2n ** 64n - 1n, -(2n ** 63n), -(2n ** 53n)])
      expect(round({ a: [value] })).toEqual({ a: [value] });
    for (const value of [2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 32, -(2 ** 40)])
      expect(round(value)).toBe(value);
  });

  it("sends no moment as nil, a Set as an array, a Map as a map", () => {
    expect(round([new Date(Number.NaN)])).toEqual([null]);
    expect(round(new Set([1, "a"]))).toEqual([1, "a"]);
    expect(
      round({
        a: new Map<unknown, unknown>([
          ["b", new Set([2n])],
          [1, 2],
        ]),
      }),
    ).toEqual({
      a: { b: [2], 1: 2 },
    });
  });

  it("keeps on working after a large message", () => {
    expect((round(new Uint8Array(3 << 20)) as Uint8Array).length).toBe(3 << 20);
    expect(round({ a: 1 })).toEqual({ a: 1 });
  });
});

describe("unpack", () => {
  it.each([
    ["nothing", []],
    ["a cut document", [0x93, 1]],
    ["bytes after it", [1, 1]],
    [
      "an array that is too short",
      [0xd8, 78, 3, 0x3c, 0x66, 0x34, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ],
  ])("refuses %s", (_, bytes) => {
    expect(() => unpack(Uint8Array.from(bytes))).toThrow(ProtocolError);
  });

  it("gives typed data for a numpy array wherever it lies in the message", () => {
    for (const shift of [0, 1, 2, 3]) {
      const array = new NdArray("<f8", [2, 1], Float64Array.of(1.5, -2));
      const message = round(["x".repeat(shift), array]) as [string, NdArray];
      expect(message[1]).toEqual(array);
      expect(message[1].data).toBeInstanceOf(Float64Array);
    }
  });

  it("gives bytes for a dtype without an array of JavaScript", () => {
    const array = new NdArray(
      "<c8",
      [1],
      Uint8Array.from({ length: 8 }, (_, i) => i),
    );
    expect(round(array)).toEqual(array);
  });
});

describe("names that would make another object of a map", () => {
  it("are names like any other", () => {
    const forged = { __v_isVNode: true, list: [{ __v_skip: 1 }], __value: 2 };
    expect(round(forged)).toEqual({
      "?__v_isVNode": true,
      list: [{ "?__v_skip": 1 }],
      __value: 2,
    });
    const named = round(JSON.parse('{"a": {"__proto__": {"b": 1}}, "c": 2}')) as { a: object };
    expect(Object.keys(named)).toEqual(["a", "c"]);
    expect(Object.keys(named.a)).toEqual(["?_proto__"]);
    expect(Object.getPrototypeOf(named.a)).toBe(Object.prototype);
    expect(() => unpack(Uint8Array.of(0xc1))).toThrow(ProtocolError);
  });
});

describe("decode", () => {
  const read = (...bytes: (number | number[])[]) => decode(Uint8Array.from(bytes.flat()));
  const reasons = ({ losses }: ReturnType<typeof read>) =>
    losses.map(({ path, reason }) => [path, reason]);

  it("leaves out members whose keys are neither text nor numbers", () => {
    for (const key of [[0xc0], [0xc3], [0xc4, 1, 65], [0x92, 1, 2], [0x81, 1, 2]]) {
      const found = read(0x92, 1, 0x82, key, 2, 0xa1, 0x61, 3);
      expect(found.value).toEqual([1, { a: 3 }]);
      expect(reasons(found)).toEqual([[[1], "a map's key must be text or a number"]]);
    }
    expect(read(0x81, 0x05, 1)).toEqual({ value: { 5: 1 }, losses: [] });
    expect(read(0x81, 0xcf, 0x80, [0, 0, 0, 0, 0, 0, 0], 1).value).toEqual({
      "9223372036854775808": 1,
    });
  });

  it("names where the parts are that it cannot read", () => {
    const found = read(0x82, 0xa1, 0x61, 0x92, 1, 0xd4, 78, 255, 0xa1, 0x62, 0xd4, 255, 0);
    expect(found.value).toEqual({ a: [1, undefined], b: undefined });
    expect(found.losses.map(({ path }) => path)).toEqual([["a", 1], ["b"]]);
  });

  it("knows keys from others of the same length", () => {
    const names = Array.from({ length: 500 }, (_, i) => `k${i}${"xyz"[i % 3]}`);
    const list = Array.from({ length: 3 }, () => Object.fromEntries(names.map((n, i) => [n, i])));
    expect(decode(pack(list)).value).toEqual(list);
  });

  it("keeps every sign of a text", () => {
    for (const text of [
      "",
      "\ufeffa",
      `\ufeff${"a".repeat(300)}`,
      "é",
      "\u{1f600}".repeat(50),
      "\0",
    ])
      expect(decode(pack({ [text]: text })).value).toEqual({ [text]: text });
    expect(read(0xa3, 0xed, 0xa0, 0x80).value).toBe("\ufffd\ufffd\ufffd");
  });

  it.each([
    ["nothing", []],
    ["a byte that begins no value", [0xc1]],
    ["a list that is cut off", [0xdd, 255, 255, 255, 255, 1]],
    ["a text that is cut off", [0xdb, 255, 255, 255, 255, 1]],
    ["a key that is cut off", [0x81, 0xa5, 1]],
  ])("throws for %s", (_, bytes) => {
    expect(() => read(bytes)).toThrow(RangeError);
  });
});
