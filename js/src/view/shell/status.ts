import type { ConnectionState } from "../contract/connection-status";
import { el } from "./dom";
import type { AppKernel } from "./kernel";

export interface StatusOptions {
  /** Shown as a button that opens the app in a tab of its own. */
  openTab?: (() => void) | undefined;
  retry: () => void;
  /** The kernel that the app runs in; null where there is no way to it, undefined where the app is a program. */
  kernel?: AppKernel | null | undefined;
  /** Told of an interrupt that failed. */
  onError?: ((message: string) => void) | undefined;
}

const SLOW = 3000;
const FLASH = 250;
/** A call that is answered sooner is not worth a mark. */
const BUSY = 150;
const NOTICE_DELAYS: Partial<Record<ConnectionState, number>> = { lost: 700, connecting: SLOW };
const TRANSPORTS = { websocket: "live · websocket", comm: "live · comm" };
/** Nothing happens any more until the user acts. */
const ENDED = new Set<ConnectionState>(["refused", "stopped"]);
const TITLES: Partial<Record<ConnectionState, string>> = {
  connecting: "Connecting",
  lost: "Not connected",
  refused: "The connection was refused",
  stopped: "The app has ended",
};
const TEXTS: Partial<Record<ConnectionState, string>> = {
  connecting: "This is the last picture: the app does not answer yet.",
  lost: "This is the last picture. Trying again…",
  stopped: "This is the last picture. It goes on when the app is started again.",
};
const INTERRUPT = "Interrupt the kernel: stops the running cell";
const STOP_ICON =
  '<svg width="8" height="8" viewBox="0 0 8 8" fill="currentColor" aria-hidden="true">' +
  '<rect width="8" height="8" rx="1"/></svg>';
const OPEN_ICON =
  '<svg width="12" height="12" viewBox="0 0 12 12" fill="none" stroke="currentColor" ' +
  'stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">' +
  '<path d="M5 2H2v8h8V7M7 2h3v3M10 2 5.5 6.5"/></svg>';

/** What the view says about itself: a mark, a notice over the last picture, the steps of waiting. */
export class StatusView {
  readonly #layer: HTMLElement;
  readonly #frame: HTMLElement;
  readonly #mark = el("div", { class: "jt-mark", "data-state": "connecting" });
  readonly #text = el("span", { class: "jt-mark-text" });
  readonly #retry: () => void;
  readonly #kernel: AppKernel | null | undefined;
  readonly #interrupt: HTMLButtonElement | null;
  /** What the mark says while nothing waits for long. */
  #label = "";
  #count = 0;
  #notice: HTMLElement | null = null;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;
  #waiting: { element: HTMLElement; step: HTMLElement; hint: HTMLElement } | null = null;
  #waitTimers: ReturnType<typeof setTimeout>[] = [];
  #busyTimer: ReturnType<typeof setTimeout> | undefined;
  #elsewhere: HTMLElement | null = null;
  #drawn = false;
  #failed = false;

