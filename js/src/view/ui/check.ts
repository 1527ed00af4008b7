import { defineComponent, h } from "vue";
import { FIELD_EVENTS, FIELD_PROPS, useField } from "./field";

/** Yes or no: a box to tick, or a switch. */
export const JtCheck = defineComponent({
  name: "JtCheck",
  props: { ...FIELD_PROPS, modelValue: { type: null, default: false }, toggle: Boolean },
  emits: [...FIELD_EVENTS],
  setup(props, { emit }) {
    const field = useField("check", props);
    const onChange = (event: Event) => {
      const { checked } = event.target as HTMLInputElement;
      emit("update:modelValue", checked);
      emit("change", checked);
    };
    return () => {
      const { label, toggle, modelValue } = props;
      const control = h("input", {
        ...field.attributes(),
        type: "checkbox",
        role: toggle ? "switch" : undefined,
        class: toggle ? "jt-switch" : "jt-check",
        checked: Boolean(modelValue),
        onChange,
      });
      return field.beside(h("label", { class: "jt-choice" }, [control, h("span", label)]));
    };
  },
});
