import { describe, expect, it } from "vitest";
import { count, duration, figure } from "../../src/narvi-monitor/format";

describe("durations", () => {
  it.each([
    [-5, "0 s"],
    [0.9, "0 s"],
    [59, "59 s"],
    [60, "1 min"],
    [125, "2 min 5 s"],
    [3600, "1 h"],
    [7500, "2 h 5 min"],
    [86_400 * 3 + 3600 * 4 + 59, "3 d 4 h"],
  ])("%d", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

describe("figures", () => {
  it.each([
    [1.005, 1, "1.0"],
    [-3, 0, "-3"],
    [9999, 2, "9999.00"],
    [12_345, 1, "12.3k"],
    [1_500_000, 2, "1.50M"],
    [-2e9, 0, "-2G"],
    [5e12, 0, "5T"],
    [1, -4, "1"],
    [17, undefined, "17"],
    [0.256, undefined, "0.26"],
    [52_000, undefined, "52k"],
    [1, 99, "1.00000000000000000000"],
  ])("%d with %d places", (value, places, text) => {
    expect(figure(value, places)).toBe(text);
  });
});

it("counts", () => {
  expect([count(0, "session"), count(1, "session"), count(2, "session")]).toEqual([
    "0 sessions",
    "1 session",
    "2 sessions",
  ]);
});
