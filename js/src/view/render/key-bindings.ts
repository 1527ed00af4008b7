/** Called with the event; false keeps it from everybody else, the browser included. */
export type KeyListener = (event: KeyboardEvent) => unknown;

interface Combination {
  key: string;
  modifiers: Set<string>;
}

interface Binding {
  /** As it was written. */
  keys: string;
  /** More than one where keys are pressed one after the other. */
  steps: Combination[];
  type: "keydown" | "keyup";
  listener: KeyListener;
  /** How many steps are done, and when the last one was. */
  done: number;
  time: number;
}

const MODIFIERS = ["ctrl", "alt", "shift", "meta"] as const;
const IS_MAC = /Mac|iP(hone|ad|od)/.test(navigator.userAgent);
const ALIASES: Record<string, string> = {
  command: "meta",
  del: "delete",
  down: "arrowdown",
  esc: "escape",
  ins: "insert",
  left: "arrowleft",
  mod: IS_MAC ? "meta" : "ctrl",
  option: "alt",
  plus: "+",
  return: "enter",
  right: "arrowright",
  space: " ",
  up: "arrowup",
};
/** Between two keys of a sequence. */
const LONGEST_PAUSE = 1000;
const TYPING =
  "input:not([type=checkbox], [type=radio], [type=button], [type=range]), select, textarea";

/** Keys such as `ctrl+s`, `mod+shift+k`, `esc`, or `g i` for one after the other; written as for Mousetrap. */
export class KeyBindings {
  #bindings: Binding[] = [];
  readonly #abort = new AbortController();

  constructor(target: EventTarget) {
    const { signal } = this.#abort;
    for (const type of ["keydown", "keyup"]) {
      target.addEventListener(type, (event) => this.#handle(event as KeyboardEvent), { signal });
    }
  }

  /** `action` says when: at `keydown`, which is also what `keypress` means, or at `keyup`. */
  bind(keys: string | string[], listener: KeyListener, action = "keydown"): void {
    this.unbind(keys);
    const type = action === "keyup" ? "keyup" : "keydown";
    for (const text of [keys].flat()) {
      const steps = text.trim().split(/\s+/).map(parse);
      this.#bindings.push({ keys: text, steps, type, listener, done: 0, time: 0 });
    }
  }

  unbind(keys: string | string[]): void {
    const gone = [keys].flat();
    this.#bindings = this.#bindings.filter(({ keys: known }) => !gone.includes(known));
  }

  /** As if the keys were pressed. */
  trigger(keys: string): void {
    for (const binding of this.#bindings) {
      if (binding.keys === keys) binding.listener(new KeyboardEvent(binding.type));
    }
  }

  reset(): void {
    this.#bindings = [];
  }

  dispose(): void {
    this.#abort.abort();
    this.reset();
  }

  #handle(event: KeyboardEvent): void {
    if (event.isComposing || isTyping(event)) return;
    for (const binding of [...this.#bindings]) {
      if (binding.type !== event.type || !advance(binding, event)) continue;
      if (binding.listener(event) !== false) continue;
      event.preventDefault();
      event.stopPropagation();
    }
  }
}

function parse(text: string): Combination {
  // The plus itself: "+", "ctrl++".
  const names = text.toLowerCase().replace(/\+$/, "plus").split("+").filter(Boolean);
  const known = names.map((name) => ALIASES[name] ?? name);
  const key = known.pop() ?? "";
  return { key, modifiers: new Set(known) };
}

/** Whether the event is the last step of the binding. */
function advance(binding: Binding, event: KeyboardEvent): boolean {
  const now = event.timeStamp;
  if (now - binding.time > LONGEST_PAUSE) binding.done = 0;
  const isModifier = ["Control", "Alt", "Shift", "Meta"].includes(event.key);
  const matches = (index: number): boolean => isMatch(binding.steps[index] as Combination, event);
  if (matches(binding.done)) binding.done += 1;
  // A modifier on the way to the next step does not end the sequence.
  else if (!isModifier) binding.done = matches(0) ? 1 : 0;
  binding.time = now;
  if (binding.done < binding.steps.length) return false;
  binding.done = 0;
  return true;
}

function isMatch({ key, modifiers }: Combination, event: KeyboardEvent): boolean {
  if (event.key.toLowerCase() !== key) return false;
  // Signs such as `?` need shift on some keyboards: the sign alone says it.
  const isSign = key.length === 1 && !/[\p{L}\d ]/u.test(key);
  return MODIFIERS.every((name) => {
    if (name === "shift" && isSign && !modifiers.has("shift")) return true;
    return event[`${name}Key`] === modifiers.has(name);
  });
}

function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement) || target.classList.contains("mousetrap")) return false;
  return target.isContentEditable || target.matches(TYPING);
}
