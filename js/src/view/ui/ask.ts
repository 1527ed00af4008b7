import type { InjectionKey } from "vue";
import { el } from "../../element";

export interface Question {
  text: string;
  yes?: string;
  no?: string;
  /** Whether yes takes something away: it is not what Enter says then. */
  isGrave?: boolean;
}

/** Asks the user; false where the window is closed without an answer. */
export type Ask = (question: Question, signal?: AbortSignal) => Promise<boolean>;

export const ASK: InjectionKey<Ask> = Symbol("ask");

/** Questions in windows over the page, whose elements are in `layer`. */
export function askIn(layer: HTMLElement): Ask {
  return ({ text, yes = "OK", no = "Cancel", isGrave = false }, signal) => {
    const button = (kind: string, words: string) =>
      el("button", { type: "button", class: `jt-button ${kind}` }, words);
    const [accept, refuse] = [
      button(isGrave ? "jt-button-danger" : "jt-button-primary", yes),
      button("", no),
    ];
    const dialog = el(
      "dialog",
      { class: "jt-dialog", "aria-label": text },
      el("p", { class: "jt-question" }, text),
      el("div", { class: "jt-answers" }, refuse, accept),
    );
    (isGrave ? refuse : accept).autofocus = true;
    accept.addEventListener("click", () => dialog.close("yes"));
    refuse.addEventListener("click", () => dialog.close());
    signal?.addEventListener("abort", () => dialog.close(), { once: true });
    layer.append(dialog);
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => {
        dialog.remove();
        resolve(dialog.returnValue === "yes");
      });
    });
  };
}
