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
/** What Vue 2 calls them: so do the Python widgets. */
const OLD_NAMES: Partial<Record<Hook, string>> = {
  beforeUnmount: "beforeDestroy",
  unmounted: "destroyed",
};

/** Logs the life cycle to a method of the console, or emits it as `{name, value}`. */
export const LifeCycleMonitor = defineComponent({
  name: "TrameLifeCycleMonitor",
  props: {
    name: { type: String, default: "LifeCycleMonitor" },
    type: { type: String, default: "log" },
    value: { type: null, default: undefined },
    events: { type: Array as PropType<string[]>, default: () => NAMES },
  },
  emits: [...NAMES, ...Object.values(OLD_NAMES)],
  setup(props, { emit, slots }) {
    const happened = (hook: Hook) => {
      const old = OLD_NAMES[hook];
      if (![hook, old].some((name) => name && props.events.includes(name))) return;
      if (props.type === "emit") {
        const { name, value } = props;
        for (const event of old ? [hook, old] : [hook]) emit(event, { name, value });
        return;
      }
      const method = (console as unknown as Record<string, unknown>)[props.type];
      if (typeof method === "function") method.call(console, props.name, hook, props.value);
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
