import { defineComponent, h, type PropType } from "vue";
import { JtButton } from "./button";
import { JtShow } from "./show";
import { bar, type Problem, problem } from "./status";

interface Status {
  stage: "ready" | "running" | "stopping" | "stopped" | "done" | "failed";
  done?: number | null;
  text?: string;
  error?: Problem | null;
}

const SAID: Record<Status["stage"], string> = {
  ready: "",
  running: "Running…",
  stopping: "Stopping…",
  stopped: "Stopped.",
  done: "Done.",
  failed: "Failed.",
};

/** What a view says of a stage; of a run that was stopped also how far it came, where it has said so. */
function said(stage: Status["stage"], done: unknown): string {
  if (stage !== "stopped" || typeof done !== "number") return SAID[stage];
  return `Stopped at ${Math.round(100 * done)} %.`;
}

/** What a view takes for the status while there is none. */
const READY: Status = { stage: "ready" };

/** Long work: what begins and ends it, how far it is, and what came of it. */
export const JtJob = defineComponent({
  name: "JtJob",
  props: {
    label: { type: String, default: "Run" },
    value: { type: null, default: null },
    /** What is to be seen, where the value is a picture. */
    alt: { type: String, default: "" },
    status: { type: Object as PropType<Status | null>, default: null },
  },
  emits: ["run", "stop"],
  setup(props, { emit }) {
    const button = (text: string, event: "run" | "stop", disabled: boolean, kind = "") =>
      h(JtButton, { kind, disabled, onClick: () => emit(event) }, () => text);
    return () => {
      const { stage, done, text, error } = props.status ?? READY;
      const runs = stage === "running" || stage === "stopping";
      return h(
        "div",
        { class: "jt-job", "data-stage": stage, "aria-busy": runs ? "true" : undefined },
        [
          h("div", { class: "jt-job-buttons" }, [
            button(props.label, "run", runs, "primary"),
            button("Stop", "stop", stage !== "running"),
            h("span", { class: "jt-job-said", role: "status" }, text || said(stage, done)),
          ]),
          runs ? bar(done, props.label) : null,
          problem(error),
          h(JtShow, { value: props.value, alt: props.alt }),
        ],
      );
    };
  },
});
