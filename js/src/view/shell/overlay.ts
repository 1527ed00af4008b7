import { el } from "../../element";

export interface ErrorReport {
  where: string;
  message: string;
  trace?: string | null;
}

const SHOWN = 5;

interface Card {
  where: string;
  element: HTMLElement;
  counter: HTMLElement;
  count: number;
}

/** The errors of an app, below its picture. The same error again only counts. */
export class ErrorOverlay {
  readonly #list = el("div", { class: "jt-errors", role: "log", "aria-label": "Errors" });
  readonly #cards = new Map<string, Card>();

  constructor(layer: HTMLElement) {
    layer.append(this.#list);
  }

  show(error: ErrorReport): void {
    const id = `${error.where}\n${error.message}`;
    const known = this.#cards.get(id);
    if (known) {
      known.count += 1;
      known.counter.textContent = `× ${known.count}`;
      return;
    }
    console.error(
      `jupyter_trame: ${error.where}: ${error.message}${error.trace ? `\n${error.trace}` : ""}`,
    );
    const counter = el("span", { class: "jt-error-count" });
    const element = this.#build(error, counter, () => this.#remove(id));
    this.#cards.set(id, { where: error.where, element, counter, count: 1 });
    this.#list.prepend(element);
    const [oldest] = this.#cards.keys();
    if (this.#cards.size > SHOWN && oldest !== undefined) this.#remove(oldest);
  }

  /** What was said of one place, or of parts of it, does not hold any more. */
  forget(where: string): void {
    for (const [id, card] of this.#cards) {
      if (card.where === where || card.where.endsWith(` of ${where}`)) this.#remove(id);
    }
  }

  #remove(id: string): void {
    this.#cards.get(id)?.element.remove();
    this.#cards.delete(id);
  }

  #build(error: ErrorReport, counter: HTMLElement, close: () => void): HTMLElement {
    const label = { class: "jt-error-close", type: "button", "aria-label": "Dismiss this error" };
    const button = el("button", label, "×");
    button.addEventListener("click", close);
    const where = el("span", { class: "jt-error-where" }, error.where);
    const trace = error.trace
      ? el("details", { class: "jt-error-trace" }, el("summary", {}, "Traceback"))
      : null;
    trace?.append(el("pre", {}, error.trace ?? ""));
    return el(
      "div",
      { class: "jt-error", role: "alert" },
      el("div", { class: "jt-error-head" }, where, counter, button),
      el("p", { class: "jt-error-message" }, error.message),
      trace,
    );
  }
}
