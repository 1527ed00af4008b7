import { describe, expect, it } from "vitest";
import { moved } from "../../../src/ui-chunks/table/keyboard";
import { choose, selectedIds, selectionOf } from "../../../src/ui-chunks/table/selection";

describe("a selection", () => {
  it("is one value or a list, and nothing where nothing can be selected", () => {
    expect(selectedIds(3, "one")).toEqual([3]);
    expect(selectedIds(null, "one")).toEqual([]);
    expect(selectedIds([1, 2], "many")).toEqual([1, 2]);
    expect(selectedIds(3, "none")).toEqual([]);
    expect([selectionOf([3], "one"), selectionOf([], "one")]).toEqual([3, null]);
    expect([selectionOf([3], "many"), selectionOf([], "many")]).toEqual([[3], []]);
  });

  it("is replaced, added to and taken back", () => {
    expect(choose([1], 2, "many", false)).toEqual([2]);
    expect(choose([1], 2, "many", true)).toEqual([1, 2]);
    expect(choose([1, 2], 1, "many", true)).toEqual([2]);
    expect(choose([1], 2, "one", true)).toEqual([2]);
    expect(choose([1], 1, "one", true)).toEqual([]);
    expect(choose([1], 1, "one", false)).toEqual([1]);
  });
});

describe("keys", () => {
  const page = { first: 100, end: 150 };

  it("move within a page", () => {
    expect(moved("ArrowDown", 100, 10, page)).toBe(101);
    expect(moved("ArrowUp", 100, 10, page)).toBe(100);
    expect(moved("PageDown", 145, 10, page)).toBe(149);
    expect(moved("PageUp", 145, 10, page)).toBe(135);
    expect(moved("Home", 145, 10, page)).toBe(100);
    expect(moved("End", 100, 10, page)).toBe(149);
  });

  it("that mean something else move nothing", () => {
    expect(moved("x", 100, 10, page)).toBeNull();
    expect(moved("toString", 100, 10, page)).toBeNull();
  });
});
