import { defineComponent, h, onMounted, useTemplateRef, watch } from "vue";
import { textOf, written } from "../text";
import { highlighted } from "./highlight";

/** Source code in the colours of its language. */
export const JtCode = defineComponent({
  name: "JtCode",
  props: { source: { type: null, default: "" }, language: { type: String, default: "" } },
  setup(props) {
    const code = useTemplateRef<HTMLElement>("code");
    const show = () => {
      const text = textOf(props.source);
      // What comes back is the text, escaped, in elements for its colours.
      if (code.value) code.value.innerHTML = highlighted(text, props.language);
    };
    onMounted(show);
    watch(() => [props.source, props.language], show);
    return () =>
      h(
        "pre",
        { class: "jt-code", tabindex: 0, role: "group", "aria-label": props.language || "Code" },
        [h("code", { ref: "code" })],
      );
  },
});

/** A value as indented JSON. */
export const JtJson = defineComponent({
  name: "JtJson",
  props: { value: { type: null, default: null } },
  setup: (props) => () => h(JtCode, { source: written(props.value), language: "json" }),
});
