import { defineComponent, h, type PropType } from "vue";
import { JtShow } from "./show";
import { type PartStatus, problem } from "./status";

/** What a function of the server returned last, and what went wrong since. */
export const JtOutput = defineComponent({
  name: "JtOutput",
  props: {
    value: { type: null, default: null },
    /** What is to be seen, where the value is a picture. */
    alt: { type: String, default: "" },
    status: { type: Object as PropType<PartStatus>, default: () => ({}) },
  },
  setup(props) {
    return () => {
      const { busy, error } = props.status ?? {};
      return h(
        "div",
        {
          class: "jt-output",
          "aria-busy": busy ? "true" : undefined,
          "data-failed": Boolean(error) || undefined,
        },
        [problem(error), h(JtShow, { value: props.value, alt: props.alt })],
      );
    };
  },
});
