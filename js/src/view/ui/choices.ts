import { defineComponent, h, type PropType } from "vue";
import { FIELD_EVENTS, FIELD_PROPS, useField } from "./field";
import { asText } from "./texts";

type Option = { value: unknown; label: string };
/** A list of values, of pairs of a value and its label, of objects with both; or labels by their values. */
type Options = readonly unknown[] | Record<string, unknown>;

const OPTIONS = {
  options: { type: [Array, Object] as PropType<Options>, default: () => [] },
} as const;

/** The options that a value of the state has; what is neither a list nor a map has none. */
export function readOptions(options: unknown): Option[] {
  if (typeof options !== "object" || options === null || ArrayBuffer.isView(options)) return [];
  if (!Array.isArray(options)) {
    return Object.entries(options).map(([value, label]) => ({ value, label: asText(label) }));
  }
  return options.map((option: unknown) => {
    if (Array.isArray(option)) return { value: option[0], label: asText(option[1] ?? option[0]) };
    if (typeof option !== "object" || option === null)
      return { value: option, label: String(option) };
    const { value, label } = option as Partial<Option>;
    return { value, label: asText(label ?? value) };
  });
}

/** One of several values, in a list that opens. */
export const JtSelect = defineComponent({
  name: "JtSelect",
  props: {
    ...FIELD_PROPS,
    ...OPTIONS,
    modelValue: { type: null, default: null },
    placeholder: { type: String, default: "" },
  },
  emits: [...FIELD_EVENTS],
  setup(props, { emit }) {
    const field = useField("select", props);
    return () => {
      const options = readOptions(props.options);
      const chosen = options.findIndex(({ value }) => value === props.modelValue);
      // What none of the options is, the control shows as nothing chosen.
      const none =
        chosen < 0
          ? h("option", { value: "-1", disabled: true, hidden: true }, props.placeholder)
          : null;
      const onChange = (event: Event) => {
        const value = options[Number((event.target as HTMLSelectElement).value)]?.value;
        emit("update:modelValue", value);
        emit("change", value);
      };
      const list = options.map(({ label }, index) =>
        h("option", { value: String(index), key: index }, label),
      );
      const control = h(
        "select",
        { ...field.attributes(), class: "jt-input jt-select", value: String(chosen), onChange },
        [none, ...list],
      );
      return field.around(control);
    };
  },
});

/** One of several values, or any of them, all in sight. */
export const JtChoices = defineComponent({
  name: "JtChoices",
  props: { ...FIELD_PROPS, ...OPTIONS, modelValue: { type: null, default: null }, many: Boolean },
  emits: [...FIELD_EVENTS],
  setup(props, { emit }) {
    const field = useField("choices", props);
    return () => {
      const { many, modelValue } = props;
      const options = readOptions(props.options);
      const values: readonly unknown[] = many && Array.isArray(modelValue) ? modelValue : [];
      const isChosen = (value: unknown) => (many ? values.includes(value) : value === modelValue);
      const choose = (value: unknown, on: boolean) => {
        // In the order of the options, in whatever order they were chosen.
        const next = many
          ? options
              .map((option) => option.value)
              .filter((one) => (one === value ? on : values.includes(one)))
          : value;
        emit("update:modelValue", next);
        emit("change", next);
      };
      const choices = options.map(({ value, label }, index) =>
        h("label", { class: "jt-choice", key: index }, [
          h("input", {
            type: many ? "checkbox" : "radio",
            name: many ? undefined : field.id,
            checked: isChosen(value),
            onChange: (event: Event) => choose(value, (event.target as HTMLInputElement).checked),
          }),
          h("span", label),
        ]),
      );
      return field.group(choices, { role: many ? "group" : "radiogroup" });
    };
  },
});
