import { defineComponent, nextTick, onMounted, watch } from "vue";

/** Emits `change` with the value of an expression when it changes in this client. */
export const ClientStateChange = defineComponent({
  name: "TrameClientStateChange",
  props: {
    value: { type: null, default: undefined },
    immediate: { type: Boolean, default: false },
    triggerChangeOnCreate: { type: Boolean, default: false },
  },
  emits: ["change"],
  setup(props, { emit, slots }) {
    const changed = async () => {
      if (!props.immediate) await nextTick();
      emit("change", props.value);
    };
    onMounted(() => {
      if (props.triggerChangeOnCreate) void changed();
    });
    watch(() => props.value, changed, { flush: "sync" });
    return () => slots.default?.();
  },
});
