import { toDisplayString } from "vue";

/** What `{{ }}` shows of an object: Vue's text, where a BigInt, of which JSON knows nothing, is its digits. */
export function text(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  try {
    return toDisplayString(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const digits = (_: string, member: unknown) =>
      typeof member === "bigint" ? String(member) : member;
    return JSON.stringify(value, digits, 2);
  }
}
