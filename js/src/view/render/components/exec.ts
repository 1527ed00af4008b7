import { defineComponent } from "vue";

/** Emits `exec` from its exposed method: how the server evaluates an expression of the client. */
export const Exec = defineComponent({
  name: "TrameExec",
  props: { event: { type: null, default: undefined } },
  emits: ["exec"],
  setup(props, { emit, expose, slots }) {
    const exec = (value?: unknown) => emit("exec", value === undefined ? props.event : value);
    expose({ exec });
    return () => slots.default?.({ exec });
  },
});
