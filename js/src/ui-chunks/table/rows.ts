import { computed, ref, watch } from "vue";
import { drawnCount, drawnRange, MOST, pageRange, scrollTo } from "./pages";
import type { Sorting } from "./rows-cache";
import { type SourceProps, useSource } from "./source";
import { useView } from "./view";

export interface RowsProps extends SourceProps {
  readonly pageSize: number;
}

export type Rows = ReturnType<typeof useRows>;

/** The rows of a table: `page` are those to scroll through, `drawn` those of them that are drawn. */
export function useRows(props: RowsProps) {
  const area = ref<HTMLElement | null>(null);
  const pageNumber = ref(0);
  const { top, height, rowHeight, scrolled, scroll } = useView(area);
  const source = useSource(props, () => drawn.value);
  const { total, sorting, row, ids } = source;
  const size = computed(() => Math.min(props.pageSize || MOST, MOST));
  const page = computed(() => pageRange(pageNumber.value, size.value, total.value));
  const drawn = computed(() => drawnRange(page.value, top.value, height.value, rowHeight.value));
  source.take();
  watch(drawn, source.look);
  return {
    area,
    drawn,
    page,
    size,
    sorting,
    total,
    rowHeight,
    scrolled,
    row,
    ids,
    columns: () => props.head?.columns ?? [],
    /** How many rows are drawn at most. */
    ring: computed(() => drawnCount(height.value, rowHeight.value)),
    /** Rows that the area shows at once. */
    step: () => Math.max(1, Math.floor(height.value / rowHeight.value) - 1),
    isDrawn: (index: number) => index >= drawn.value.first && index < drawn.value.end,
    sort(by: Sorting | null) {
      scroll(0);
      source.sort(by);
    },
    turnTo(number: number) {
      const { first } = pageRange(Math.max(0, number), size.value, total.value);
      pageNumber.value = Math.floor(first / size.value);
      scroll(0);
    },
    show(index: number) {
      scroll(scrollTo(index, page.value, top.value, height.value, rowHeight.value));
    },
  };
}
