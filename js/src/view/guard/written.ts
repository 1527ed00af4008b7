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
  return value === null || value === undefined ? value : new Written(String(unwrap(value)));
}

/** For `v-bind` with an object: its markup is the author's choice too. The same object where it has none. */
export function bound(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const { innerHTML } = value as { innerHTML?: unknown };
  if (innerHTML === null || innerHTML === undefined || innerHTML instanceof Written) return value;
  return { ...value, innerHTML: markup(innerHTML) };
}
