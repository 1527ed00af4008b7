import { defineComponent, h } from "vue";
import { FIELD_EVENTS, FIELD_PROPS, useField } from "./field";
import { asText } from "./texts";

/** A colour, as `#rrggbb`. */
export const JtColor = defineComponent({
  name: "JtColor",
  props: { ...FIELD_PROPS, modelValue: { type: null, default: "#000000" } },
  emits: [...FIELD_EVENTS],
  setup(props, { emit }) {
    const field = useField("color", props);
    const read = (event: Event) => (event.target as HTMLInputElement).value;
    return () => {
      const control = h("input", {
        ...field.attributes(),
        type: "color",
        class: "jt-color",
        value: asText(props.modelValue),
        onInput: (event: Event) => emit("update:modelValue", read(event)),
        onChange: (event: Event) => emit("change", read(event)),
      });
      const text = h("output", { class: "jt-reading", for: field.id }, asText(props.modelValue));
      return field.around(h("div", { class: "jt-with-reading" }, [control, text]));
    };
  },
});
