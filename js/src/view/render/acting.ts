import { getCurrentInstance } from "vue";
import { pressing } from "./busy-elements";

type Instance = ReturnType<typeof getCurrentInstance>;

/** The component, or none, in which a handler of a template runs; undefined while none does. */
let actor: Instance | undefined;

/** Runs a handler of a template; also one that a component calls while it is set up or mounted. */
export function act(handler: unknown, args: unknown[]): unknown {
  if (typeof handler !== "function") return undefined;
  const before = actor;
  actor = getCurrentInstance();
  try {
    return pressing(args, () => handler(...args));
  } finally {
    actor = before;
  }
}

/** Whether a name is asked for by code that acts, now or later, and not by a component that is being drawn. */
export function isActing(): boolean {
  const now = getCurrentInstance();
  return now === null || now === actor;
}
