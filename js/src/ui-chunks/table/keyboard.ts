import type { Range } from "./pages";

/** The row to go to for a key that moves; null for any other. `step` is what the area shows of rows. */
export function moved(key: string, from: number, step: number, page: Range): number | null {
  const last = page.end - 1;
  const targets = new Map([
    ["ArrowUp", from - 1],
    ["ArrowDown", from + 1],
    ["PageUp", from - step],
    ["PageDown", from + step],
    ["Home", page.first],
    ["End", last],
  ]);
  const target = targets.get(key);
  return target === undefined ? null : Math.max(page.first, Math.min(last, target));
}
