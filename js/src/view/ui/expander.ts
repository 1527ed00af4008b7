import { defineComponent, h } from "vue";

/** Parts below a line that shows and hides them. */
export const JtExpander = defineComponent({
  name: "JtExpander",
  props: { title: { type: String, default: "" }, open: Boolean },
  setup(props, { slots }) {
    return () =>
      h("details", { class: "jt-expander", open: props.open }, [
        h("summary", { class: "jt-summary" }, props.title),
        h("div", { class: "jt-column" }, slots.default?.()),
      ]);
  },
});
