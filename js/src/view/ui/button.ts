import {
  computed,
  defineComponent,
  h,
  inject,
  type PropType,
  shallowRef,
  useTemplateRef,
  watch,
} from "vue";
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
    const element = useTemplateRef<HTMLButtonElement>("button");
    const running = shallowRef(0);
    /** It was disabled while it had the focus, which would be lost with the attribute. */
    const keepsFocus = shallowRef(false);
    watch(
      () => props.disabled,
      (disabled) => {
        keepsFocus.value = disabled && Boolean(element.value?.matches(":focus"));
      },
    );
    const isBusy = computed(
      () => running.value > 0 || (props.type === "submit" && saving?.value === true),
    );
    const click = async (event: Event) => {
      if (props.disabled) {
        event.preventDefault();
        return;
      }
      const { confirm, kind, onClick, type } = props;
      const button = event.currentTarget as HTMLButtonElement;
      // The browser does not wait for the answer before it submits the form.
      if (confirm) event.preventDefault();
      // The answer is the word that was pressed; a sign alone may have none.
      const yes = button.textContent?.trim() || "OK";
      if (confirm && !(await ask({ text: confirm, yes, isGrave: kind === "danger" }))) return;
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
          ref: "button",
          class: ["jt-button", props.kind && `jt-button-${props.kind}`],
          type: props.type,
          title: props.help,
          disabled: props.disabled && !keepsFocus.value,
          "aria-disabled": keepsFocus.value ? "true" : undefined,
          "aria-busy": isBusy.value ? "true" : undefined,
          onClick: click,
          onBlur: () => {
            keepsFocus.value = false;
          },
        },
        [h("span", { class: "jt-button-face" }, slots.default?.())],
      );
  },
});
