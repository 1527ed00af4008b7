import { computed, defineComponent, h, inject, type PropType, shallowRef } from "vue";
import { useProvided } from "../render/components/inject";
import { ASK } from "./ask";
import { SAVING } from "./form";

type Listener = (event: Event) => unknown;

/** A button that shows that what it has begun still runs. */
export const JtButton = defineComponent({
  name: "JtButton",
  props: {
    kind: { type: String, default: "" },
    type: { type: String as PropType<"button" | "submit">, default: "button" },
    help: { type: String, default: undefined },
    /** A question that the user has to answer with yes before. */
    confirm: { type: String, default: "" },
    disabled: Boolean,
    /** A prop, since what it gives back is waited for. */
    onClick: { type: [Function, Array] as PropType<Listener | Listener[]>, default: () => [] },
  },
  setup(props, { slots }) {
    const ask = useProvided(ASK);
    const saving = inject(SAVING, null);
    const running = shallowRef(0);
    const isBusy = computed(
      () => running.value > 0 || (props.type === "submit" && saving?.value === true),
    );
    const click = async (event: Event) => {
      const { confirm, kind, onClick, type } = props;
      const button = event.currentTarget as HTMLButtonElement;
      // The browser does not wait for the answer before it submits the form.
      if (confirm) event.preventDefault();
      if (confirm && !(await ask({ text: confirm, isGrave: kind === "danger" }))) return;
      running.value += 1;
      const calls = [onClick].flat().map((listener) => listener(event));
      if (confirm && type === "submit") button.form?.requestSubmit(button);
      // Whoever answers with an error has it shown by what called it.
      await Promise.allSettled(calls);
      running.value -= 1;
    };
    return () =>
      h(
        "button",
        {
          class: ["jt-button", props.kind && `jt-button-${props.kind}`],
          type: props.type,
          title: props.help,
          disabled: props.disabled,
          "aria-busy": isBusy.value ? "true" : undefined,
          onClick: click,
        },
        [h("span", { class: "jt-button-face" }, slots.default?.())],
      );
  },
});
