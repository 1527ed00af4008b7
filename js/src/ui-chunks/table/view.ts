import { onBeforeUnmount, onMounted, type Ref, ref } from "vue";

/** Pixels of a row until one is drawn. */
const ROW_HEIGHT = 32;

/** What is seen of the area that scrolls, in CSS pixels. */
export function useView(area: Ref<HTMLElement | null>) {
  const top = ref(0);
  const height = ref(12 * ROW_HEIGHT);
  const rowHeight = ref(ROW_HEIGHT);
  const scrolled = () => {
    top.value = area.value?.scrollTop ?? 0;
  };
  const measure = () => {
    const element = area.value;
    if (!element?.clientHeight) return;
    // The heading stays in sight over the rows.
    const heading = element.querySelector("thead")?.offsetHeight ?? 0;
    const row = element.querySelector<HTMLElement>(".jt-table-row")?.offsetHeight;
    rowHeight.value = row || ROW_HEIGHT;
    height.value = Math.max(rowHeight.value, element.clientHeight - heading);
    scrolled();
  };
  const observer = new ResizeObserver(measure);
  onMounted(() => {
    if (!area.value) return;
    measure();
    observer.observe(area.value);
  });
  onBeforeUnmount(() => observer.disconnect());
  const scroll = (to: number) => {
    if (area.value) area.value.scrollTop = to;
    scrolled();
  };
  return { top, height, rowHeight, scrolled, scroll };
}
