import { leaveOut } from "./failures";

/** Text that the author of a template wrote, or chose to be taken as markup: no value of the state is one. */
export class Written {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Packages that look at an address see the text. */
  toString(): string {
    return this.text;
  }
}

/** What is written there; anything else as it is. */
export function unwrap(value: unknown): unknown {
  return value instanceof Written ? value.text : value;
}

/** For `v-html`: the author takes the value as markup, whoever it came from. */
export function markup(value: unknown): unknown {
  if (value === null || value === undefined || value instanceof Written) return value;
  try {
    return new Written(String(value));
  } catch (error) {
    leaveOut("v-html", error);
    return null;
  }
}
