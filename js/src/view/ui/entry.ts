import { defineComponent, h, type PropType } from "vue";
import { useDraft } from "./draft";
import { FIELD_EVENTS, FIELD_PROPS, useField } from "./field";
import { asText } from "./texts";

type Value = number | string | null;
type End = number | string;

/** A number or a day, which may be empty: null. What is none, or out of bounds, is told and not taken. */
export const JtEntry = defineComponent({
  name: "JtEntry",
  props: {
    ...FIELD_PROPS,
    modelValue: { type: null as unknown as PropType<unknown>, default: null },
    type: { type: String as PropType<"number" | "date">, default: "number" },
    min: { type: [Number, String] as PropType<End>, default: undefined },
    max: { type: [Number, String] as PropType<End>, default: undefined },
    step: { type: [Number, String] as PropType<End>, default: undefined },
    placeholder: { type: String, default: undefined },
    unit: { type: String, default: "" },
  },
  emits: [...FIELD_EVENTS],
  setup(props, { emit }) {
    const field = useField(props.type, props);
    const draft = useDraft(() => props.modelValue);
    const parse = (text: string): Value => {
      if (text === "") return null;
      return props.type === "number" ? Number(text) : text;
    };
    const onInput = (event: Event) => {
      const { value, validity } = event.target as HTMLInputElement;
      const refused = whyRefused(validity, props);
      draft.write(value, refused);
      if (!refused) emit("update:modelValue", parse(value));
    };
    const onChange = (event: Event) => {
      const { value } = event.target as HTMLInputElement;
      const isTaken = !draft.refused.value;
      draft.leave();
      if (isTaken) emit("change", parse(value));
    };
    return () => {
      const { type, min, max, step, placeholder, unit, modelValue } = props;
      const refused = draft.refused.value;
      const input = h("input", {
        ...field.attributes(refused),
        class: "jt-input",
        type,
        min,
        max,
        step: step ?? (type === "number" ? "any" : undefined),
        placeholder,
        value: draft.written.value ?? asText(modelValue),
        autocomplete: "off",
        onInput,
        onChange,
        onBlur: draft.leave,
      });
      const control = unit
        ? h("div", { class: "jt-with-unit" }, [input, h("span", { class: "jt-unit" }, unit)])
        : input;
      return field.around(control, { refused });
    };
  },
});

interface Bounds {
  type: string;
  min?: End | undefined;
  max?: End | undefined;
  step?: End | undefined;
}

function whyRefused(validity: ValidityState, { type, min, max, step }: Bounds): string {
  if (validity.badInput) return type === "number" ? "This is not a number." : "This is not a day.";
  if (validity.rangeUnderflow) return `Enter ${min} or ${type === "number" ? "more" : "later"}.`;
  if (validity.rangeOverflow) return `Enter ${max} or ${type === "number" ? "less" : "earlier"}.`;
  if (validity.stepMismatch)
    return `Enter a value in steps of ${step}${min === undefined ? "" : ` from ${min}`}.`;
  return "";
}
