import { describe, expect, it, vi } from "vitest";
import { Recent } from "../../../src/view/packages/recent";

describe("recent values", () => {
  it("are made once", () => {
    const recent = new Recent<object>(2);
    const make = vi.fn(() => ({}));
    expect(recent.get("a", make)).toBe(recent.get("a", make));
    expect(make).toHaveBeenCalledTimes(1);
  });

  it("are those that were asked for last", () => {
    const recent = new Recent<string>(2);
    const made: string[] = [];
    const ask = (key: string) =>
      recent.get(key, () => {
        made.push(key);
        return key;
      });
    for (const key of ["a", "b", "a", "c", "a", "b"]) expect(ask(key)).toBe(key);
    expect(made).toEqual(["a", "b", "c", "b"]);
  });

  it("are not there where making one failed", () => {
    const recent = new Recent<number>(2);
    const fail = () => {
      throw new Error("no");
    };
    expect(() => recent.get("a", fail)).toThrow("no");
    expect(recent.get("a", () => 5)).toBe(5);
  });
});
