import type { Id } from "./rows-cache";

export type SelectMode = "none" | "one" | "many";

/** What is selected, whatever the app has put there. */
export function selectedIds(value: unknown, mode: SelectMode): Id[] {
  if (mode === "none" || value === null || value === undefined) return [];
  return (Array.isArray(value) ? value : [value]) as Id[];
}

/** The value for `ids` in the app: one of them or null, or all. */
export function selectionOf(ids: readonly Id[], mode: SelectMode): Id | Id[] {
  return mode === "many" ? [...ids] : (ids[0] ?? null);
}

/** What is selected after `id` was chosen; `adds` leaves the others as they are, and takes back what is selected. */
export function choose(
  selected: readonly Id[],
  id: Id,
  mode: SelectMode,
  adds: boolean,
): readonly Id[] {
  if (!adds) return [id];
  if (selected.includes(id)) return selected.filter((one) => one !== id);
  return mode === "many" ? [...selected, id] : [id];
}
