import type { Metadata, Point } from "./overview";

export const WIDTH = 160;
export const HEIGHT = 36;
/** A stroke at an edge of the range is seen whole. */
const MARGIN = 2;
const COLUMNS = WIDTH;

export interface Range {
  low: number;
  high: number;
}

export interface Curve {
  /** Path data: the line, with a gap where nothing was measured, and the area below it. */
  line: string;
  area: string;
  /** Where the newest value is; null where that was not measured. */
  end: [x: number, y: number] | null;
}

/** What the height stands for: what the metadata say, and more where values are outside of it. */
export function rangeOf(points: readonly Point[], { min, max }: Metadata): Range {
  let low = min ?? Number.POSITIVE_INFINITY;
  let high = max ?? Number.NEGATIVE_INFINITY;
  for (const { value } of points) {
    if (value === null) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return { low: 0, high: 1 };
  return low === high ? { low: low - 0.5, high: high + 0.5 } : { low, high };
}

export function draw(points: readonly Point[], range: Range): Curve {
  const shown = thin(points);
  const first = shown[0]?.time ?? 0;
  const span = (shown.at(-1)?.time ?? 0) - first || 1;
  const at = (time: number) => (shown.length > 1 ? ((time - first) / span) * WIDTH : WIDTH);
  const up = (value: number) =>
    HEIGHT - MARGIN - ((value - range.low) / (range.high - range.low)) * (HEIGHT - 2 * MARGIN);
  const pieces: [number, number][][] = [];
  let piece: [number, number][] | undefined;
  for (const { time, value } of shown) {
    if (value === null) {
      piece = undefined;
      continue;
    }
    if (!piece) {
      piece = [];
      pieces.push(piece);
    }
    piece.push([at(time), up(value)]);
  }
  const path = (dots: [number, number][]) =>
    dots.map(([x, y]) => `${round(x)} ${round(y)}`).join("L");
  const line = pieces.map((dots) => `M${path(dots)}`).join("");
  const area = pieces
    .filter((dots) => dots.length > 1)
    .map((dots) => {
      const [left, right] = [dots[0]?.[0] ?? 0, dots.at(-1)?.[0] ?? 0];
      return `M${round(left)} ${HEIGHT}L${path(dots)}L${round(right)} ${HEIGHT}Z`;
    });
  return { line, area: area.join(""), end: piece?.at(-1) ?? null };
}

/** The point whose time is nearest to the place `x`, from 0 to 1, of the curve. */
export function nearest(points: readonly Point[], x: number): Point | undefined {
  const first = points[0]?.time ?? 0;
  const time = first + x * ((points.at(-1)?.time ?? first) - first);
  let best: Point | undefined;
  for (const point of points)
    if (!best || Math.abs(point.time - time) < Math.abs(best.time - time)) best = point;
  return best;
}

/** At most the lowest and the highest value of each column of the picture: no peak is left out. */
function thin(points: readonly Point[]): readonly Point[] {
  if (points.length <= 2 * COLUMNS) return points;
  const size = Math.ceil(points.length / COLUMNS);
  const kept: Point[] = [];
  for (let begin = 0; begin < points.length; begin += size) {
    const bucket = points.slice(begin, begin + size);
    const measured = bucket.filter(({ value }) => value !== null);
    const by = (sign: number) =>
      measured.reduce((a, b) => (sign * ((b.value as number) - (a.value as number)) > 0 ? b : a));
    const ends = measured.length ? new Set([by(-1), by(1)]) : new Set(bucket.slice(0, 1));
    kept.push(...[...ends].sort((a, b) => a.time - b.time));
  }
  const last = points.at(-1) as Point;
  if (kept.at(-1) !== last) kept.push(last);
  return kept;
}

function round(number: number): number {
  return Math.round(number * 100) / 100;
}
