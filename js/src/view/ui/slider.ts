import { defineComponent, h, type PropType } from "vue";
import { FIELD_EVENTS, FIELD_PROPS, useField } from "./field";

/** A number between two ends. */
export const JtSlider = defineComponent({
  name: "JtSlider",
  props: {
    ...FIELD_PROPS,
    modelValue: { type: null as unknown as PropType<unknown>, default: 0 },
    min: { type: Number, default: 0 },
    max: { type: Number, default: 100 },
    step: { type: Number, default: 1 },
    unit: { type: String, default: "" },
  },
  emits: [...FIELD_EVENTS],
  setup(props, { emit }) {
    const field = useField("slider", props);
    const read = (event: Event) => Number((event.target as HTMLInputElement).value);
    return () => {
      const { min, max, step, unit } = props;
      const value = Number.isFinite(props.modelValue) ? (props.modelValue as number) : min;
      const text = `${value}${unit && ` ${unit}`}`;
      const control = h("input", {
        ...field.attributes(),
        type: "range",
        class: "jt-range",
        min,
        max,
        step,
        value,
        "aria-valuetext": unit ? text : undefined,
        style: { "--jt-part": part(value, min, max) },
        onInput: (event: Event) => emit("update:modelValue", read(event)),
        onChange: (event: Event) => emit("change", read(event)),
      });
      return field.around(control, {
        reading: h("output", { class: "jt-reading", for: field.id }, text),
      });
    };
  },
});

/** Where a value is between two ends, from 0 to 1. */
export function part(value: number, min: number, max: number): number {
  return max > min ? Math.min(1, Math.max(0, (value - min) / (max - min))) : 0;
}
