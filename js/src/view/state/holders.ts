import { toRaw } from "vue";
import { SKIP } from "../guard/vue-private";

/** What holds other values of a state: a list or a map. */
export type Holder = Record<PropertyKey, unknown>;

export function isHolder(value: unknown): value is Holder {
  if (typeof value !== "object" || value === null || SKIP in value) return false;
  if (Array.isArray(value)) return true;
  if (value === Object.prototype) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The same members in another list or map. */
export function copyOf(holder: Holder): Holder {
  if (Array.isArray(holder)) return holder.slice() as unknown as Holder;
  return Object.assign(Object.create(Object.getPrototypeOf(holder)), holder);
}

/** Sets a member that is the holder's own, whatever its name. */
export function setMember(holder: Holder, name: PropertyKey, value: unknown): void {
  if (name === "__proto__") {
    const writable = { writable: true, enumerable: true, configurable: true };
    Object.defineProperty(holder, name, { value, ...writable });
  } else holder[name] = value;
}

/** A value without proxies at any depth; the same one where there are none. */
export function withoutProxies(value: unknown, seen = new Set<object>()): unknown {
  const raw = toRaw(value);
  // What is behind a proxy has none in it.
  if (raw !== value || !isHolder(raw) || seen.has(raw)) return raw;
  seen.add(raw);
  let copy: Holder | null = null;
  for (const name of Object.keys(raw)) {
    const member = raw[name];
    const clean = withoutProxies(member, seen);
    if (clean === member) continue;
    copy ??= copyOf(raw);
    setMember(copy, name, clean);
  }
  return copy ?? raw;
}

/** All lists and maps in a value, itself too. */
export function holdersIn(value: unknown, found = new Set<object>()): Set<object> {
  if (!isHolder(value) || found.has(value)) return found;
  found.add(value);
  for (const member of Object.values(value)) holdersIn(member, found);
  return found;
}

/** The holders that lead from `top` to `wanted`, both of them too; null where it is not in it. */
export function wayTo(top: unknown, wanted: object, seen = new Set<object>()): Holder[] | null {
  if (!isHolder(top) || seen.has(top)) return null;
  if (top === wanted) return [top];
  seen.add(top);
  for (const member of Object.values(top)) {
    const way = wayTo(member, wanted, seen);
    if (way) return [top, ...way];
  }
  return null;
}
