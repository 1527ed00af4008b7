import { defineComponent, h, type PropType } from "vue";
import { FIELD_EVENTS, FIELD_PROPS, useField } from "./field";
import { part } from "./slider";
import { asText } from "./texts";

type Range = readonly [number, number];

/** The two numbers that a value of the state has; both ends for what has none. */
function readRange(value: unknown, min: number, max: number): Range {
  const [low, high] = Array.isArray(value) ? value : [];
  const isOne = Number.isFinite(low) && Number.isFinite(high);
  return isOne ? [low, high] : [min, max];
}

/** Two numbers between two ends, the lower one first: neither passes the other. */
export const JtRange = defineComponent({
  name: "JtRange",
  props: {
    ...FIELD_PROPS,
    modelValue: { type: null as unknown as PropType<unknown>, default: null },
    min: { type: Number, default: 0 },
    max: { type: Number, default: 100 },
    step: { type: Number, default: 1 },
    unit: { type: String, default: "" },
  },
  emits: [...FIELD_EVENTS],
  setup(props, { emit }) {
    const field = useField("range", props);
    const moved = (event: Event, end: 0 | 1): Range => {
      const input = event.target as HTMLInputElement;
      const [low, high] = readRange(props.modelValue, props.min, props.max);
      const value = Number(input.value);
      const range: Range = end === 0 ? [Math.min(value, high), high] : [low, Math.max(value, low)];
      // The browser has moved it past the other one.
      input.value = String(range[end]);
      return range;
    };
    const control = (end: 0 | 1) => {
      const { min, max, step, unit, disabled, label } = props;
      const value = readRange(props.modelValue, min, max)[end];
      const { id: _, ...rest } = field.attributes();
      return h("input", {
        ...rest,
        disabled,
        type: "range",
        class: "jt-range",
        min,
        max,
        step,
        value,
        "aria-label": `${asText(label)} ${end === 0 ? "from" : "to"}`.trim(),
        "aria-valuetext": unit ? `${value} ${unit}` : undefined,
        onInput: (event: Event) => emit("update:modelValue", moved(event, end)),
        onChange: (event: Event) => emit("change", moved(event, end)),
      });
    };
    return () => {
      const { min, max, unit } = props;
      const [low, high] = readRange(props.modelValue, min, max);
      const style = { "--jt-low": part(low, min, max), "--jt-high": part(high, min, max) };
      return field.group(h("div", { class: "jt-two-ranges", style }, [control(0), control(1)]), {
        reading: h("span", { class: "jt-reading" }, `${low} – ${high}${unit && ` ${unit}`}`),
      });
    };
  },
});
