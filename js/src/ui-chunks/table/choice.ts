import { ref, watch } from "vue";
import { moved } from "./keyboard";
import type { Rows } from "./rows";
import type { Id } from "./rows-cache";
import { choose, type SelectMode, selectedIds, selectionOf } from "./selection";

export interface ChoiceProps {
  readonly selected: unknown;
  readonly select: SelectMode;
}

export interface Told {
  select(value: Id | Id[]): void;
  /** A double click, or Enter. */
  open(id: Id): void;
}

export type Choice = ReturnType<typeof useChoice>;

/** Which row the keyboard is at, and what is selected by it and by the mouse. */
export function useChoice(props: ChoiceProps, rows: Rows, told: Told) {
  const active = ref(0);
  /** Where a range of rows began. */
  let anchor = 0;
  watch(rows.page, ({ first, end }) => {
    if (active.value < first || active.value >= end) active.value = anchor = first;
  });

  const select = (ids: readonly Id[]) => {
    if (props.select !== "none") told.select(selectionOf(ids, props.select));
  };
  const selectOne = (index: number, adds: boolean) => {
    const row = rows.row(index);
    if (!row) return;
    anchor = index;
    select(choose(selectedIds(props.selected, props.select), row.id, props.select, adds));
  };
  const selectRange = async (from: number, to: number) => {
    const start = Math.min(from, to);
    select(await rows.ids(start, Math.abs(to - from) + 1));
  };
  const open = (index: number) => {
    const row = rows.row(index);
    if (row) told.open(row.id);
  };
  const go = (index: number) => {
    active.value = index;
    rows.show(index);
  };

  const move = (target: number, extends_: boolean) => {
    go(target);
    if (extends_ && props.select === "many") void selectRange(anchor, target);
    else anchor = target;
  };
  const act = (event: KeyboardEvent): boolean => {
    const page = rows.page.value;
    const target = moved(event.key, active.value, rows.step(), page);
    if (target !== null) move(target, event.shiftKey);
    else if (event.key === " ") selectOne(active.value, true);
    else if (event.key === "Enter") open(active.value);
    else if (event.key === "Escape" && props.select !== "none") select([]);
    else if (event.key === "a" && (event.ctrlKey || event.metaKey) && props.select === "many")
      void selectRange(0, rows.total.value - 1);
    else return false;
    return true;
  };
  return {
    active,
    keydown(event: KeyboardEvent) {
      // The headings are buttons, with keys of their own.
      if (event.target !== event.currentTarget || rows.total.value === 0) return;
      if (act(event)) event.preventDefault();
    },
    click(event: MouseEvent) {
      const index = rowOf(event);
      if (index === null) return;
      active.value = index;
      const box = (event.target as Element).closest(".jt-table-box") !== null;
      if (event.shiftKey && props.select === "many") void selectRange(anchor, index);
      else selectOne(index, box || event.ctrlKey || event.metaKey);
    },
    doubleClick(event: MouseEvent) {
      const index = rowOf(event);
      if (index !== null) open(index);
    },
  };
}

/** The number of the row that was clicked on. */
function rowOf({ target }: MouseEvent): number | null {
  const row = (target as Element).closest<HTMLElement>(".jt-table-row");
  return row?.dataset.index === undefined ? null : Number(row.dataset.index);
}
