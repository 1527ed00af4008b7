import { defineComponent, onBeforeUnmount, onMounted } from "vue";

/** Life cycle of the page as events; `emit(topic, event)` is exposed for topics of the server. */
export const ClientTriggers = defineComponent({
  name: "TrameClientTriggers",
  // Any topic may be emitted: undeclared listeners arrive as attributes.
  inheritAttrs: false,
  setup(_props, { attrs, expose }) {
    const emit = (topic: string, event?: unknown) => {
      const name = `on${topic.charAt(0).toUpperCase()}${topic.slice(1)}`;
      const listeners = [attrs[name] ?? attrs[camel(name)]].flat();
      for (const listener of listeners) if (typeof listener === "function") listener(event);
    };
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
    return () => null;
  },
});

function camel(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
