import { el } from "../../element";
import type { ConnectionState } from "../contract/connection-status";
import type { Waiting } from "./busy";
import type { AppKernel } from "./kernel";

export interface MarkOptions {
  /** Shown as a button that opens the app in a tab of its own. */
  openTab?: (() => void) | undefined;
  /** The kernel that the app runs in; null where there is no way to it, undefined where the app is a program. */
  kernel?: AppKernel | null | undefined;
  /** Told of an interrupt that failed. */
  onError?: ((message: string) => void) | undefined;
  /** Shows what is known of the connection, or hides it again. */
  onWhy: (opener: HTMLElement) => void;
}

/** A call that is answered sooner is not worth a mark. */
const BUSY = 150;
/** For how long what comes when somebody looks stays: a pointer may slip off, and a page scroll. */
const LINGER = 1000;
const WHY = "How the app is connected, what is wrong, and what mends it";
const INTERRUPT = "Interrupt the kernel: stops the running cell";
const STOP_ICON =
  '<svg width="8" height="8" viewBox="0 0 8 8" fill="currentColor" aria-hidden="true">' +
  '<rect width="8" height="8" rx="1"/></svg>';
const OPEN_ICON =
  '<svg width="12" height="12" viewBox="0 0 12 12" fill="none" stroke="currentColor" ' +
  'stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">' +
  '<path d="M5 2H2v8h8V7M7 2h3v3M10 2 5.5 6.5"/></svg>';

