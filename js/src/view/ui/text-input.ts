import { defineComponent, h, shallowRef } from "vue";
import { FIELD_EVENTS, FIELD_PROPS, useField } from "./field";

/** A line of text, or several. */
export const JtText = defineComponent({
  name: "JtText",
  props: {
    ...FIELD_PROPS,
    modelValue: { type: null, default: "" },
    placeholder: { type: String, default: undefined },
    type: { type: String, default: "text" },
    /** Of a text area; one line without. */
    rows: { type: Number, default: 0 },
    required: Boolean,
    autocomplete: { type: String, default: "off" },
  },
  emits: [...FIELD_EVENTS, "submit"],
  setup(props, { emit }) {
    const field = useField("text", props);
    /** What the user is writing: no value from elsewhere takes its place. */
    const written = shallowRef<string | null>(null);
    const onInput = (event: Event) => {
      const { value } = event.target as HTMLInputElement;
      written.value = value;
      emit("update:modelValue", value);
    };
    const leave = () => {
      written.value = null;
    };
    const onChange = (event: Event) => {
      leave();
      emit("change", (event.target as HTMLInputElement).value);
    };
    return () => {
      const { rows, type } = props;
      const control = h(rows > 0 ? "textarea" : "input", {
        ...field.attributes(),
        class: "jt-input",
        type: rows > 0 ? undefined : type,
        rows: rows || undefined,
        value: written.value ?? props.modelValue ?? "",
        placeholder: props.placeholder,
        required: props.required || undefined,
        autocomplete: props.autocomplete,
        onInput,
        onChange,
        onBlur: leave,
      });
      return field.around(control);
    };
  },
});
