import { inject, onBeforeUnmount, ref, shallowRef, watch } from "vue";
import { Asking } from "./asking";
import type { Range } from "./pages";
import {
  type Answer,
  type Change,
  type Head,
  type Id,
  type Row,
  RowsCache,
  type Sorting,
} from "./rows-cache";

export interface SourceProps {
  readonly head: Head | null;
  readonly changes: readonly Change[];
  readonly ask: string;
}

interface App {
  trigger(name: string, args: unknown[]): Promise<unknown>;
}

/** The rows that the app has told of; those of `wanted` are asked for. */
export function useSource(props: SourceProps, wanted: () => Range) {
  const trame = inject<App>("trame");
  const cache = new RowsCache();
  const total = ref(0);
  const sorting = shallowRef<Sorting | null>(null);
  /** Counts what is new in the cache, which Vue does not watch. */
  const news = ref(0);
  const ask = (what: object) =>
    (trame as App).trigger(props.ask, [{ sorting: cache.sorting, ...what }]) as Promise<Answer>;
  const asking = new Asking(
    () => {
      const missing = cache.missing(wanted().first, wanted().end);
      return missing && { ...missing, sorting: cache.sorting };
    },
    ask,
    (answer, { sorting }) => {
      // Rows in another order than is wanted by now are in the wrong places.
      if (sorting !== cache.sorting) return;
      cache.put(answer);
      news.value += 1;
    },
  );
  onBeforeUnmount(() => asking.stop());

  /** Something else is wanted. What goes wrong in the app is shown by the view; the next look asks again. */
  const look = () => void asking.look().catch(() => undefined);
  const changed = () => {
    total.value = cache.total;
    sorting.value = cache.sorting;
    news.value += 1;
    look();
  };
  const apply = () => {
    cache.apply(props.changes);
    changed();
  };
  const take = () => {
    if (props.head) cache.take(props.head);
    apply();
  };
  watch(() => props.head, take);
  watch(() => props.changes, apply);
  return {
    total,
    sorting,
    look,
    take,
    row(index: number): Row | undefined {
      void news.value;
      return cache.row(index);
    },
    /** By what the rows from `start` on are selected, also those that were never drawn. */
    async ids(start: number, count: number): Promise<Id[]> {
      const { ids, positions } = await ask({ start, count, cells: false });
      return ids ?? positions;
    },
    sort(by: Sorting | null) {
      cache.sort(by);
      changed();
    },
  };
}
