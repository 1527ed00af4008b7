import { defineComponent, onBeforeUnmount, onMounted } from "vue";
import { useAnyEvent } from "./any-event";

/** Life cycle of the page as events; `emit(topic, event)` is exposed for topics of the server. */
export const ClientTriggers = defineComponent({
  name: "TrameClientTriggers",
  inheritAttrs: false,
  setup(_props, { attrs, expose, slots }) {
    const emit = useAnyEvent(attrs);
    expose({ emit });
    const exit = (event: Event) => emit("exit", event);
    emit("created");
    onMounted(() => {
      window.addEventListener("beforeunload", exit);
      emit("mounted");
    });
    onBeforeUnmount(() => {
      window.removeEventListener("beforeunload", exit);
      emit("beforeDestroy");
      emit("beforeUnmount");
    });
    return () => slots.default?.();
  },
});
