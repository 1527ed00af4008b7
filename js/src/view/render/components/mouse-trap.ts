import { defineComponent, onBeforeUnmount, type PropType, watch } from "vue";
import { KeyBindings } from "../key-bindings";
import { useAnyEvent } from "./any-event";
import { KEY_AREA, useProvided } from "./inject";

/** An entry of `trame__mousetrap`. */
interface Mapping {
  keys: string | string[];
  event: string;
  stop?: unknown;
  listen?: string;
}

/** Emits events at keys that are pressed while the app has the focus; on a page of its own that is always. */
export const MouseTrap = defineComponent({
  name: "TrameMouseTrap",
  inheritAttrs: false,
  props: { mapping: { type: Array as PropType<Mapping[]>, default: () => [] } },
  setup(props, { attrs, expose }) {
    const area = useProvided(KEY_AREA);
    const emit = useAnyEvent(attrs);
    const bindings = new KeyBindings(area);
    // A click into the app gives it the focus, whatever it meets.
    if (area instanceof HTMLElement && !area.hasAttribute("tabindex")) area.tabIndex = -1;
    const apply = () => {
      bindings.reset();
      for (const { keys, event: topic, stop, listen } of props.mapping ?? []) {
        const listener = (event: KeyboardEvent) => {
          emit(topic, event);
          return !stop;
        };
        bindings.bind(keys, listener, listen);
      }
    };
    apply();
    watch(() => props.mapping, apply);
    onBeforeUnmount(() => bindings.dispose());
    expose({
      bind: bindings.bind.bind(bindings),
      unbind: bindings.unbind.bind(bindings),
      trigger: bindings.trigger.bind(bindings),
    });
    return () => null;
  },
});
