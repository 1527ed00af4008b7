import { defineComponent, h } from "vue";
import { useDraft } from "./draft";
import { FIELD_EVENTS, FIELD_PROPS, useField } from "./field";
import { asText } from "./texts";

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
    autocomplete: { type: String, default: "off" },
  },
  emits: [...FIELD_EVENTS],
  setup(props, { emit }) {
    const field = useField("text", props);
    const draft = useDraft(() => props.modelValue);
    const read = (event: Event) => (event.target as HTMLInputElement).value;
    const onInput = (event: Event) => {
      draft.write(read(event));
      emit("update:modelValue", read(event));
    };
    const onChange = (event: Event) => {
      draft.leave();
      emit("change", read(event));
    };
    return () => {
      const { rows, type, placeholder, autocomplete } = props;
      const control = h(rows > 0 ? "textarea" : "input", {
        ...field.attributes(),
        class: "jt-input",
        type: rows > 0 ? undefined : type,
        rows: rows || undefined,
        value: draft.written.value ?? asText(props.modelValue),
        placeholder,
        autocomplete,
        onInput,
        onChange,
        onBlur: draft.leave,
      });
      return field.around(control);
    };
  },
});
