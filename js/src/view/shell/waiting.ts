import { el } from "../../element";

const FLASH = 250;
const HINT = "This takes longer than usual: the app may be starting or gone.";

/** What is being done while nothing is drawn: shown after a moment, and with a hint when it takes `slow` ms. */
export class WaitingPanel {
  readonly #element: HTMLElement;
  readonly #spinner = el("span", { class: "jt-spinner", "aria-hidden": "true" });
  readonly #step = el("span", { class: "jt-waiting-step" });
  readonly #hint = el("span", { class: "jt-waiting-hint" }, HINT);
  readonly #timers: ReturnType<typeof setTimeout>[];

  constructor(layer: HTMLElement, retry: HTMLElement, slow: number) {
    const attributes = { class: "jt-waiting", role: "status" };
    this.#element = el("div", attributes, this.#spinner, this.#step, this.#hint, retry);
    this.#element.hidden = this.#hint.hidden = true;
    layer.prepend(this.#element);
    this.#timers = [
      setTimeout(() => {
        this.#element.hidden = false;
      }, FLASH),
      setTimeout(() => {
        this.#hint.hidden = false;
      }, slow),
    ];
  }

  step(text: string): void {
    this.#step.textContent = text;
    delete this.#element.dataset.ended;
    delete this.#element.dataset.absent;
  }

  /** There is nothing to draw; `hint` says what there is instead. */
  absent(hint: string): void {
    this.#stopTimers();
    this.#element.dataset.absent = "";
    this.#hint.textContent = hint;
    this.#element.hidden = this.#hint.hidden = false;
  }

  /** Nothing happens any more until the user acts. */
  ended(): void {
    this.#element.dataset.ended = "";
    this.#element.hidden = false;
  }

  /** What the step says does not pass. */
  fatal(): void {
    this.#stopTimers();
    this.#element.hidden = false;
    this.#spinner.remove();
    this.#hint.hidden = true;
  }

  dispose(): void {
    this.#stopTimers();
    this.#element.remove();
  }

  #stopTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
