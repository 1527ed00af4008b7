import { isVNode, toRaw } from "vue";

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

let told = false;

/** What `:is` and packages may render: names, components and nodes; null for data. */
export function component(value: unknown): unknown {
  if (typeof value !== "object" || value === null || isComponent(value)) return value;
  if (!told)
    console.warn("jupyter_trame: an object of the state is no component, and is not drawn");
  told = true;
  return null;
}

const MARK = "__v_";

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
