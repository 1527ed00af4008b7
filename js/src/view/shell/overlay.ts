import { el } from "../../element";

export interface ErrorReport {
  where: string;
  message: string;
  trace?: string | null;
  /** Nothing has failed: it looks like a mistake. */
  hint?: boolean;
}

/** Cards that are seen at once; the user asks for those before. */
const SEEN = 5;
/** Cards that are kept; a server keeps as many errors. */
const KEPT = 100;

interface Card {
  where: string;
  isHint: boolean;
  element: HTMLElement;
  message: HTMLElement;
  counter: HTMLElement;
  count: number;
}

/** The errors of an app, below its picture, the newest first. The same error again only counts. */
export class ErrorOverlay {
  readonly #list = el("div", { class: "jt-errors", role: "log", "aria-label": "Errors" });
  /** The oldest first. */
  readonly #cards = new Map<string, Card>();
  /** Shows the cards that are not seen, and hides them again. */
  readonly #more = el("button", { class: "jt-errors-more", type: "button" });
  #showsAll = false;

  constructor(layer: HTMLElement) {
    layer.append(this.#list);
    this.#more.addEventListener("click", () => {
      this.#showsAll = !this.#showsAll;
      this.#arrange();
    });
  }

  show(error: ErrorReport): void {
    const id = idOf(error);
    const known = this.#cards.get(id);
    if (known && error.hint) return;
    if (known) {
      known.count += 1;
      known.counter.textContent = `× ${known.count}`;
      return;
    }
    const text = `jupyter_trame: ${error.where}: ${error.message}`;
    if (error.hint) console.warn(text);
    else console.error(error.trace ? `${text}\n${error.trace}` : text);
    const counter = el("span", { class: "jt-error-count" });
    const message = el("p", { class: "jt-error-message" }, error.message);
    const element = this.#build(error, counter, message, () => this.#remove(id));
    const isHint = error.hint === true;
    this.#cards.set(id, { where: error.where, isHint, element, message, counter, count: 1 });
    this.#list.prepend(element);
    const [oldest] = this.#cards.keys();
    if (this.#cards.size > KEPT && oldest !== undefined) this.#remove(oldest);
    else this.#arrange();
  }

  /** What was said of one place, or of parts of it, does not hold any more. */
  forget(where: string): void {
    this.#removeOf(where, () => true);
  }

  /** Nothing fails any more in one place; its hints hold. */
  mended(where: string): void {
    this.#removeOf(where, ({ isHint }) => !isHint);
  }

  /** What was said of a place is said in better words. */
  reword(where: string, message: string, better: string): void {
    const card = this.#cards.get(idOf({ where, message }));
    if (!card || better === message) return;
    card.message.textContent = better;
  }

  /** Nothing that was said holds any more. */
  clear(): void {
    for (const id of [...this.#cards.keys()]) this.#remove(id);
  }

  #removeOf(where: string, which: (card: Card) => boolean): void {
    for (const [id, card] of this.#cards) {
      const isOf = card.where === where || card.where.endsWith(` of ${where}`);
      if (isOf && which(card)) this.#remove(id);
    }
  }

  #remove(id: string): void {
    this.#cards.get(id)?.element.remove();
    this.#cards.delete(id);
    this.#arrange();
  }

  #arrange(): void {
    const earlier = this.#cards.size - SEEN;
    this.#showsAll &&= earlier > 0;
    let at = 0;
    for (const { element } of this.#cards.values()) {
      element.hidden = !this.#showsAll && at < earlier;
      at += 1;
    }
    if (earlier <= 0) {
      this.#more.remove();
      return;
    }
    this.#more.textContent = this.#showsAll ? `Show the latest ${SEEN}` : `Show ${earlier} earlier`;
    this.#more.setAttribute("aria-expanded", String(this.#showsAll));
    if (!this.#more.isConnected) this.#list.append(this.#more);
  }

  #build(
    error: ErrorReport,
    counter: HTMLElement,
    message: HTMLElement,
    close: () => void,
  ): HTMLElement {
    const what = error.hint ? "hint" : "error";
    const label = { class: "jt-error-close", type: "button", "aria-label": `Dismiss this ${what}` };
    const button = el("button", label, "×");
    button.addEventListener("click", close);
    const where = el("span", { class: "jt-error-where" }, error.where);
    const trace = error.trace
      ? el("details", { class: "jt-error-trace" }, el("summary", {}, "Traceback"))
      : null;
    trace?.append(el("pre", {}, error.trace ?? ""));
    return el(
      "div",
      { class: error.hint ? "jt-error jt-hint" : "jt-error", role: error.hint ? "note" : "alert" },
      el("div", { class: "jt-error-head" }, where, counter, button),
      message,
      trace,
    );
  }
}

function idOf({ where, message }: ErrorReport): string {
  return `${where}\n${message}`;
}
