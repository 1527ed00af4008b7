import { toRaw } from "vue";

export interface Decorator {
  /** Lower first; the built-in decorator is 0. */
  priority?: number;
  decorate(value: unknown): unknown;
}

/** What the server gets for a file: the content stays there, clients get the rest back. */
export interface FileValue {
  name: string;
  lastModified: number;
  size: number;
  type: string;
  content: Uint8Array | null;
  error: string | null;
  _filter: ["content"];
}

/** Turns values of the page into values of the wire; synchronous unless a file is to be read. */
export class Decorators {
  #decorators: Decorator[] = [{ priority: 0, decorate: decorateValue }];

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

function decorateValue(value: unknown): unknown {
  const raw = toRaw(value);
  if (typeof raw !== "object" || raw === null || ArrayBuffer.isView(raw)) return raw;
  if (raw instanceof ArrayBuffer) return new Uint8Array(raw);
  if (isFile(raw)) return readFile(raw);
  if (isList(raw)) return all(Array.from(raw, decorateMember));
  if (isPlain(raw)) return decorateMembers(raw);
  return raw;
}

function decorateMember(value: unknown): unknown {
  const raw = toRaw(value);
  return isFile(raw) ? readFile(raw) : raw;
}

function decorateMembers(value: Record<string, unknown>): unknown {
  const keys = Object.keys(value);
  const members = all(keys.map((key) => decorateNested(value[key])));
  const build = (values: unknown[]) =>
    Object.fromEntries(keys.map((key, index) => [key, values[index]]));
  return members instanceof Promise ? members.then(build) : build(members);
}

function decorateNested(value: unknown): unknown {
  const raw = toRaw(value);
  if (isFile(raw)) return readFile(raw);
  return isList(raw) ? all(Array.from(raw, decorateMember)) : raw;
}

function all(values: unknown[]): unknown[] | Promise<unknown[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : values;
}

function isFile(value: unknown): value is File {
  return typeof File !== "undefined" && value instanceof File;
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (typeof FileList !== "undefined" && value instanceof FileList);
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

async function readFile(file: File): Promise<FileValue> {
  const { name, lastModified, size, type } = file;
  const base = { name, lastModified, size, type, _filter: ["content"] as ["content"] };
  try {
    return { ...base, content: new Uint8Array(await file.arrayBuffer()), error: null };
  } catch (error) {
    return { ...base, content: null, error: String(error) };
  }
}