/** The mark of a view: the connection, what waits for the server, and the buttons beside them. */
export class Mark {
  readonly #element = el("div", { class: "jt-mark", "data-state": "connecting" });
  readonly #text = el("span", { class: "jt-mark-text" });
  readonly #kernel: AppKernel | null | undefined;
  readonly #interrupt: HTMLButtonElement | null;
  readonly #why = el(
    "button",
    { class: "jt-mark-why", type: "button", title: WHY, "aria-expanded": "false" },
    "Why?",
  );
  /** What it says while nothing waits for long. */
  #label = "";
  #waiting: Waiting | null = null;
  #near = false;
  #leaveTimer: ReturnType<typeof setTimeout> | undefined;
  #whyOpen = false;
  /** Whether the connection is up, or is being made. */
  #calm = true;
  #busyTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(layer: HTMLElement, { openTab, kernel, onError, onWhy }: MarkOptions) {
    this.#kernel = kernel;
    this.#interrupt = kernel ? interruptButton(kernel, onError ?? (() => undefined)) : null;
    const label = { class: "jt-mark-state", tabindex: "0", role: "status" };
    this.#why.addEventListener("click", () => onWhy(this.#why));
    this.#followAttention();
    this.#element.append(
      el("span", label, el("span", { class: "jt-mark-dot", "aria-hidden": "true" }), this.#text),
    );
    if (this.#interrupt) this.#element.append(this.#interrupt);
    if (openTab) this.#element.append(openButton(openTab));
    layer.append(this.#element);
  }

  /** Where the connection stands, in the word `label`; `kind` is what carries it. */
  connection(state: ConnectionState, kind: "websocket" | "comm" | null, label: string): void {
    this.#element.dataset.state = state;
    this.#calm = state === "live" || state === "connecting";
    this.#offerWhy();
    this.#element.dataset.transport = kind ?? "";
    this.#label = label;
    this.#say();
  }

  /** Whether calls run; it shows when they do for a moment. */
  busy(busy: boolean): void {
    if (!busy) {
      clearTimeout(this.#busyTimer);
      this.#busyTimer = undefined;
      this.#element.dataset.busy = "false";
      return;
    }
    this.#busyTimer ??= setTimeout(() => {
      this.#element.dataset.busy = "true";
    }, BUSY);
  }

  /** Whether it is shown why. */
  why(open: boolean): void {
    this.#why.setAttribute("aria-expanded", String(open));
    this.#whyOpen = open;
    this.#offerWhy();
  }

  /** What waits for a server that does not take it; null: nothing does. */
  waiting(waiting: Waiting | null): void {
    const begins = waiting !== null && this.#waiting === null;
    this.#waiting = waiting;
    if (waiting) this.#element.dataset.waiting = "";
    else delete this.#element.dataset.waiting;
    this.#offerWhy();
    this.#say();
    if (!waiting) this.#withdrawInterrupt();
    else if (begins) void this.#offerInterrupt();
  }

  dispose(): void {
    clearTimeout(this.#busyTimer);
    clearTimeout(this.#leaveTimer);
  }

  #say(): void {
    const waiting = this.#waiting;
    if (!waiting) {
      this.#text.textContent = this.#label;
      this.#text.removeAttribute("title");
      return;
    }
    const who = this.#kernel === undefined ? "server" : "kernel";
    // In a narrow cell there is no room for what is in such an element.
    const wide = (text: string) => el("span", { class: "jt-mark-who" }, text);
    if (waiting.silent === null) {
      this.#text.replaceChildren(wide(`${who} `), `busy, ${waiting.count} waiting`);
    } else {
      const either = `: the ${who} is busy or the connection is slow`;
      this.#text.replaceChildren(`no answer for ${duration(waiting.silent)}`, wide(either));
    }
    const what = waiting.silent === null ? "" : `, ${waiting.count} waiting`;
    this.#text.title = `${this.#text.textContent}${what}: sent, and not yet taken by Python`;
  }

  /** Who points at the mark, or comes to it by the keyboard, wants to know more. */
  #followAttention(): void {
    const attend = () => {
      clearTimeout(this.#leaveTimer);
      this.#near = true;
      this.#offerWhy();
    };
    const leave = () => {
      clearTimeout(this.#leaveTimer);
      this.#leaveTimer = setTimeout(() => {
        this.#near = this.#element.matches(":focus-within, :hover");
        this.#offerWhy();
      }, LINGER);
    };
    for (const name of ["pointerenter", "focusin"]) this.#element.addEventListener(name, attend);
    for (const name of ["pointerleave", "focusout"]) this.#element.addEventListener(name, leave);
  }

  /** It is there while there is something to ask about, or somebody looks: of others in the page of an app there are few. */
  #offerWhy(): void {
    const offered = this.#near || this.#whyOpen || this.#waiting !== null || !this.#calm;
    if (offered === this.#why.isConnected) return;
    if (offered) this.#element.prepend(this.#why);
    else this.#why.remove();
  }

  async #offerInterrupt(): Promise<void> {
    if (!this.#kernel || !this.#interrupt) return;
    const may = await this.#kernel.mayInterrupt();
    if (may && this.#waiting) this.#interrupt.hidden = false;
  }

  #withdrawInterrupt(): void {
    if (!this.#interrupt || this.#interrupt.hidden) return;
    // Who works with the keyboard stays where the button was.
    const focused = this.#interrupt.matches(":focus-visible");
    this.#interrupt.hidden = true;
    if (focused) this.#element.querySelector<HTMLElement>(".jt-mark-state")?.focus();
  }
}

function duration(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}

function interruptButton(kernel: AppKernel, onError: (message: string) => void): HTMLButtonElement {
  const attributes = { class: "jt-mark-interrupt", type: "button", title: INTERRUPT };
  const text = el("span", { class: "jt-mark-interrupt-text" }, "interrupt");
  const button = el("button", attributes);
  button.innerHTML = STOP_ICON;
  button.append(text);
  button.hidden = true;
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await kernel.interrupt();
    } catch (error) {
      onError(error instanceof Error ? error.message : String(error));
    } finally {
      button.disabled = false;
    }
  });
  return button;
}

function openButton(open: () => void): HTMLElement {
  const title = "Open in a tab";
  const attributes = { class: "jt-mark-open", type: "button", title, "aria-label": title };
  const button = el("button", attributes);
  button.innerHTML = OPEN_ICON;
  button.addEventListener("click", open);
  return button;
}
