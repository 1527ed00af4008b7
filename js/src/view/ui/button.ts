import { defineComponent, h, type PropType, shallowRef } from "vue";

type Listener = (event: Event) => unknown;

/** A button that shows that what it has begun still runs. */
export const JtButton = defineComponent({
  name: "JtButton",
  props: {
    kind: { type: String, default: "" },
    type: { type: String as PropType<"button" | "submit">, default: "button" },
    help: { type: String, default: undefined },
    disabled: Boolean,
    /** A prop, since what it gives back is waited for. */
    onClick: { type: [Function, Array] as PropType<Listener | Listener[]>, default: () => [] },
  },
  setup(props, { slots }) {
    const running = shallowRef(0);
    const click = async (event: Event) => {
      running.value += 1;
      try {
        // Whoever answers with an error has it shown by what called it.
        await Promise.allSettled([props.onClick].flat().map((listener) => listener(event)));
      } finally {
        running.value -= 1;
      }
    };
    return () =>
      h(
        "button",
        {
          class: ["jt-button", props.kind && `jt-button-${props.kind}`],
          type: props.type,
          title: props.help,
          disabled: props.disabled,
          "aria-busy": running.value > 0 ? "true" : undefined,
          onClick: click,
        },
        [h("span", { class: "jt-button-face" }, slots.default?.())],
      );
  },
});
