/** What the server lists for the page under `trame__styles` and its like. */
export interface Entry {
  path: string;
  /** Entries of one group load one after the other; the others load at the same time. */
  group: string | null;
}

/** An entry of `trame__vue_use`. */
export interface Use {
  /** The name of a global, or an expression. */
  expression: string;
  options: unknown[];
}

/** Entries are written `path`, `[path]` or `[path, {serial: group}]`; what is neither is left out. */
export function readEntries(value: unknown): Entry[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    const [path, options] = (Array.isArray(item) ? item : [item]) as [unknown, unknown];
    if (typeof path !== "string" || path === "") return [];
    const serial = (options as { serial?: unknown } | null | undefined)?.serial;
    return [{ path, group: serial === undefined || serial === null ? null : String(serial) }];
  });
}

/** Entries are written `expression` or `[expression, option...]`. */
export function readUses(value: unknown): Use[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    const [expression, ...options] = Array.isArray(item) ? item : [item];
    return typeof expression === "string" && expression ? [{ expression, options }] : [];
  });
}

/** Loads all entries; `load` never rejects. */
export async function loadAll(
  entries: readonly Entry[],
  load: (path: string) => Promise<void>,
): Promise<void> {
  const groups = new Map<string, Promise<void>>();
  const all = entries.map(({ path, group }) => {
    if (group === null) return load(path);
    const before = groups.get(group);
    const loading = before ? before.then(() => load(path)) : load(path);
    groups.set(group, loading);
    return loading;
  });
  await Promise.all(all);
}
