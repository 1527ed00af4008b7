import { type ExtractPropTypes, h, type PropType, useId, type VNode, type VNodeChild } from "vue";
import { asText } from "./texts";

/** What every input is given; its value is `modelValue`. */
export const FIELD_PROPS = {
  label: { type: null as unknown as PropType<unknown>, default: "" },
  help: { type: null as unknown as PropType<unknown>, default: "" },
  /** What is wrong with the value; why the input itself refuses what is in it goes before. */
  problem: { type: null as unknown as PropType<unknown>, default: "" },
  disabled: Boolean,
} as const;

/** What every input emits: the value for its key, and the same when the user has chosen it. */
export const FIELD_EVENTS = ["update:modelValue", "change"] as const;

type FieldProps = Readonly<ExtractPropTypes<typeof FIELD_PROPS>>;

/** Attributes of the element that a field's label, help and problem belong to. */
export interface ControlAttributes {
  id: string;
  disabled: boolean;
  "aria-describedby": string | undefined;
  "aria-invalid": "true" | undefined;
  "aria-errormessage": string | undefined;
}

interface More {
  /** A sentence on what the input does not take. */
  refused?: string;
  /** What stands at the end of the label's line. */
  reading?: VNodeChild;
}

export interface Field {
  readonly id: string;
  attributes(refused?: string): ControlAttributes;
  /** A label above its control, help and problem below. */
  around(control: VNodeChild, more?: More): VNode;
  /** The same for a control that its own label is around. */
  beside(control: VNodeChild): VNode;
  /** The same for several controls, of which each has a label of its own. */
  group(controls: VNodeChild, more?: More & { role?: "group" | "radiogroup" }): VNode;
}

/** The parts that all inputs share; to be called in `setup`. */
export function useField(kind: string, given: FieldProps): Field {
  // Where one is an expression anything may come of it.
  const props = {
    get label() {
      return asText(given.label);
    },
    get help() {
      return asText(given.help);
    },
    get problem() {
      return asText(given.problem);
    },
    get disabled() {
      return given.disabled;
    },
  };
  const id = useId();
  const ids = { label: `${id}-label`, help: `${id}-help`, problem: `${id}-problem` };
  const attributes = (refused = ""): ControlAttributes => {
    const isWrong = Boolean(refused || props.problem);
    const described = [props.help && ids.help, isWrong && ids.problem].filter(Boolean).join(" ");
    return {
      id,
      disabled: props.disabled,
      "aria-describedby": described || undefined,
      "aria-invalid": isWrong ? "true" : undefined,
      "aria-errormessage": isWrong ? ids.problem : undefined,
    };
  };
  const below = (refused = "") => [
    props.help ? h("p", { class: "jt-help", id: ids.help }, props.help) : null,
    // It is there before it says something, so that it is read out when it does.
    h("p", { class: "jt-problem", id: ids.problem, role: "alert" }, refused || props.problem),
  ];
  const shape = (refused = "") => ({
    class: ["jt-field", `jt-field-${kind}`],
    "data-disabled": props.disabled ? "" : undefined,
    "data-wrong": refused || props.problem ? "" : undefined,
    "data-refused": refused ? "" : undefined,
  });
  const head = (label: VNode, reading: VNodeChild) => {
    if (!props.label) return reading ?? null;
    return reading === undefined ? label : h("div", { class: "jt-head" }, [label, reading]);
  };
  return {
    id,
    attributes,
    around(control, { refused, reading } = {}) {
      const label = h("label", { class: "jt-label", for: id }, props.label);
      return h("div", shape(refused), [head(label, reading), control, below(refused)]);
    },
    beside: (control) => h("div", shape(), [control, below()]),
    group(controls, { role = "group", refused, reading } = {}) {
      const { "aria-describedby": described, "aria-invalid": invalid } = attributes(refused);
      const label = h("span", { class: "jt-label", id: ids.label }, props.label);
      const group = {
        role,
        "aria-labelledby": props.label ? ids.label : undefined,
        "aria-describedby": described,
        // Of groups only this one can be wrong.
        "aria-invalid": role === "radiogroup" ? invalid : undefined,
        "aria-disabled": props.disabled ? "true" : undefined,
      };
      const inner = [
        head(label, reading),
        h("div", { class: "jt-choices" }, [controls]),
        below(refused),
      ];
      return h("div", { ...shape(refused), ...group }, inner);
    },
  };
}
