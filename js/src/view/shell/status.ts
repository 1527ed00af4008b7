import { el } from "../../element";
import type { ConnectionState } from "../contract/connection-status";
import type { Waiting } from "./busy";
import { Mark, type MarkOptions } from "./mark";
import { WaitingPanel } from "./waiting";
import { type Examine, WhyPanel } from "./why";

export interface StatusOptions extends Omit<MarkOptions, "onWhy"> {
  retry: () => void;
  examine: Examine;
}

const SLOW = 3000;
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

/** What the view says about itself: a mark, a notice over the last picture, the steps of waiting. */
export class StatusView {
  readonly #layer: HTMLElement;
  readonly #frame: HTMLElement;
  readonly #mark: Mark;
  readonly #why: WhyPanel;
  readonly #retry: () => void;
  #notice: HTMLElement | null = null;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;
  #panel: WaitingPanel | null = null;
  #elsewhere: HTMLElement | null = null;
  #drawn = false;
  #failed = false;

  constructor(layer: HTMLElement, frame: HTMLElement, options: StatusOptions) {
    this.#layer = layer;
    this.#frame = frame;
    this.#retry = options.retry;
    const onWhy = (opener: HTMLElement) => this.#why.toggle(opener);
    this.#mark = new Mark(layer, { ...options, onWhy });
    this.#why = new WhyPanel(layer, options.examine, (open) => this.#mark.why(open));
    this.step("Connecting…");
  }

  /** Where the connection stands; `kind` is what carries it. */
  connection(state: ConnectionState, kind: "websocket" | "comm" | null, message = ""): void {
    const transport = kind ? TRANSPORTS[kind] : "";
    this.#mark.connection(state, kind, state === "live" ? transport : (TITLES[state] ?? ""));
    clearTimeout(this.#noticeTimer);
    if (state === "connecting")
      this.step(message ? `Connecting: ${sentence(message)}` : "Connecting…");
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

  /** See `Mark.busy`. */
  busy(busy: boolean): void {
    this.#mark.busy(busy);
  }

  /** See `Mark.waiting`. */
  waiting(waiting: Waiting | null): void {
    this.#mark.waiting(waiting);
  }

  /** What is being done while nothing is drawn; the first one shows after a moment. */
  step(text: string): void {
    if (this.#drawn || this.#failed) return;
    this.#panel ??= new WaitingPanel(this.#layer, this.#retryButton(), SLOW);
    this.#panel.step(text);
  }

  /** There is nothing to draw, and what there is instead; a later step takes its place. */
  absent(text: string, hint: string): void {
    this.step(text);
    if (!this.#failed) this.#panel?.absent(hint);
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
    this.#panel?.fatal();
  }

  dispose(): void {
    clearTimeout(this.#noticeTimer);
    this.#mark.dispose();
    this.#why.dispose();
    this.#stopWaiting();
  }

  #stopWaiting(): void {
    this.#panel?.dispose();
    this.#panel = null;
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
    this.#notice = el("div", attributes, el("span", {}, title, " ", text));
    this.#notice.append(this.#whyButton(), this.#retryButton());
    this.#layer.append(this.#notice);
  }

  #stepOfLoss(state: ConnectionState, message: string): void {
    this.step([TITLES[state], sentence(message)].filter(Boolean).join(": "));
    if (ENDED.has(state)) this.#panel?.ended();
  }

  #whyButton(): HTMLElement {
    const button = el("button", { class: "jt-notice-why", type: "button" }, "Why?");
    button.addEventListener("click", () => this.#why.toggle(button));
    return button;
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
