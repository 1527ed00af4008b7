/** Milliseconds; what is answered within this is not worth a mark. */
const DELAY = 150;
const BUTTONS = 'button, [role="button"], input:is([type="button"], [type="submit"])';

/** The button whose click, or whose form, is being handled. */
let pressed: HTMLElement | null = null;
/** Calls that run for a button. */
const running = new WeakMap<HTMLElement, number>();

/** Runs a handler; the calls that it makes are those of the button that `args` tell of. */
export function pressing<T>(args: unknown[], handler: () => T): T {
  const before = pressed;
  pressed = buttonOf(args[0]);
  try {
    return handler();
  } finally {
    pressed = before;
  }
}

/** Has the button that is being pressed show that `call` runs. */
export function showBusy(call: Promise<unknown>): void {
  const button = pressed;
  if (!button) return;
  const count = (by: number) => {
    const left = (running.get(button) ?? 0) + by;
    running.set(button, left);
    if (left > 0) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  };
  let shown = false;
  const timer = setTimeout(() => {
    shown = true;
    count(1);
  }, DELAY);
  const end = () => {
    clearTimeout(timer);
    if (shown) count(-1);
  };
  call.then(end, end);
}

function buttonOf(event: unknown): HTMLElement | null {
  if (!(event instanceof Event)) return null;
  const element = event instanceof SubmitEvent ? event.submitter : event.currentTarget;
  // `JtButton` knows by itself what it waits for.
  const isOurs = element instanceof HTMLElement && element.classList.contains("jt-button");
  return element instanceof HTMLElement && element.matches(BUTTONS) && !isOurs ? element : null;
}
