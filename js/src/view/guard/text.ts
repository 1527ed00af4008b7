import { toDisplayString } from "vue";
import { leaveOut } from "./failures";

/** Characters of an object's text: what is indented can be a thousand times as long as the value itself. */
const LONGEST = 1 << 22;

/** What `{{ }}` shows of an object: Vue's text, where a BigInt, of which JSON knows nothing, is its digits. */
export function text(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  try {
    const shown = textOf(value);
    return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
  } catch (error) {
    leaveOut("{{ }}", error);
    return "";
  }
}

function textOf(value: object): string {
  try {
    return toDisplayString(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const digits = (_: string, member: unknown) =>
      typeof member === "bigint" ? String(member) : member;
    return JSON.stringify(value, digits, 2);
  }
}
