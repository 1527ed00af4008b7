import { defineComponent } from "vue";
import { useTrame } from "./inject";

/** Slot with the value of a state key whose name is an expression. */
export const Getter = defineComponent({
  name: "TrameGetter",
  props: { name: { type: String, required: true } },
  setup(props, { slots }) {
    const { state } = useTrame();
    const update = (value: unknown) => state.set(props.name, value);
    const updateNested = (path: string, value: unknown) =>
      update(replaced(state.state[props.name], path.split("."), value));
    return () =>
      slots.default?.({
        keyName: props.name,
        value: state.get(props.name),
        update,
        updateNested,
      });
  },
});

/** A copy along the path, so that everything that was given a part of it sees a new one. */
function replaced(holder: unknown, [name, ...rest]: string[], value: unknown): unknown {
  if (name === undefined) return value;
  const copy = (Array.isArray(holder) ? [...holder] : { ...(holder as object) }) as Record<
    string,
    unknown
  >;
  copy[name] = replaced(copy[name], rest, value);
  return copy;
}
