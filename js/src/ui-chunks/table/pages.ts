/** Rows that one page holds at most: browsers draw nothing that is much higher. */
export const MOST = 100_000;
/** Rows that are drawn beyond each edge of what is seen. */
const OVERSCAN = 6;
/** Not every row that is passed is a reason to draw anew. */
const STEP = 4;

export interface Range {
  first: number;
  /** The row after the last one. */
  end: number;
}

/** The rows of page `page`, of `size` rows each; the last page for one that is not there. */
export function pageRange(page: number, size: number, total: number): Range {
  const last = Math.max(0, Math.ceil(total / size) - 1);
  const first = Math.min(page, last) * size;
  return { first, end: Math.min(total, first + size) };
}

/** How many rows are drawn at most. */
export function drawnCount(height: number, rowHeight: number): number {
  return Math.ceil(height / rowHeight) + 1 + 2 * OVERSCAN + STEP;
}

/** The rows of `page` that are drawn, where `scrolled` of its pixels are above an area of `height`. */
export function drawnRange(
  page: Range,
  scrolled: number,
  height: number,
  rowHeight: number,
): Range {
  const above = Math.floor(scrolled / rowHeight) - OVERSCAN;
  const first = page.first + Math.max(0, above - (above % STEP));
  const end = Math.min(page.end, first + drawnCount(height, rowHeight));
  return { first: Math.min(first, Math.max(page.first, end - 1)), end };
}

/** How far to scroll so that the row `index` of `page` is seen; `scrolled` if it is. */
export function scrollTo(
  index: number,
  page: Range,
  scrolled: number,
  height: number,
  rowHeight: number,
): number {
  const top = (index - page.first) * rowHeight;
  if (top < scrolled) return top;
  return Math.max(scrolled, top + rowHeight - height);
}
