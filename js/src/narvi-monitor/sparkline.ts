import { el } from "../element";
import { draw, HEIGHT, nearest, rangeOf, WIDTH } from "./curve";
import { setText, svg } from "./dom";
import { duration, figure } from "./format";
import type { View } from "./keyed";
import type { Metadata, Point } from "./overview";

export interface Metric {
  name: string;
  points: Point[];
  metadata: Metadata;
}

/** One metric of an instance: its name, its newest value, and how it was. */
export class Sparkline implements View<Metric> {
  readonly element = el("figure", { class: "metric" });
  readonly #value = el("span", { class: "metric-value" });
  readonly #age = el("span", { class: "metric-age" });
  readonly #high = el("span", { class: "bound", "aria-hidden": "true" });
  readonly #low = el("span", { class: "bound", "aria-hidden": "true" });
  readonly #picture = svg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    role: "img",
  });
  readonly #area = svg("path", { class: "area" });
  readonly #line = svg("path", { class: "line" });
  /** A line without a length has round ends: a dot that no stretching of the picture changes. */
  readonly #end = svg("path", { class: "end" });
  #shown: Metric | undefined;
  #pointed: number | undefined;

  constructor({ name }: Metric) {
    const caption = el(
      "figcaption",
      {},
      el("span", { class: "metric-name" }, name),
      this.#age,
      this.#value,
    );
    this.#picture.append(this.#area, this.#line, this.#end);
    const bounds = el("div", { class: "bounds" }, this.#high, this.#low);
    this.element.append(caption, el("div", { class: "plot" }, this.#picture, bounds));
    this.#picture.addEventListener("pointermove", ({ clientX }) => this.#point(clientX));
    this.#picture.addEventListener("pointerleave", () => this.#point(undefined));
  }

  show(metric: Metric): void {
    this.#shown = metric;
    const { name, points, metadata } = metric;
    const places = metadata.minmax_decimal_places;
    const range = rangeOf(points, metadata);
    const { line, area, end } = draw(points, range);
    this.#line.setAttribute("d", line);
    this.#area.setAttribute("d", area);
    this.#end.setAttribute("d", end ? `M${end[0]} ${end[1]}h0` : "");
    setText(this.#high, figure(range.high, places ?? 2));
    setText(this.#low, figure(range.low, places ?? 2));
    this.element.classList.toggle("bare", metadata.minmax_display === false);
    const { colour } = metadata;
    if (colour && isColour(colour)) this.element.style.setProperty("--series", colour);
    this.#read();
    this.#picture.setAttribute("aria-label", describe(name, points, places));
  }

  #point(clientX: number | undefined): void {
    const { left, width } = this.#picture.getBoundingClientRect();
    this.#pointed = clientX === undefined || width === 0 ? undefined : (clientX - left) / width;
    this.#read();
  }

  /** The value where the pointer is, or the newest one. */
  #read(): void {
    if (!this.#shown) return;
    const { points, metadata } = this.#shown;
    const newest = points.at(-1);
    const point = this.#pointed === undefined ? newest : nearest(points, this.#pointed);
    const value = point?.value ?? null;
    setText(this.#value, value === null ? "–" : figure(value, metadata.minmax_decimal_places));
    const ago =
      point && newest && point !== newest ? `${duration(newest.time - point.time)} ago` : "";
    setText(this.#age, ago);
  }
}

/** What the picture shows, in words. */
function describe(name: string, points: readonly Point[], places?: number): string {
  const values = points.map(({ value }) => value).filter((value) => value !== null);
  if (values.length === 0) return `${name}: nothing measured`;
  const now = points.at(-1)?.value ?? null;
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const span = (points.at(-1)?.time ?? 0) - (points[0]?.time ?? 0);
  const newest = now === null ? "nothing now" : `now ${figure(now, places)}`;
  return `${name}: ${newest}, from ${figure(low, places)} to ${figure(high, places)} in the last ${duration(span)}`;
}

function isColour(text: string): boolean {
  return typeof CSS === "undefined" || CSS.supports("color", text);
}
