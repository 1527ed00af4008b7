/** Rows of a request: it is answered by whole blocks. */
export const BLOCK = 50;
/** Blocks that are kept. */
const KEPT = 40;

export type Id = string | number | null;

/** `columns` says what a table looks like, `rows` are its first ones. */
export interface Head {
  version: number;
  total: number;
  columns: Column[];
  rows: string[][];
  ids: Id[] | null;
}

export interface Column {
  name: string;
  heading: string;
  /** Whether it holds numbers, which stand at the right. */
  number: boolean;
  /** Characters of its longest text, or about as many. */
  length: number;
  /** As CSS; "" leaves it to the texts. */
  width: string;
}

/** What one version changed: place of the row in the app's own order, number of the column, text. */
export interface Change {
  version: number;
  cells: [number, number, string][];
}

export interface Sorting {
  column: string;
  descending: boolean;
}

/** Rows from `start` on in the order that was asked for. */
export interface Answer {
  version: number;
  start: number;
  rows: string[][];
  /** Their places in the app's own order. */
  positions: number[];
  /** By what they are selected, where that is not their place. */
  ids: Id[] | null;
}

export interface Row {
  cells: string[];
  position: number;
  id: Id;
}

interface Block {
  rows: Row[];
  /** Whether the rows are of the newest version and in the order that is wanted. */
  fresh: boolean;
}

/** The rows that a page has of a table. What is outdated is shown until there is something newer. */
export class RowsCache {
  total = 0;
  version = 0;
  sorting: Sorting | null = null;
  readonly #blocks = new Map<number, Block>();
  #columns: string[] = [];

  /** A table as it is now; everything else that is known is outdated. */
  take(head: Head): void {
    const names = head.columns.map(({ name }) => name);
    if (names.join("\n") !== this.#columns.join("\n")) this.#blocks.clear();
    this.#columns = names;
    this.version = head.version;
    this.total = head.total;
    if (this.sorting && !names.includes(this.sorting.column)) this.sorting = null;
    this.#outdate();
    if (this.sorting === null) {
      const positions = head.rows.map((_, index) => index);
      this.put({ ...head, start: 0, positions });
    }
  }

  /** The changes since `take`, the last ones at least. */
  apply(changes: readonly Change[]): void {
    for (const { version, cells } of changes) {
      if (version !== this.version + 1) continue;
      this.version = version;
      this.#write(cells);
    }
    const newest = changes.at(-1)?.version ?? 0;
    if (newest > this.version) {
      this.version = newest;
      this.#outdate();
    }
  }

  sort(sorting: Sorting | null): void {
    this.sorting = sorting;
    this.#outdate();
  }

  /** What the app answered; false if that is older than what is known. */
  put({ version, start, rows, positions, ids }: Answer): boolean {
    if (version < this.version) return false;
    if (version > this.version) {
      this.version = version;
      this.#outdate();
    }
    for (let offset = 0; offset < rows.length; offset += BLOCK) {
      const part = rows.slice(offset, offset + BLOCK).map((cells, index): Row => {
        const position = positions[offset + index] ?? 0;
        return { cells, position, id: ids ? (ids[offset + index] ?? null) : position };
      });
      const first = start + offset;
      const fresh = part.length === Math.min(BLOCK, this.total - first);
      this.#keep(first / BLOCK, { rows: part, fresh });
    }
    return true;
  }

  row(index: number): Row | undefined {
    return this.#blocks.get(Math.floor(index / BLOCK))?.rows[index % BLOCK];
  }

  /** What is to be asked for, so that the rows from `first` to before `end` are fresh. */
  missing(first: number, end: number): { start: number; count: number } | null {
    const last = Math.min(end, this.total) - 1;
    const wanted: number[] = [];
    for (let block = Math.floor(first / BLOCK); block * BLOCK <= last; block += 1) {
      if (!this.#blocks.get(block)?.fresh) wanted.push(block);
    }
    const [from] = wanted;
    const to = wanted.at(-1);
    if (from === undefined || to === undefined) return null;
    return { start: from * BLOCK, count: (to - from + 1) * BLOCK };
  }

  #outdate(): void {
    for (const block of this.#blocks.values()) block.fresh = false;
  }

  #write(cells: Change["cells"]): void {
    const sorted = this.sorting === null ? -1 : this.#columns.indexOf(this.sorting.column);
    const rows = new Map<number, [number, string][]>();
    for (const [position, column, text] of cells) {
      rows.set(position, [...(rows.get(position) ?? []), [column, text]]);
    }
    for (const block of this.#blocks.values()) {
      block.rows = block.rows.map((row) => {
        const changes = rows.get(row.position);
        if (!changes) return row;
        const written = [...row.cells];
        for (const [column, text] of changes) written[column] = text;
        return { ...row, cells: written };
      });
    }
    // The row may belong elsewhere now.
    if (cells.some(([, column]) => column === sorted)) this.#outdate();
  }

  /** The blocks that were kept first are forgotten first. */
  #keep(number: number, block: Block): void {
    this.#blocks.delete(number);
    this.#blocks.set(number, block);
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= KEPT) break;
      this.#blocks.delete(oldest);
    }
  }
}