  constructor(layer: HTMLElement, frame: HTMLElement, options: StatusOptions) {
    const { openTab, retry, kernel, onError } = options;
    this.#layer = layer;
    this.#frame = frame;
    this.#retry = retry;
    this.#kernel = kernel;
    this.#interrupt = kernel ? interruptButton(kernel, onError ?? (() => undefined)) : null;
    const label = { class: "jt-mark-state", tabindex: "0", role: "status" };
    this.#mark.append(
      el("span", label, el("span", { class: "jt-mark-dot", "aria-hidden": "true" }), this.#text),
    );
    if (this.#interrupt) this.#mark.append(this.#interrupt);
    if (openTab) this.#mark.append(openButton(openTab));
    layer.append(this.#mark);
    this.step("Connecting…");
  }

  /** Where the connection stands; `kind` is what carries it. */
  connection(state: ConnectionState, kind: "websocket" | "comm" | null, message = ""): void {
    this.#mark.dataset.state = state;
    this.#mark.dataset.transport = kind ?? "";
    const transport = kind ? TRANSPORTS[kind] : "";
    this.#label = state === "live" ? transport : (TITLES[state] ?? "");
    this.#say();
    clearTimeout(this.#noticeTimer);
    if (state === "connecting") this.step("Connecting…");
    if (state === "live") {
      this.#setNotice(null);
      return;
    }
    const show = () => this.#setNotice(state, message);
    const delay = NOTICE_DELAYS[state];
    // A short break is no news: the mark alone says it.
    if (delay && !this.#notice) this.#noticeTimer = setTimeout(show, delay);
    else show();
  }

  /** Whether calls run; it shows when they do for a moment. */
  busy(busy: boolean): void {
    if (!busy) {
      clearTimeout(this.#busyTimer);
      this.#busyTimer = undefined;
      this.#mark.dataset.busy = "false";
      return;
    }
    this.#busyTimer ??= setTimeout(() => {
      this.#mark.dataset.busy = "true";
    }, BUSY);
  }

  /** So many writes and calls wait for a server that is at work on something else; 0: none do. */
  waiting(count: number): void {
    const begins = count > 0 && this.#count === 0;
    this.#count = count;
    if (count > 0) this.#mark.dataset.waiting = "";
    else delete this.#mark.dataset.waiting;
    this.#say();
    if (count === 0) this.#withdrawInterrupt();
    else if (begins) void this.#offerInterrupt();
  }

  /** What is being done while nothing is drawn; the first one shows after a moment. */
  step(text: string): void {
    if (this.#drawn || this.#failed) return;
    if (!this.#waiting) this.#wait();
    if (!this.#waiting) return;
    this.#waiting.step.textContent = text;
    delete this.#waiting.element.dataset.ended;
    delete this.#waiting.element.dataset.absent;
  }

  /** There is nothing to draw, and what there is instead; a later step takes its place. */
  absent(text: string, hint: string): void {
    this.step(text);
    if (!this.#waiting || this.#failed) return;
    for (const timer of this.#waitTimers) clearTimeout(timer);
    this.#waiting.element.dataset.absent = "";
    this.#waiting.hint.textContent = hint;
    this.#waiting.element.hidden = this.#waiting.hint.hidden = false;
  }

  /** The app is drawn on a page of its own: says so, with the way there. */
  elsewhere(text: string, address?: string): void {
    this.drawn();
    const line = el("div", { class: "jt-elsewhere" }, el("span", {}, text));
    if (address) {
      const attributes = { class: "jt-elsewhere-open", href: address, target: "_blank" };
      line.append(el("a", { ...attributes, rel: "noopener" }, "Open the app"));
    }
    if (this.#elsewhere) this.#elsewhere.replaceWith(line);
    else this.#layer.prepend(line);
    this.#elsewhere = line;
  }

  /** The app, or its snapshot, is on screen. */
  drawn(): void {
    this.#drawn = true;
    this.#stopWaiting();
  }

  /** The app cannot be shown, for a reason that does not pass. */
  fatal(text: string): void {
    this.step(text);
    this.#failed = true;
    for (const timer of this.#waitTimers) clearTimeout(timer);
    if (!this.#waiting) return;
    this.#waiting.element.hidden = false;
    this.#waiting.element.firstElementChild?.remove();
    this.#waiting.hint.hidden = true;
  }

  dispose(): void {
    clearTimeout(this.#noticeTimer);
    clearTimeout(this.#busyTimer);
    this.#stopWaiting();
  }

  #say(): void {
    if (this.#count === 0) {
      this.#text.textContent = this.#label;
      this.#text.removeAttribute("title");
      return;
    }
    const who = this.#kernel === undefined ? "server" : "kernel";
    // In a narrow cell there is no room for it.
    const whose = el("span", { class: "jt-mark-who" }, `${who} `);
    this.#text.replaceChildren(whose, `busy, ${this.#count} waiting`);
    this.#text.title = `${this.#text.textContent}: sent, and not yet taken by Python`;
  }

  async #offerInterrupt(): Promise<void> {
    if (!this.#kernel || !this.#interrupt) return;
    const may = await this.#kernel.mayInterrupt();
    if (may && this.#count > 0) this.#interrupt.hidden = false;
  }

  #withdrawInterrupt(): void {
    if (!this.#interrupt || this.#interrupt.hidden) return;
    // Who works with the keyboard stays where the button was.
    const focused = this.#interrupt.matches(":focus-visible");
    this.#interrupt.hidden = true;
    if (focused) this.#mark.querySelector<HTMLElement>(".jt-mark-state")?.focus();
  }

  #wait(): void {
    const step = el("span", { class: "jt-waiting-step" });
    const hintText = "This takes longer than usual: the app may be starting or gone.";
    const hint = el("span", { class: "jt-waiting-hint" }, hintText);
    const spinner = el("span", { class: "jt-spinner", "aria-hidden": "true" });
    const attributes = { class: "jt-waiting", role: "status" };
    const element = el("div", attributes, spinner, step, hint, this.#retryButton());
    element.hidden = true;
    hint.hidden = true;
    this.#waiting = { element, step, hint };
    this.#layer.prepend(element);
    this.#waitTimers = [
      setTimeout(() => {
        element.hidden = false;
      }, FLASH),
      setTimeout(() => {
        hint.hidden = false;
      }, SLOW),
    ];
  }

  #stopWaiting(): void {
    for (const timer of this.#waitTimers) clearTimeout(timer);
    this.#waiting?.element.remove();
    this.#waiting = null;
  }

  #setNotice(state: ConnectionState | null, message = ""): void {
    this.#notice?.remove();
    this.#notice = null;
    if (state && this.#drawn) this.#frame.dataset.picture = "old";
    else delete this.#frame.dataset.picture;
    if (!state) return;
    // Where nothing is drawn, the steps of waiting say it.
    if (!this.#drawn) {
      if (state !== "connecting") this.#stepOfLoss(state, message);
      return;
    }
    const text = el("span", { class: "jt-notice-text" }, sentence(message) || (TEXTS[state] ?? ""));
    const title = el("span", { class: "jt-notice-title" }, TITLES[state] ?? "");
    const attributes = { class: "jt-notice", role: "status", "data-state": state };
    this.#notice = el("div", attributes, el("span", {}, title, " ", text), this.#retryButton());
    this.#layer.append(this.#notice);
  }

  #stepOfLoss(state: ConnectionState, message: string): void {
    this.step([TITLES[state], sentence(message)].filter(Boolean).join(": "));
    if (!this.#waiting || !ENDED.has(state)) return;
    this.#waiting.element.dataset.ended = "";
    this.#waiting.element.hidden = false;
  }

  #retryButton(): HTMLElement {
    const button = el("button", { class: "jt-notice-retry", type: "button" }, "Try now");
    button.addEventListener("click", () => this.#retry());
    return button;
  }
}

/** Reasons come from programs, which begin them small and end them open. */
function sentence(reason: string): string {
  const text = reason.trim();
  if (text === "") return "";
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? "" : "."}`;
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
