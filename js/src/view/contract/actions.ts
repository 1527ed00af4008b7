import type { Refs } from "./refs";

/** Topic `trame.actions.topic`: calls into what the templates put into `trame.refs`. */
export interface Action {
  type: "method" | "property";
  ref: string;
  method?: string;
  args?: unknown[];
  property?: string;
  value?: unknown;
}

/** Runs the actions in order; one that fails is reported and does not stop the next. */
export function runActions(
  refs: Refs,
  actions: unknown,
  report: (where: string, error: unknown) => void,
): void {
  if (!Array.isArray(actions)) return;
  for (const action of actions as Action[]) {
    const target = refs[action.ref];
    if (target === null || target === undefined) continue;
    try {
      const result = runAction(target as Record<string, unknown>, action);
      if (result instanceof Promise) result.catch((error) => report(describe(action), error));
    } catch (error) {
      report(describe(action), error);
    }
  }
}

function runAction(target: Record<string, unknown>, action: Action): unknown {
  if (action.type === "property" && action.property) {
    target[action.property] = action.value;
    return undefined;
  }
  if (action.type !== "method" || !action.method) return undefined;
  const method = target[action.method];
  if (typeof method !== "function") throw new TypeError(`no method "${action.method}"`);
  return method.apply(target, action.args ?? []);
}

function describe({ ref, method, property }: Action): string {
  return method ? `js_call("${ref}", "${method}")` : `property "${property}" of "${ref}"`;
}
