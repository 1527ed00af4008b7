import { defineComponent, h } from "vue";
import { bar } from "./status";
import { asText } from "./texts";

/** A number in the reader's own form of numbers; what is no number as it is. */
function inWords(value: unknown, digits: number | undefined, sign = false): string {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number" && typeof value !== "bigint") return asText(value);
  return new Intl.NumberFormat(undefined, {
    ...(digits === undefined
      ? { maximumFractionDigits: 3 }
      : { minimumFractionDigits: digits, maximumFractionDigits: digits }),
    signDisplay: sign ? "exceptZero" : "auto",
  }).format(value);
}

/** One number that counts, and how it has changed. */
export const JtMetric = defineComponent({
  name: "JtMetric",
  props: {
    label: { type: String, default: "" },
    value: { type: null, default: null },
    unit: { type: String, default: "" },
    digits: { type: Number, default: undefined },
    delta: { type: null, default: undefined },
  },
  setup(props) {
    const change = () => {
      if (props.delta === undefined || props.delta === null) return null;
      const direction = Math.sign(typeof props.delta === "object" ? 0 : Number(props.delta)) || 0;
      const sign = ["▼ ", "", "▲ "][direction + 1];
      return h("dd", { class: "jt-delta", "data-direction": direction }, [
        h("span", { "aria-hidden": "true" }, sign),
        inWords(props.delta, props.digits, true),
      ]);
    };
    return () =>
      h("dl", { class: "jt-metric" }, [
        h("dt", { class: "jt-label" }, props.label),
        h("dd", { class: "jt-value" }, [
          inWords(props.value, props.digits),
          props.unit ? h("span", { class: "jt-unit" }, ` ${props.unit}`) : null,
        ]),
        change(),
      ]);
  },
});

/** How far something is. */
export const JtProgress = defineComponent({
  name: "JtProgress",
  props: {
    label: { type: String, default: "" },
    value: { type: null, default: null },
    text: { type: String, default: "" },
  },
  setup: (props) => () =>
    h("div", { class: "jt-progress" }, [
      h("div", { class: "jt-head" }, [
        h("span", { class: "jt-label" }, props.label),
        Number.isFinite(props.value)
          ? h("span", { class: "jt-reading" }, `${Math.round((props.value as number) * 100)} %`)
          : null,
      ]),
      bar(props.value, props.label),
      props.text ? h("p", { class: "jt-help", role: "status" }, props.text) : null,
    ]),
});

/** Something is at work. */
export const JtSpinner = defineComponent({
  name: "JtSpinner",
  props: { text: { type: String, default: "" } },
  setup: (props) => () =>
    h("div", { class: "jt-working", role: "status" }, [
      h("span", { class: "jt-wheel", "aria-hidden": "true" }),
      props.text,
    ]),
});
