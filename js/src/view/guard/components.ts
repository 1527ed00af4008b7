import { camelize, capitalize, isVNode, toRaw } from "vue";
import { leaveOut } from "./failures";
import { MARK } from "./vue-private";

const DEPTH = 3;

/** Objects that were found to be components, or are known to be the author's. */
const known = new WeakSet<object>();

/** The author wrote this component, and others in it, although it came as data: routes of the server do. */
export function trustComponents(value: unknown, depth = 4): void {
  if (typeof value !== "object" || value === null || depth === 0) return;
  known.add(toRaw(value));
  for (const member of Object.values(value)) trustComponents(member, depth - 1);
}

/**
 * Whether an object can be rendered as a component. Those of code have functions somewhere; data has none, and a
 * template in it would be compiled.
 */
export function isComponent(value: object): boolean {
  const raw = toRaw(value);
  if (known.has(raw)) return true;
  if (isVNode(raw)) return true;
  if (!hasFunction(raw, DEPTH)) return false;
  known.add(raw);
  return true;
}

function hasFunction(value: object, depth: number): boolean {
  if (ArrayBuffer.isView(value)) return false;
  return Object.values(value).some((member) => {
    if (typeof member === "function") return true;
    return typeof member === "object" && member !== null && depth > 0
      ? hasFunction(member, depth - 1)
      : false;
  });
}

/** Components that run text as code, or are the app itself: their names are for the author to write. */
const AUTHORS = new Set(["TrameScript", "TrameApp"]);

/** Whether a component may be chosen by a name that is a value, as Vue looks it up. */
function isNameForValues(name: string): boolean {
  const camel = camelize(name);
  const names = [name, camel, capitalize(camel)];
  // Vue finds what every object inherits, too.
  return !names.some((one) => AUTHORS.has(one) || one in Object.prototype);
}

/** What `:is` and packages may render: names, components and nodes; null, which draws nothing, for all the rest. */
export function component(value: unknown): unknown {
  if (!value) return null;
  switch (typeof value) {
    case "string":
      if (isNameForValues(value)) return value;
      break;
    case "function":
    case "symbol":
      return value;
    case "object":
      if (isComponent(value)) return value;
      break;
  }
  leaveOut(":is", "a value is neither the name of an element nor a component, and is not drawn");
  return null;
}

/**
 * A copy in which no member has a name by which Vue knows its own objects; the same value where none has. What the
 * wire brings has none (`protocol/packing.ts`).
 */
export function withoutMarks(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const members = value.map(withoutMarks);
    return members.some((member, index) => member !== value[index]) ? members : value;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const entries = Object.entries(value);
  const clean = entries.map(([name, member]): [string, unknown] => [
    name.startsWith(MARK) || name === "__proto__" ? `?${name}` : name,
    withoutMarks(member),
  ]);
  const same = clean.every(([name, member], index) => {
    const [oldName, old] = entries[index] as [string, unknown];
    return name === oldName && member === old;
  });
  return same ? value : Object.fromEntries(clean);
}
