import { h, type VNode } from "vue";
import type { Rows } from "./rows";
import type { Column, Sorting } from "./rows-cache";
import type { SelectMode } from "./selection";
import type { Widths } from "./widths";

/** The widths of all columns, and the headings, which sort. */
export function renderHead(select: SelectMode, rows: Rows, widths: Widths): VNode[] {
  const columns = rows.columns();
  const many = select === "many";
  const cols = columns.map((column) => h("col", { style: { width: widths.of(column) } }));
  const box = h(
    "th",
    { class: "jt-table-box" },
    h("span", { class: "jt-table-hidden" }, "Selected"),
  );
  const headings = columns.map((column) => renderHeading(column, rows, widths));
  return [
    h("colgroup", [...(many ? [h("col", { class: "jt-table-box" })] : []), ...cols]),
    h("thead", h("tr", { "aria-rowindex": 1 }, [...(many ? [box] : []), ...headings])),
  ];
}

function renderHeading({ name, heading, number }: Column, rows: Rows, widths: Widths): VNode {
  const by = rows.sorting.value?.column === name ? rows.sorting.value : null;
  const sorted = by ? (by.descending ? "descending" : "ascending") : "none";
  const button = {
    type: "button",
    "aria-keyshortcuts": "Shift+ArrowLeft Shift+ArrowRight",
    onClick: () => rows.sort(nextSorting(name, by)),
    onKeydown: (event: KeyboardEvent) => widths.press(name, event),
  };
  const grip = {
    class: "jt-table-grip",
    onPointerdown: (event: PointerEvent) => widths.drag(name, event),
    onDblclick: widths.forget,
  };
  return h(
    "th",
    {
      key: name,
      scope: "col",
      "data-column": name,
      "aria-sort": sorted,
      class: { "jt-table-number": number },
    },
    [
      h("button", button, [
        h("span", heading),
        h("span", { class: "jt-table-arrow", "aria-hidden": true }),
      ]),
      h("span", grip),
    ],
  );
}

/** Upwards, downwards, and as the app has the rows. */
export function nextSorting(column: string, by: Sorting | null): Sorting | null {
  if (by === null) return { column, descending: false };
  return by.descending ? null : { column, descending: true };
}
