import { describe, expect, it } from "vitest";
import { drawnCount, drawnRange, pageRange, scrollTo } from "../../../src/ui-chunks/table/pages";

describe("pages", () => {
  it("have the rows of their number, and the last one those that are left", () => {
    expect(pageRange(0, 50, 120)).toEqual({ first: 0, end: 50 });
    expect(pageRange(2, 50, 120)).toEqual({ first: 100, end: 120 });
    expect(pageRange(9, 50, 120)).toEqual({ first: 100, end: 120 });
    expect(pageRange(3, 50, 0)).toEqual({ first: 0, end: 0 });
  });

  it("draw what is seen and a little more, wherever they are scrolled to", () => {
    const page = { first: 1000, end: 3000 };
    for (let scrolled = 0; scrolled <= 2000 * 30; scrolled += 173) {
      const { first, end } = drawnRange(page, scrolled, 300, 30);
      expect(first).toBeGreaterThanOrEqual(page.first);
      expect(end).toBeLessThanOrEqual(page.end);
      expect(end - first).toBeLessThanOrEqual(drawnCount(300, 30));
      const seen = page.first + Math.floor(scrolled / 30);
      expect(first).toBeLessThanOrEqual(seen);
      expect(end).toBeGreaterThanOrEqual(Math.min(page.end, seen + 11));
    }
  });

  it("draw the same for a few rows that are passed", () => {
    const page = { first: 0, end: 1000 };
    expect(drawnRange(page, 300, 300, 30)).toEqual(drawnRange(page, 345, 300, 30));
  });

  it("with no rows draw none", () => {
    expect(drawnRange({ first: 0, end: 0 }, 0, 300, 30)).toEqual({ first: 0, end: 0 });
  });

  it("scroll no further than is needed", () => {
    const page = { first: 0, end: 100 };
    expect(scrollTo(5, page, 0, 300, 30)).toBe(0);
    expect(scrollTo(10, page, 0, 300, 30)).toBe(30);
    expect(scrollTo(2, page, 90, 300, 30)).toBe(60);
  });
});
