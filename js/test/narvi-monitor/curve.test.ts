import { describe, expect, it } from "vitest";
import { draw, HEIGHT, nearest, rangeOf, WIDTH } from "../../src/narvi-monitor/curve";
import type { Point } from "../../src/narvi-monitor/overview";

const points = (...values: (number | null)[]): Point[] =>
  values.map((value, time) => ({ time, value }));

describe("the range", () => {
  it.each([
    ["of the values", points(1, 5), {}, { low: 1, high: 5 }],
    ["as it is given", points(1, 5), { min: 0, max: 10 }, { low: 0, high: 10 }],
    ["wider where values are outside", points(-1, 12), { min: 0, max: 10 }, { low: -1, high: 12 }],
    ["around one value", points(3, null, 3), {}, { low: 2.5, high: 3.5 }],
    ["without values", points(null), {}, { low: 0, high: 1 }],
    ["without values, given", points(null), { min: 2, max: 4 }, { low: 2, high: 4 }],
  ])("%s", (_what, given, metadata, range) => {
    expect(rangeOf(given, metadata)).toEqual(range);
  });
});

describe("a curve", () => {
  const range = { low: 0, high: 1 };
  const [top, bottom] = [2, HEIGHT - 2];

  it("goes from the left to the right, and ends in the newest value", () => {
    const { line, area, end } = draw(points(0, 1, 0), range);
    expect(line).toBe(`M0 ${bottom}L${WIDTH / 2} ${top}L${WIDTH} ${bottom}`);
    expect(area).toBe(`M0 ${HEIGHT}L${line.slice(1)}L${WIDTH} ${HEIGHT}Z`);
    expect(end).toEqual([WIDTH, bottom]);
  });

  it("has a gap where nothing was measured", () => {
    const { line, area, end } = draw(points(0, 1, null, 1, null), range);
    expect(line).toBe(`M0 ${bottom}L${WIDTH / 4} ${top}M${(3 * WIDTH) / 4} ${top}`);
    expect(area.match(/M/g), "one value has no area").toHaveLength(1);
    expect(end).toBeNull();
  });

  it("places samples by their time", () => {
    const { line } = draw(
      [0, 1, 10].map((time) => ({ time, value: 0 })),
      range,
    );
    expect(line).toContain(`L${WIDTH / 10} ${bottom}L`);
  });

  it.each([[[]], [[null]]])("of nothing is nothing: %j", (values) => {
    expect(draw(points(...values), range)).toEqual({ line: "", area: "", end: null });
  });

  it("of one value is a point at the right", () => {
    expect(draw(points(1), range)).toEqual({
      line: `M${WIDTH} ${top}`,
      area: "",
      end: [WIDTH, top],
    });
  });

  it("of ten thousand samples is short, and keeps its peaks and its end", () => {
    const values = Array.from({ length: 10_000 }, (_, index): number => (index === 4321 ? 1 : 0));
    values[9999] = 0.5;
    const { line, end } = draw(points(...values), range);
    expect(line.match(/L/g)?.length).toBeLessThan(400);
    expect(line).toContain(` ${top}L`);
    expect(end).toEqual([WIDTH, HEIGHT / 2]);
  });

  it("keeps long gaps", () => {
    const values = Array.from({ length: 10_000 }, (_, index) =>
      index > 3000 && index < 6000 ? null : 0,
    );
    expect(draw(points(...values), range).line.match(/M/g)).toHaveLength(2);
  });
});

describe("the nearest point", () => {
  it.each([
    [0, 0],
    [0.4, 1],
    [1, 2],
    [7, 2],
  ])("to %d", (x, time) => {
    expect(nearest(points(5, null, 6), x)?.time).toBe(time);
  });

  it("of nothing", () => {
    expect(nearest([], 0)).toBeUndefined();
  });
});
