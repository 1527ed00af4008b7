import { type ComponentInternalInstance, shallowRef } from "vue";
import type { Trame } from "../contract/trame";
import { HELPERS } from "../guard/template";
import type { Pacer } from "../state/pace";
import type { StateStore } from "../state/store";
import { act, isActing } from "./acting";
import type { Locate } from "./address-attributes";
import { Asked } from "./asked";
import { showBusy } from "./busy-elements";
import { keepTarget } from "./compile";

/** Names that Vue leaves to the page: state keys of these names are not reachable in a template. */
const GLOBALS = new Set(
  (
    "Infinity,undefined,NaN,isFinite,isNaN,parseFloat,parseInt,decodeURI,decodeURIComponent," +
    "encodeURI,encodeURIComponent,Math,Number,Date,Array,Object,Boolean,String,RegExp,Map,Set," +
    "JSON,Intl,BigInt,console,Error,Symbol"
  ).split(","),
);

export type Scope = Record<string | symbol, unknown>;

/** Members that give way to state keys of the same name; in strict mode only the server can add those. */
const YIELDING = new Set(["name", "throttle", "debounce"]);

/** The members of the scope that are no state keys; `name` is the component's, and only `tts` can be assigned to. */
export function scopeMembers(
  trame: Trame,
  name: string,
  pacer: Pacer,
  locate: Locate,
  report: (error: unknown) => void,
): Record<string, unknown> {
  const { state } = trame;
  const tts = shallowRef(0);
  const members: Record<string, unknown> = {
    trame,
    utils: trame.utils,
    window,
    trigger: (...call: Parameters<Trame["trigger"]>) => {
      const answer = trame.trigger(...call);
      showBusy(answer);
      return Asked.of(answer, report);
    },
    set: state.set.bind(state),
    get: (key?: string) => read(state, key),
    setAll: state.update.bind(state),
    flushState: state.flush.bind(state),
    registerDecorator: state.registerDecorator.bind(state),
  };
  Object.defineProperty(members, "tts", {
    get: () => tts.value,
    set: (value: number) => {
      tts.value = value;
    },
  });
  Object.assign(members, {
    $url: locate,
    name,
    throttle: pacer.throttle,
    debounce: pacer.debounce,
  });
  return members;
}

/** A value as it is drawn, or as a handler may change parts of it. */
function read(store: StateStore, key: string | undefined): unknown {
  const value = store.get(key);
  return key !== undefined && typeof value === "object" && isActing() ? store.draft(key) : value;
}

/** What plugins gave to all components. */
function sharedMembers(instance: object | null): Scope {
  const own = (instance as { $?: ComponentInternalInstance } | null)?.$;
  return own?.appContext.config.globalProperties ?? {};
}

/**
 * The object that a compiled template evaluates its expressions `with`: state keys first-hand,
 * the members of the contract and of plugins, and Vue's own `$` names from the instance.
 */
export function createScope(
  store: StateStore,
  members: Record<string, unknown>,
  instance: () => object | null,
  unknown: (key: string) => void,
): Scope {
  const isMember = (key: string) =>
    Object.hasOwn(members, key) && !(YIELDING.has(key) && store.has(key));
  return new Proxy<Scope>(Object.create(null), {
    has: (_, key) => typeof key === "string" && !key.startsWith("_") && !GLOBALS.has(key),
    get(_, key) {
      if (typeof key === "symbol") return undefined;
      if (key === "$url") return members.$url;
      if (key === "$keep") return keepTarget;
      if (key === "$act") return act;
      if (key === "$own") return store.own;
      if (Object.hasOwn(HELPERS, key)) return HELPERS[key as keyof typeof HELPERS];
      if (key.startsWith("$")) return Reflect.get(instance() ?? {}, key);
      if (isMember(key)) return members[key];
      // Before the state, where any client may add keys.
      const shared = sharedMembers(instance());
      if (Object.hasOwn(shared, key)) return shared[key];
      // Asked for in any case: the template follows a key that is still to come.
      const value = read(store, key);
      if (!store.has(key)) unknown(key);
      return value;
    },
    set(_, key, value) {
      if (typeof key !== "string") return true;
      if (Object.hasOwn(sharedMembers(instance()), key))
        console.warn(
          `jupyter_trame: "${key}" is a plugin's; the state key of this name is not seen`,
        );
      if (!isMember(key)) void store.set(key, value);
      else if (key === "tts") members.tts = value;
      return true;
    },
  });
}
