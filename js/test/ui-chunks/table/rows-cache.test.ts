import { describe, expect, it } from "vitest";
import { BLOCK, type Head, RowsCache } from "../../../src/ui-chunks/table/rows-cache";

const column = (name: string) => ({ name, heading: name, number: false, length: 9, width: "" });

function head(total: number, version = 1, more: Partial<Head> = {}): Head {
  const rows = Array.from({ length: Math.min(BLOCK, total) }, (_, index) => [`a${index}`, "b"]);
  return { version, total, columns: [column("a"), column("b")], rows, ids: null, ...more };
}

function answer(start: number, count: number, version = 1, name = "r") {
  const numbers = Array.from({ length: count }, (_, index) => start + index);
  const rows = numbers.map((number) => [`${name}${number}`, "b"]);
  return { version, start, rows, positions: numbers, ids: null };
}

function filled(total = 200): RowsCache {
  const cache = new RowsCache();
  cache.take(head(total));
  cache.put(answer(BLOCK, BLOCK));
  return cache;
}

describe("the rows of a page", () => {
  it("begin with those of the head, and the others are asked for by blocks", () => {
    const cache = new RowsCache();
    cache.take(head(1000));
    expect(cache.row(0)?.cells).toEqual(["a0", "b"]);
    expect(cache.missing(0, 20)).toBeNull();
    expect(cache.missing(30, 60)).toEqual({ start: BLOCK, count: BLOCK });
    expect(cache.missing(120, 230)).toEqual({ start: 100, count: 3 * BLOCK });
    expect(cache.row(120)).toBeUndefined();
    cache.put(answer(100, 150));
    expect(cache.missing(120, 230)).toBeNull();
    expect(cache.row(249)).toEqual({ cells: ["r249", "b"], position: 249, id: 249 });
  });

  it("end with the table", () => {
    const cache = new RowsCache();
    cache.take(head(70));
    expect(cache.missing(0, 200)).toEqual({ start: BLOCK, count: BLOCK });
    cache.put(answer(BLOCK, 20));
    expect(cache.missing(0, 200)).toBeNull();
    cache.take(head(0, 2));
    expect(cache.missing(0, 10)).toBeNull();
  });

  it("take single changes without asking, wherever they are sorted to", () => {
    const cache = filled();
    cache.apply([{ version: 2, cells: [[60, 1, "new"]] }]);
    expect(cache.row(60)?.cells).toEqual(["r60", "new"]);
    expect(cache.missing(0, 100)).toBeNull();
    // The same list, with one more: what was taken before is not taken again.
    cache.apply([
      { version: 2, cells: [[60, 1, "old"]] },
      { version: 3, cells: [[0, 0, "z"]] },
    ]);
    expect([cache.row(60)?.cells[1], cache.row(0)?.cells[0]]).toEqual(["new", "z"]);
  });

  it("are shown and asked for again where a change was missed", () => {
    const cache = filled();
    cache.apply([{ version: 4, cells: [[60, 1, "new"]] }]);
    expect(cache.row(60)?.cells).toEqual(["r60", "b"]);
    expect(cache.missing(55, 65)).toEqual({ start: BLOCK, count: BLOCK });
    // An answer from before the change is of no use.
    expect(cache.put(answer(BLOCK, BLOCK, 3))).toBe(false);
    expect(cache.put(answer(BLOCK, BLOCK, 4))).toBe(true);
    expect(cache.missing(55, 65)).toBeNull();
  });

  it("of a newer version than is known outdate all others", () => {
    const cache = filled();
    cache.put(answer(BLOCK, BLOCK, 2));
    expect(cache.missing(0, 100)).toEqual({ start: 0, count: BLOCK });
  });

  it("in another order are asked for, and stay in sight until they come", () => {
    const cache = filled();
    cache.sort({ column: "b", descending: false });
    expect(cache.row(0)?.cells[0]).toBe("a0");
    expect(cache.missing(0, 10)).toEqual({ start: 0, count: BLOCK });
    cache.put({ ...answer(0, BLOCK), positions: Array.from({ length: BLOCK }, (_, i) => 199 - i) });
    cache.apply([{ version: 2, cells: [[199, 0, "first"]] }]);
    expect(cache.row(0)?.cells[0]).toBe("first");
    expect(cache.missing(0, 10)).toBeNull();
    // By its column: who knows where the row belongs now?
    cache.apply([{ version: 3, cells: [[199, 1, "last"]] }]);
    expect(cache.missing(0, 10)).toEqual({ start: 0, count: BLOCK });
  });

  it("of a new table keep their order if it has the column, and their place until others come", () => {
    const cache = filled();
    cache.sort({ column: "b", descending: true });
    cache.take(head(300, 2));
    expect([cache.sorting?.column, cache.row(60)?.cells[0]]).toEqual(["b", "r60"]);
    expect(cache.missing(0, 10)).not.toBeNull();
    cache.take(head(300, 3, { columns: [column("a"), column("c")] }));
    expect([cache.sorting, cache.row(60)]).toEqual([null, undefined]);
  });

  it("of another life of the app count from its version on", () => {
    const cache = filled();
    cache.apply([{ version: 9, cells: [] }]);
    cache.take(head(200, 1));
    expect(cache.put(answer(BLOCK, BLOCK, 1))).toBe(true);
  });

  it("are selected by what the app says they are", () => {
    const cache = new RowsCache();
    const ids = Array.from({ length: BLOCK }, (_, index) => `id ${index}`);
    cache.take(head(100, 1, { ids }));
    expect(cache.row(3)?.id).toBe("id 3");
  });

  it("are forgotten when there are too many of them", () => {
    const cache = new RowsCache();
    cache.take(head(100_000));
    for (let block = 1; block <= 60; block += 1) cache.put(answer(block * BLOCK, BLOCK));
    expect(cache.row(0)).toBeUndefined();
    expect(cache.row(60 * BLOCK)).toBeDefined();
  });
});
