import { toRaw } from "vue";
import { type FileValue, readWhole } from "./uploads";

export interface Decorator {
  /** Lower first; the built-in decorator is 0. */
  priority?: number;
  decorate(value: unknown): unknown;
}

export type ReadFile = (file: File) => Promise<FileValue>;

/** Turns values of the page into values of the wire; synchronous unless a file is to be read or sent. */
export class Decorators {
  #decorators: Decorator[];

  constructor(readFile: ReadFile = readWhole) {
    this.#decorators = [{ priority: 0, decorate: (value) => decorateValue(value, readFile) }];
  }

  register(decorator: Decorator): void {
    this.#decorators = [...this.#decorators, decorator].sort(
      (a, b) => (a.priority ?? 0) - (b.priority ?? 0),
    );
  }

  apply(value: unknown): unknown {
    return this.#decorators.reduce<unknown>(
      (current, decorator) =>
        current instanceof Promise
          ? current.then((settled) => decorator.decorate(settled))
          : decorator.decorate(current),
      value,
    );
  }
}

function decorateValue(value: unknown, readFile: ReadFile): unknown {
  const raw = toRaw(value);
  if (typeof raw !== "object" || raw === null || ArrayBuffer.isView(raw)) return raw;
  if (raw instanceof ArrayBuffer) return new Uint8Array(raw);
  const member = (item: unknown) => {
    const inner = toRaw(item);
    return isFile(inner) ? readFile(inner) : inner;
  };
  const nested = (item: unknown) => {
    const inner = toRaw(item);
    return isList(inner) ? all(Array.from(inner, member)) : member(inner);
  };
  if (isFile(raw)) return readFile(raw);
  if (isList(raw)) return all(Array.from(raw, member));
  return isPlain(raw) ? decorateMembers(raw, nested) : raw;
}

/** A copy with every member decorated; a promise where one of them has to be waited for. */
export function decorateMembers(value: object, decorate: (member: unknown) => unknown): unknown {
  const keys = Object.keys(value);
  const members = all(Object.values(value).map(decorate));
  const build = (values: unknown[]) =>
    Object.fromEntries(keys.map((key, index) => [key, values[index]]));
  return members instanceof Promise ? members.then(build) : build(members);
}

/** A promise of the values where one of them is a promise. */
export function all(values: unknown[]): unknown[] | Promise<unknown[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : values;
}

function isFile(value: unknown): value is File {
  return typeof File !== "undefined" && value instanceof File;
}

function isList(value: unknown): value is ArrayLike<unknown> {
  if (Array.isArray(value)) return true;
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return false;
  // What can be run through by number: the files of an input, nodes, arguments. A box with a length is none.
  return "length" in value && Symbol.iterator in value;
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
