import { describe, expect, it } from "vitest";
import { NdArray, ProtocolError, pack, SerializationError, unpack } from "../../src/protocol";

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
    ["a bigint over 53 bits", 2n ** 60n],
  ])("refuses %s, and names what holds it", (_, value) => {
    expect(() => pack({ value }, "the thing")).toThrow(SerializationError);
    expect(() => pack({ value }, "the thing")).toThrow("the thing cannot be sent");
    expect(round([1])).toEqual([1]);
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
