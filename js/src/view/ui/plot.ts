import { defineComponent, h, onBeforeUnmount, onMounted, useTemplateRef, watch } from "vue";
import { PLACE, useProvided, useTrame } from "../render/components/inject";

/** What is used of plotly. */
interface Plotly {
  react(el: HTMLElement, data: unknown, layout: unknown, config: object): Promise<unknown>;
  purge(el: HTMLElement): void;
  Plots: { resize(el: HTMLElement): unknown };
}
interface Figure {
  data?: unknown;
  layout?: { height?: number };
  config?: object;
}

const HEIGHT = 420;

/** A figure of plotly, drawn by its own script, which the server lets come with the first one. */
export const JtPlot = defineComponent({
  name: "JtPlot",
  props: { library: { type: String, default: "" }, figure: { type: String, default: "" } },
  setup(props) {
    const place = useProvided(PLACE);
    const { state } = useTrame();
    const box = useTemplateRef<HTMLElement>("box");
    let drawn: Plotly | null = null;
    const draw = () => {
      const library =
        props.library === "plotly"
          ? loaded(place.evaluate("typeof Plotly === 'undefined' ? null : Plotly"))
          : null;
      if (!box.value || !library) return;
      drawn = library;
      const { data, layout, config } = JSON.parse(props.figure) as Figure;
      box.value.style.minHeight = `${layout?.height ?? HEIGHT}px`;
      void library.react(box.value, data, layout, { displaylogo: false, ...config });
    };
    const observer = new ResizeObserver(() => {
      if (box.value && drawn && box.value.clientWidth > 0) drawn.Plots.resize(box.value);
    });
    // Told when scripts of packages have run.
    const stop = state.addListener(({ type }) => {
      if (type === "refresh") draw();
    });
    onMounted(() => {
      draw();
      if (box.value) observer.observe(box.value);
    });
    watch(() => props.figure, draw);
    onBeforeUnmount(() => {
      stop();
      observer.disconnect();
      if (box.value) drawn?.purge(box.value);
    });
    return () => h("div", { ref: "box", class: "jt-plot" });
  },
});

function loaded(value: unknown): Plotly | null {
  return typeof (value as Plotly | null)?.react === "function" ? (value as Plotly) : null;
}
