import { defineComponent, onMounted, shallowReactive, watch } from "vue";
import { describeError } from "../../contract/error-texts";
import { FUNCTIONS, useProvided } from "./inject";

interface Outcome {
  status?: boolean;
  outputs?: unknown;
}

/** Runs a registered function of the client on the value in its slot. */
export const Handler = defineComponent({
  name: "TrameHandler",
  props: {
    functionKey: { type: String, required: true },
    triggerOnChange: { type: Boolean, default: true },
    inputs: { type: null, default: undefined },
  },
  emits: ["completed", "success", "failure", "error"],
  setup(props, { emit, expose, slots }) {
    const functions = useProvided(FUNCTIONS);
    const input = shallowReactive<{ value: unknown }>({ value: null });
    const run = async (value: unknown = input.value, inputs: unknown = props.inputs) => {
      let outcome: Outcome;
      try {
        const call = await functions.get(props.functionKey);
        outcome = readOutcome(await call(value, inputs));
      } catch (error) {
        emit("error", error);
        emit("completed", { type: "error", outputs: describeError(error) });
        return;
      }
      const type = (outcome.status ?? true) ? "success" : "failure";
      emit("completed", { type, outputs: outcome.outputs });
      emit(type, outcome.outputs);
    };
    watch(
      () => input.value,
      () => {
        if (props.triggerOnChange) void run();
      },
    );
    // It is there when the user needs it; that it is missing is told to who runs it.
    onMounted(() => functions.get(props.functionKey).catch(() => undefined));
    expose({ run });
    return () => slots.default?.({ run, input_data: input });
  },
});

function readOutcome(result: unknown): Outcome {
  if (typeof result !== "object" || result === null) return { outputs: result };
  if ("outputs" in result || "status" in result) return result as Outcome;
  return { outputs: result };
}
