import { el } from "../../element";
import type { Report } from "../contract/report";
import { type Row, sectionsOf } from "./report-sections";

/** Finds out what there is to say; `onStep` gets what is known so far. It stops asking when `signal` says so. */
export type Examine = (onStep: (report: Report) => void, signal: AbortSignal) => Promise<Report>;

const KEYS = /^(Ctrl|Shift|Alt|Cmd)\+/;
const WORKING = "Measuring…";

/** Below or over the app: what is known of its connection, what is wrong with it, and what mends it. */
export class WhyPanel {
  readonly #element = el("section", { class: "jt-why", "aria-label": "Why?", tabindex: "-1" });
  readonly #examine: Examine;
  readonly #onToggle: (open: boolean) => void;
  /** Of the examination whose results are shown; null while it is closed. */
  #round: AbortController | null = null;
  /** What has the focus back when it closes. */
  #opener: HTMLElement | null = null;

  constructor(layer: HTMLElement, examine: Examine, onToggle: (open: boolean) => void) {
    this.#examine = examine;
    this.#onToggle = onToggle;
    this.#element.hidden = true;
    this.#element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    });
    layer.append(this.#element);
  }

  toggle(opener: HTMLElement): void {
    if (this.#element.hidden) void this.#open(opener);
    else this.close();
  }

  close(): void {
    if (this.#element.hidden) return;
    this.#stop();
    this.#element.hidden = true;
    this.#element.replaceChildren();
    // First the focus: the opener may be there only while it has that, or the panel is open.
    if (this.#opener?.isConnected) this.#opener.focus();
    this.#opener = null;
    this.#onToggle(false);
  }

  dispose(): void {
    this.#stop();
    this.#element.remove();
  }

  #stop(): void {
    this.#round?.abort();
    this.#round = null;
  }

  async #open(opener: HTMLElement): Promise<void> {
    this.#opener = opener;
    this.#element.hidden = false;
    this.#onToggle(true);
    const round = new AbortController();
    this.#round = round;
    const show = (report: Report, done: boolean) => {
      if (round === this.#round) this.#draw(report, done);
    };
    const whole = this.#examine((report) => show(report, false), round.signal);
    this.#element.focus({ preventScroll: true });
    this.#element.scrollIntoView({ block: "nearest" });
    try {
      show(await whole, true);
    } catch (error) {
      if (round === this.#round)
        this.#element.append(el("p", {}, `This went wrong: ${String(error)}`));
    }
  }

  #draw(report: Report, done: boolean): void {
    const sections = sectionsOf(report);
    const close = el(
      "button",
      { class: "jt-why-close", type: "button", "aria-label": "Close" },
      "×",
    );
    close.addEventListener("click", () => this.close());
    const state = el("span", { class: "jt-why-state", role: "status" }, done ? "" : WORKING);
    const copy = copyButton("Copy report", () => asText(sections));
    copy.hidden = !done;
    // The focus would be lost with the part that has it.
    const focused = this.#element.contains(getRoot(this.#element).activeElement);
    this.#element.replaceChildren(
      el("div", { class: "jt-why-head" }, el("strong", {}, "Why?"), state, copy, close),
      ...sections.map(([title, rows]) => section(title, rows)),
    );
    if (focused) this.#element.focus({ preventScroll: true });
  }
}

function getRoot(element: Element): DocumentOrShadowRoot {
  return element.getRootNode() as unknown as DocumentOrShadowRoot;
}

function section(title: string, rows: Row[]): HTMLElement {
  const list = el("dl", {});
  for (const { label, text, command, where } of rows) {
    const content = el("dd", {}, text);
    if (command) {
      const line = el("span", { class: "jt-why-command" }, el("code", {}, command));
      // What is pressed is not pasted.
      if (!KEYS.test(command)) line.append(copyButton("Copy", () => command));
      if (where) content.append(el("span", { class: "jt-why-where" }, `${where}:`));
      content.append(line);
    }
    list.append(el("dt", { "data-label": label }, label), content);
  }
  // No heading: its level would have to follow from those of the page and of the app.
  const name = el("div", { class: "jt-why-title", "aria-hidden": "true" }, title);
  return el("div", { class: "jt-why-section", role: "group", "aria-label": title }, name, list);
}

function copyButton(label: string, text: () => string): HTMLButtonElement {
  const button = el("button", { class: "jt-why-copy", type: "button" }, label);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
    } catch {
      // Pages without TLS have no clipboard: the text can be selected.
      button.textContent = "Select and copy";
    }
    setTimeout(() => {
      button.textContent = label;
    }, 1500);
  });
  return button;
}

function asText(sections: [string, Row[]][]): string {
  const lines = sections.flatMap(([title, rows]) => [
    "",
    title,
    ...rows.flatMap(({ label, text, command, where }) => [
      `  ${label}: ${text}`,
      ...(command ? [`    ${where ? `${where}: ` : ""}${command}`] : []),
    ]),
  ]);
  return ["jupyter_trame, this view", ...lines].join("\n");
}
