import { isRef } from "vue";
import { leaveOut } from "./failures";
import { markup } from "./written";

/**
 * How many items of lists are drawn in one turn, all `v-for` together. Some count is needed, since a range is a
 * number, which costs who writes it nothing; pages with more elements than this are of no use.
 */
export const LISTED = 200_000;

let listed = 0;

/** What `v-for` runs through: what is beyond the bound is left out. */
export function list(source: unknown): unknown {
  const size = sizeOf(source);
  if (listed === 0 && size > 0) void Promise.resolve().then(() => (listed = 0));
  const left = LISTED - listed;
  listed += Math.min(size, left);
  if (size <= left) return source;
  leaveOut("v-for", `there are ${size} items; only the first ${left} are drawn`);
  if (typeof source === "number") return left;
  if (typeof source === "string" || Array.isArray(source)) return source.slice(0, left);
  if (isTyped(source)) return source.subarray(0, left);
  return Object.fromEntries(Object.entries(source as object).slice(0, left));
}

/** Bytes, or an array of numbers. */
function isTyped(source: unknown): source is Uint8Array {
  return ArrayBuffer.isView(source) && "length" in source;
}

function sizeOf(source: unknown): number {
  if (typeof source === "number") return Number.isInteger(source) && source > 0 ? source : 0;
  if (typeof source === "string" || Array.isArray(source) || isTyped(source)) return source.length;
  if (typeof source !== "object" || source === null || Symbol.iterator in source) return 0;
  return Object.keys(source).length;
}

/** What `ref` takes: a name, or what code made. An object of the state is neither. */
export function reference(value: unknown): unknown {
  if (isReference(value)) return value;
  leaveOut(":ref", "a value is no name");
  return null;
}

const NAMING = new Set(["string", "number", "function", "undefined"]);

function isReference(value: unknown): boolean {
  if (typeof value !== "object" || value === null)
    return value === null || NAMING.has(typeof value);
  return isRef(value) || (Array.isArray(value) ? value.every(isOwned) : isOwned(value));
}

/** Vue's own form, which components pass on: it names its owner. */
function isOwned(value: unknown): boolean {
  return typeof (value as { i?: { emit?: unknown } } | null)?.i?.emit === "function";
}

/** What `:style` takes: Vue compares styles as texts, which not every object of the state has. */
export function styles(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.every(isStyled) ? value : value.map(styles);
  if (isStyled(value)) return value;
  leaveOut(":style", "a value is no style");
  return Object.fromEntries(Object.entries(value).filter(([name, one]) => isStyle(name, one)));
}

function isStyled(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return false;
  for (const name in value) {
    if (!isStyle(name, (value as Record<string, unknown>)[name])) return false;
  }
  return true;
}

function isStyle(name: string, value: unknown): boolean {
  if (name in Object.prototype) return false;
  if (typeof value !== "object" || value === null) return true;
  return Array.isArray(value) && value.every((one) => typeof one !== "object" || one === null);
}

/** Where `Teleport` leads: what a selector finds, or an element of the author's code. */
export function target(value: unknown): unknown {
  if (value === null || value === undefined || typeof value === "string" || value instanceof Node)
    return value;
  leaveOut("Teleport", "a value is no selector");
  return null;
}

/** The name of an attribute, an event or a slot that is a value: text, and none that every object has. */
export function naming(value: unknown): string {
  if (value === null || value === undefined) return "";
  const isText = typeof value === "string" || typeof value === "number";
  // `.name` is a property.
  if (isText && !(String(value).replace(/^[.^]/, "") in Object.prototype)) return String(value);
  leaveOut("a name in [ ]", "a value is no name");
  return "";
}

/**
 * The attributes of `v-bind` with an object, or the listeners of `v-on`; its markup is the author's choice too, unless
 * `chosen` is false. The same object where nothing is to be changed, and null for what is none.
 */
export function bound(value: unknown, chosen = true): unknown {
  if (value === null || value === undefined) return value;
  if (typeof value !== "object" || Array.isArray(value)) {
    leaveOut("v-bind", "a value is no object of attributes");
    return null;
  }
  const { innerHTML, ref, style } = value as Record<"innerHTML" | "ref" | "style", unknown>;
  const own = {
    innerHTML: chosen ? markup(innerHTML) : innerHTML,
    ref: reference(ref),
    style: styles(style),
  };
  const changed = Object.entries(own).filter(([name, one]) => {
    return one !== (value as Record<string, unknown>)[name];
  });
  return changed.length > 0 ? { ...value, ...Object.fromEntries(changed) } : value;
}

/** What is bound to a name that is a value itself. */
export function named(name: string, value: unknown): unknown {
  if (name === "ref") return reference(value);
  return name === "style" ? styles(value) : value;
}
