import { type ExtractPropTypes, h, useId, type VNode, type VNodeChild } from "vue";

/** What every input is given; its value is `modelValue`. */
export const FIELD_PROPS = {
  label: { type: String, default: "" },
  help: { type: String, default: "" },
  /** What is wrong with the value; a value that the input itself refuses goes before. */
  problem: { type: String, default: "" },
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

export interface Field {
  readonly id: string;
  /** `refused`: a sentence on what the input does not take. */
  attributes(refused?: string): ControlAttributes;
  /** A label above its control, help and problem below. `reading`: what stands at the end of the label's line. */
  around(control: VNodeChild, more?: { refused?: string; reading?: VNodeChild }): VNode;
  /** The same for several controls, of which each has a label of its own. */
  group(controls: VNodeChild, more?: { role?: string; refused?: string }): VNode;
}

/** The parts that all inputs share; to be called in `setup`. */
export function useField(kind: string, props: FieldProps): Field {
  const id = useId();
  const ids = { help: `${id}-help`, problem: `${id}-problem` };
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
    "data-disabled": props.disabled || undefined,
    "data-wrong": Boolean(refused || props.problem) || undefined,
  });
  return {
    id,
    attributes,
    around(control, { refused, reading } = {}) {
      const label = h("label", { class: "jt-label", for: id }, props.label);
      const head = reading === undefined ? label : h("div", { class: "jt-head" }, [label, reading]);
      return h("div", shape(refused), [props.label ? head : reading, control, below(refused)]);
    },
    group(controls, { role = "group", refused } = {}) {
      const { id: _, disabled, ...rest } = attributes(refused);
      // An attribute for an error has no place on a group of any kind but this one.
      if (role !== "radiogroup") {
        delete (rest as Partial<ControlAttributes>)["aria-invalid"];
        delete (rest as Partial<ControlAttributes>)["aria-errormessage"];
      }
      const legend = props.label ? h("legend", { class: "jt-label" }, props.label) : null;
      const box = h("div", { class: "jt-choices" }, [controls]);
      const inner = [legend, box, below(refused)];
      return h("fieldset", { ...shape(refused), role, disabled, ...rest }, inner);
    },
  };
}
