import { h, type VNode } from "vue";
import type { Rows } from "./rows";
import type { Column, Sorting } from "./rows-cache";
import type { SelectMode } from "./selection";

/** Characters of a column, by its heading and first texts. */
const NARROWEST = 6;
const WIDEST = 32;

/** The widths of all columns, and the headings, which sort. */
export function renderHead(select: SelectMode, rows: Rows): VNode[] {
  const columns = rows.columns();
  const many = select === "many";
  const widths = columns.map((column) => h("col", { style: { width: widthOf(column) } }));
  const box = h(
    "th",
    { class: "jt-table-box" },
    h("span", { class: "jt-table-hidden" }, "Selected"),
  );
  const headings = columns.map((column) => renderHeading(column, rows));
  return [
    h("colgroup", [...(many ? [h("col", { class: "jt-table-box" })] : []), ...widths]),
    h("thead", h("tr", { "aria-rowindex": 1 }, [...(many ? [box] : []), ...headings])),
  ];
}

function renderHeading({ name, heading, number }: Column, rows: Rows): VNode {
  const by = rows.sorting.value?.column === name ? rows.sorting.value : null;
  const sorted = by ? (by.descending ? "descending" : "ascending") : "none";
  return h(
    "th",
    { key: name, scope: "col", "aria-sort": sorted, class: { "jt-table-number": number } },
    h("button", { type: "button", onClick: () => rows.sort(nextSorting(name, by)) }, [
      h("span", heading),
      h("span", { class: "jt-table-arrow", "aria-hidden": true }),
    ]),
  );
}

/** Upwards, downwards, and as the app has the rows. */
export function nextSorting(column: string, by: Sorting | null): Sorting | null {
  if (by === null) return { column, descending: false };
  return by.descending ? null : { column, descending: true };
}

function widthOf({ heading, length, width }: Column): string {
  if (width) return width;
  // Room for the arrow.
  const characters = Math.max(heading.length + 3, length);
  // Most characters are narrower than the zero that is the unit.
  return `calc(${0.9 * Math.max(NARROWEST, Math.min(WIDEST, characters))}ch + 1.5rem)`;
}
