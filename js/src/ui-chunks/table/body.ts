import { h, type VNode, withMemo } from "vue";
import type { Choice } from "./choice";
import type { Rows } from "./rows";
import type { Column, Id, Row } from "./rows-cache";
import type { SelectMode } from "./selection";

export interface BodyOptions {
  id: string;
  select: SelectMode;
  selected: readonly Id[];
  rows: Rows;
  choice: Choice;
  /** What was drawn last: who scrolls sees most rows again. */
  memory: unknown[];
}

/** The rows that are drawn, between two empty ones in place of all others. */
export function renderBody({ id, select, selected, rows, choice, memory }: BodyOptions): VNode {
  const { first, end } = rows.drawn.value;
  const page = rows.page.value;
  const columns = rows.columns();
  const chosen = new Set(selected);
  const body: VNode[] = [renderGap("above", (first - page.first) * rows.rowHeight.value)];
  for (let index = first; index < end; index += 1) {
    const row = rows.row(index);
    // Rows that come in sight get the elements of those that went, with other texts in them.
    const place = index % rows.ring.value;
    const active = index === choice.active.value;
    const isSelected = select === "none" ? undefined : row !== undefined && chosen.has(row.id);
    const render = () =>
      h(
        "tr",
        {
          key: place,
          id: `${id}-${index}`,
          class: ["jt-table-row", active && "jt-table-active"],
          "aria-rowindex": index + 2,
          "aria-selected": isSelected,
          "aria-busy": row ? undefined : true,
          "data-index": index,
        },
        renderCells(row, columns, select),
      );
    const seen = [index, row, active, isSelected, columns, select];
    body.push(withMemo(seen, render, memory, place) as VNode);
  }
  body.push(renderGap("below", (page.end - end) * rows.rowHeight.value));
  const { click, doubleClick } = choice;
  return h("tbody", { onClick: click, onDblclick: doubleClick, onMouseover: tellAll }, body);
}

function renderCells(row: Row | undefined, columns: Column[], select: SelectMode): VNode[] {
  const cells = columns.map(({ number }, column) =>
    h("td", { class: number ? "jt-table-number" : undefined }, row?.cells[column] ?? ""),
  );
  return select === "many" ? [h("td", { class: "jt-table-box" }, h("span")), ...cells] : cells;
}

/** A text that is cut off is told where the pointer rests. */
function tellAll({ target }: MouseEvent): void {
  if (!(target instanceof HTMLTableCellElement)) return;
  target.title = target.scrollWidth > target.clientWidth ? (target.textContent ?? "") : "";
}

function renderGap(key: string, height: number): VNode {
  return h("tr", {
    key,
    "aria-hidden": true,
    class: "jt-table-gap",
    style: { height: `${height}px` },
  });
}
