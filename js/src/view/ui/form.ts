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
    let submits = 0;
    const call = (listeners: Listener | Listener[], event: Event) =>
      Promise.allSettled([listeners].flat().map((listener) => listener(event)));
    const save = async (event: Event) => {
      saving.value = true;
      try {
        await call(props.onSave, event);
      } finally {
        saving.value = false;
      }
    };
    const submit = async (event: Event) => {
      event.preventDefault();
      if (saving.value) return;
      submits += 1;
      const submitted = submits;
      const refuses = element.value?.querySelector("[data-refused]");
      // Who has mended it meanwhile may save, and is led nowhere.
      await (refuses ? call(props.onCheck, event) : save(event));
      await nextTick();
      if (submitted !== submits) return;
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
