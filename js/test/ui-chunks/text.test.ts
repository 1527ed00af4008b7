import { expect, it } from "vitest";
import { textOf, written } from "../../src/ui-chunks/text";

it("a value that is no text is written as JSON, whatever it is", () => {
  expect(["a", null, undefined, 5, 2n ** 70n, true].map(textOf)).toEqual([
    "a",
    "",
    "",
    "5",
    "1180591620717411303424",
    "true",
  ]);
  expect(textOf({ toString: 1, bytes: new Uint8Array(3), large: 2n })).toBe(
    '{\n  "toString": 1,\n  "bytes": "(3 bytes)",\n  "large": "2"\n}',
  );
  expect(written(undefined)).toBe("null");
});
