import { el } from "../../element";
import type { Trame } from "../contract/trame";

/** What `ui.toast` publishes. */
interface Toast {
  text: string;
  kind: string;
  /** Seconds until it goes; 0: until it is closed. */
  seconds: number;
}

/** Of `jupyter_trame/ui/toast.py`. */
const TOPIC = "trame.ui.toast";
const MOST = 5;

/** Short messages over a corner of the view. Whoever points at one, or has the focus in it, keeps it. */
export class Toasts {
  readonly #list = el("div", { class: "jt-toasts", role: "status" });

  constructor(layer: HTMLElement, trame: Trame) {
    layer.append(this.#list);
    const session = trame.client.getConnection().getSession();
    // The session ends with the view, and its subscriptions with it.
    session.subscribe(TOPIC, ([toast]) => this.#show(toast as Toast));
  }

  dispose(): void {
    this.#list.remove();
  }

  #show({ text, kind, seconds }: Toast): void {
    const close = el("button", { type: "button", class: "jt-close", "aria-label": "Close" }, "×");
    const toast = el("div", { class: "jt-toast", "data-kind": kind }, el("span", {}, text), close);
    close.addEventListener("click", () => toast.remove());
    this.#list.append(toast);
    while (this.#list.childElementCount > MOST) this.#list.firstElementChild?.remove();
    if (seconds > 0) leaveAfter(toast, seconds * 1000);
  }
}

/** In milliseconds, counted anew when nobody looks at it any more. */
function leaveAfter(toast: HTMLElement, time: number): void {
  let timer = setTimeout(() => toast.remove(), time);
  const isLookedAt = () => toast.matches(":hover, :focus-within");
  const again = () => {
    clearTimeout(timer);
    if (!isLookedAt()) timer = setTimeout(() => toast.remove(), time);
  };
  for (const type of ["pointerenter", "pointerleave", "focusin", "focusout"])
    toast.addEventListener(type, again);
}
