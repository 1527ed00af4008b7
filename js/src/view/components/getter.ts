import { defineComponent } from "vue";
import { useTrame } from "./inject";

/** Slot with the value of a state key whose name is an expression. */
export const Getter = defineComponent({
  name: "TrameGetter",
  props: { name: { type: String, required: true } },
  setup(props, { slots }) {
    const { state } = useTrame();
    const update = (value: unknown) => state.set(props.name, value);
    const updateNested = (path: string, value: unknown) => {
      const names = path.split(".");
      const last = names.pop() as string;
      let holder: unknown = state.state[props.name];
      for (const name of names) holder = (holder as Record<string, unknown> | undefined)?.[name];
      if (typeof holder !== "object" || holder === null) return;
      (holder as Record<string, unknown>)[last] = value;
      void state.flush(props.name);
    };
    return () =>
      slots.default?.({
        keyName: props.name,
        value: state.get(props.name),
        update,
        updateNested,
      });
  },
});
