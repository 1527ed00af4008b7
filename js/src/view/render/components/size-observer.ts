import { defineComponent, h, onBeforeUnmount, onMounted, useTemplateRef } from "vue";
import { useTrame } from "./inject";

const DPI = 96;

/** Tells the size of its box, in CSS pixels, and puts it into a state key if one is named. */
export const SizeObserver = defineComponent({
  name: "TrameSizeObserver",
  props: { name: { type: String, default: undefined } },
  emits: ["change"],
  setup(props, { emit, slots }) {
    const { state } = useTrame();
    const box = useTemplateRef<HTMLElement>("box");
    let observer: ResizeObserver | null = null;
    let told: unknown;
    const measure = () => {
      const element = box.value;
      if (!element) return;
      const { x, y, width, height } = element.getBoundingClientRect();
      // A hidden tab or a cell out of sight has no size: what is drawn keeps its own.
      if (width === 0 && height === 0) return;
      const { devicePixelRatio: pixelRatio } = window;
      const size = { x, y, width, height };
      const { name } = props;
      const value = { size, pixelRatio, dpi: DPI * pixelRatio, ...(name && { name }) };
      const known = name ? state.state[name] : told;
      if (JSON.stringify(value) === JSON.stringify(known)) return;
      told = value;
      if (name) void state.set(name, value);
      emit("change", value);
    };
    onMounted(() => {
      observer = new ResizeObserver(measure);
      if (box.value) observer.observe(box.value);
    });
    onBeforeUnmount(() => observer?.disconnect());
    return () => h("div", { ref: "box", class: "jt-size-observer" }, slots.default?.());
  },
});
