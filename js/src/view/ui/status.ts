import { defineComponent, h, type PropType, type VNode } from "vue";

/** An exception of a part's function, as the server tells it. */
export interface Problem {
  message: string;
  trace?: string | null;
}

/** What the server says of a part beside what it shows (`jupyter_trame/ui/status.py`). */
export interface PartStatus {
  busy?: boolean;
  error?: Problem | null;
}

/** The exception in the place of what it was to give; null where there is none. */
export function problem(error: Problem | null | undefined): VNode | null {
  if (!error) return null;
  const trace = error.trace
    ? h("details", { class: "jt-trace" }, [h("summary", "Traceback"), h("pre", error.trace)])
    : null;
  return h("div", { class: "jt-failure", role: "alert" }, [h("p", error.message), trace]);
}

/** The same as an element, for chunks. */
export const JtFailure = defineComponent({
  name: "JtFailure",
  props: { error: { type: Object as PropType<Problem>, default: null } },
  setup: (props) => () => problem(props.error),
});

/** A bar that is filled to a part of it, from 0 to 1; one that moves where that is not known. */
export function bar(done: unknown, label: string): VNode {
  const value = Number.isFinite(done) ? Math.min(1, Math.max(0, done as number)) : undefined;
  return h("progress", { class: "jt-bar", max: 1, value, "aria-label": label });
}
