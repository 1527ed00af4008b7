import { describe, expect, it } from "vitest";
import { text } from "../../../src/view/guard/text";

describe("text", () => {
  it("shows what Vue shows", () => {
    expect(text({ a: 1 })).toBe('{\n  "a": 1\n}');
    expect(text([1, "a"])).toBe('[\n  1,\n  "a"\n]');
    for (const value of [null, undefined, 1, "a", 2n]) expect(text(value)).toBe(value);
  });

  it("shows the digits of a BigInt within", () => {
    expect(text({ a: [2n ** 60n] })).toContain("1152921504606846976");
  });
});
