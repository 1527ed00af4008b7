import type { InjectionKey, Ref } from "vue";
import {
  defineComponent,
  h,
  nextTick,
  type PropType,
  provide,
  shallowRef,
  useTemplateRef,
} from "vue";

type Listener = (event: Event) => unknown;

/** Whether the form around a button is being saved. */
export const SAVING: InjectionKey<Readonly<Ref<boolean>>> = Symbol("saving");

/** Inputs that are saved together; the page stays. */
export const JtForm = defineComponent({
  name: "JtForm",
  props: {
    label: { type: String, default: undefined },
    /** A prop, since what it gives back is waited for. */
    onSave: { type: [Function, Array] as PropType<Listener | Listener[]>, default: () => [] },
    /** What asks the checks alone, where an input holds what it does not take. */
    onCheck: { type: [Function, Array] as PropType<Listener | Listener[]>, default: () => [] },
  },
  setup(props, { slots }) {
    const element = useTemplateRef<HTMLFormElement>("form");
    const saving = shallowRef(false);
    provide(SAVING, saving);
    const submit = async (event: Event) => {
      event.preventDefault();
      if (saving.value) return;
      const refuses = element.value?.querySelector("[data-refused]");
      saving.value = true;
      try {
        const listeners = refuses ? props.onCheck : props.onSave;
        await Promise.allSettled([listeners].flat().map((listener) => listener(event)));
      } finally {
        saving.value = false;
      }
      await nextTick();
      element.value?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
    };
    return () =>
      h(
        "form",
        {
          ref: "form",
          class: "jt-form jt-column",
          "aria-label": props.label,
          novalidate: true,
          onSubmit: submit,
        },
        slots.default?.(),
      );
  },
});
