import { defineComponent, onBeforeUnmount, ref, watch } from "vue";
import { useTrame } from "./inject";

/** Slot with a deeply reactive copy of a state key; a nested change is pushed as a new value. */
export const DeepReactive = defineComponent({
  name: "TrameDeepReactive",
  props: { name: { type: String, required: true } },
  setup(props, { slots }) {
    const { state } = useTrame();
    const value = ref<unknown>();
    let known: string | undefined;
    const take = () => {
      const text = JSON.stringify(state.get(props.name));
      if (text === known) return;
      known = text;
      value.value = text === undefined ? undefined : JSON.parse(text);
    };
    take();
    const stop = state.addListener(({ type, keys }) => {
      if (type === "dirty-state" && keys.includes(props.name)) take();
    });
    onBeforeUnmount(stop);
    watch(() => props.name, take);
    watch(
      value,
      () => {
        const text = JSON.stringify(value.value);
        if (text === known) return;
        known = text;
        void state.set(props.name, text === undefined ? undefined : JSON.parse(text));
      },
      { deep: true },
    );
    return () => slots.default?.({ value: value.value });
  },
});
