import { defineComponent, h, onMounted, useTemplateRef, watch } from "vue";
import { highlighted } from "./highlight";

/** Source code in the colours of its language. */
export const JtCode = defineComponent({
  name: "JtCode",
  props: { source: { type: null, default: "" }, language: { type: String, default: "" } },
  setup(props) {
    const code = useTemplateRef<HTMLElement>("code");
    const show = () => {
      const text = String(props.source ?? "");
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

function written(value: unknown): string {
  return JSON.stringify(value, plain, 2) ?? "null";
}

/** What JSON has no form for is described. */
function plain(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return ArrayBuffer.isView(value) ? `(${value.byteLength} bytes)` : value;
}
