import { ErrorCodes } from "vue";
import { TRIGGER } from "../../protocol/names";

/** Tells of an error, and where it happened. */
export type Report = (where: string, error: unknown) => void;

/** One sentence for whatever was thrown; answers of the server come as `{code, message}`. */
export function describeError(error: unknown): string {
  if (error instanceof Error) {
    return ["Error", "RpcError"].includes(error.name)
      ? error.message
      : `${error.name}: ${error.message}`;
  }
  if (typeof error === "object" && error !== null && "message" in error) {
    return String(error.message);
  }
  const text = String(error);
  // Of plain objects and lists that says nothing, or not all.
  if (typeof error !== "object" || (text !== "[object Object]" && !Array.isArray(error)))
    return text;
  try {
    return JSON.stringify(error);
  } catch {
    return text;
  }
}

const SERVER_EXCEPTION = -32001;
const NOT_PACKED = -32002;
const OUTDATED = -32010;

/** An exception in user code of the server, as the answer to a call. */
export function isServerException(error: unknown): boolean {
  return codeOf(error) === SERVER_EXCEPTION;
}

/**
 * A trigger that did its work, and whose result has no form on the wire. Who asked for the result and reaches the end of
 * the handler with this error did not use it: a click drops what its function returns.
 */
export function isUnusedResult(error: unknown): boolean {
  return codeOf(error) === NOT_PACKED && (error as { data?: unknown }).data === TRIGGER;
}

/** A call of components that the snapshot of another life of the server mounted; they are mounted again. */
export function isOutdated(error: unknown): boolean {
  return codeOf(error) === OUTDATED;
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

/** Vue's production build has no words for places. */
const PLACES: Record<string, string> = {
  [ErrorCodes.SETUP_FUNCTION]: "setup",
  [ErrorCodes.RENDER_FUNCTION]: "rendering",
  // These and those of the life cycle are not exported; a test compares them with the words of Vue.
  2: "a watcher",
  3: "a watcher",
  4: "a watcher",
  [ErrorCodes.NATIVE_EVENT_HANDLER]: "an event handler",
  [ErrorCodes.COMPONENT_EVENT_HANDLER]: "an event handler",
  [ErrorCodes.VNODE_HOOK]: "a node hook",
  [ErrorCodes.DIRECTIVE_HOOK]: "a directive",
  [ErrorCodes.SCHEDULER]: "an update",
  [ErrorCodes.COMPONENT_UPDATE]: "an update",
  m: "mounting",
  bm: "mounting",
  u: "an update",
  bu: "an update",
  um: "unmounting",
  bum: "unmounting",
};

export function vueErrorPlace(component: string | undefined, info: string): string {
  const code = info.split("#runtime-")[1];
  const place = code === undefined ? info : (PLACES[code] ?? "the interface");
  const template = component?.startsWith("trame-template-") ? component.slice(15) : null;
  if (template) return `${place} of template "${template}"`;
  return component ? `${place} of ${component}` : place;
}
