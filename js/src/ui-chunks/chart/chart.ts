import {
  defineComponent,
  h,
  onBeforeUnmount,
  onMounted,
  resolveComponent,
  shallowRef,
  useTemplateRef,
  watch,
} from "vue";
import { type Drawing, drawChart } from "./drawing";

/** A chart of Vega-Lite, which answers to the pointer. */
export const JtChart = defineComponent({
  name: "JtChart",
  props: { spec: { type: String, default: "" }, label: { type: String, default: "" } },
  setup(props) {
    const host = useTemplateRef<HTMLElement>("host");
    const problem = shallowRef("");
    // Of the client, which shows all exceptions alike.
    const failure = resolveComponent("JtFailure");
    let shown: Drawing | null = null;
    /** Counts what was to be drawn; a drawing that was overtaken is given up. */
    let wanted = 0;
    const show = async () => {
      if (!host.value) return;
      wanted += 1;
      const own = wanted;
      const isWanted = () => own === wanted;
      const say = (text: string) => {
        if (isWanted()) problem.value = text;
      };
      say("");
      try {
        const drawing = await drawChart(host.value, {
          spec: props.spec,
          label: props.label,
          missing: (address) => say(`The data of this chart did not come from ${address}.`),
        });
        if (!isWanted()) {
          drawing.dispose();
          return;
        }
        shown?.dispose();
        shown = drawing;
        drawing.show();
      } catch (error) {
        say(`The chart cannot be drawn: ${error instanceof Error ? error.message : String(error)}`);
      }
    };
    const observer = new ResizeObserver(() => shown?.resize());
    onMounted(() => {
      void show();
      if (host.value) observer.observe(host.value);
    });
    watch(() => [props.spec, props.label], show);
    onBeforeUnmount(() => {
      wanted += 1;
      observer.disconnect();
      shown?.dispose();
    });
    return () =>
      h("div", { class: "jt-chart" }, [
        problem.value ? h(failure, { error: { message: problem.value } }) : null,
        h("div", { ref: "host", class: "jt-chart-host" }),
      ]);
  },
});
