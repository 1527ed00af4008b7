import {
  defineComponent,
  onActivated,
  onBeforeMount,
  onBeforeUnmount,
  onBeforeUpdate,
  onDeactivated,
  onMounted,
  onUnmounted,
  onUpdated,
  type PropType,
} from "vue";

const HOOKS = {
  beforeMount: onBeforeMount,
  mounted: onMounted,
  beforeUpdate: onBeforeUpdate,
  updated: onUpdated,
  activated: onActivated,
  deactivated: onDeactivated,
  beforeUnmount: onBeforeUnmount,
  unmounted: onUnmounted,
};
type Hook = "created" | keyof typeof HOOKS;
const NAMES: Hook[] = ["created", ...(Object.keys(HOOKS) as (keyof typeof HOOKS)[])];

/** Logs the life cycle to a method of the console, or emits it. */
export const LifeCycleMonitor = defineComponent({
  name: "TrameLifeCycleMonitor",
  props: {
    name: { type: String, default: "" },
    type: { type: String, default: "log" },
    value: { type: null, default: undefined },
    events: { type: Array as PropType<string[]>, default: () => NAMES },
  },
  emits: NAMES,
  setup(props, { emit, slots }) {
    const happened = (hook: Hook) => {
      if (!props.events.includes(hook)) return;
      if (props.type === "emit") return emit(hook, props.value);
      const method = (console as unknown as Record<string, unknown>)[props.type];
      if (typeof method === "function") method.call(console, hook, props.name, props.value);
    };
    happened("created");
    for (const name of Object.keys(HOOKS) as (keyof typeof HOOKS)[]) {
      HOOKS[name](() => happened(name));
    }
    return () => {
      // Reading it makes a changed value an update.
      void props.value;
      return slots.default?.();
    };
  },
});
