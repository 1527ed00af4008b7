const BAR = `
  position: fixed; inset: auto 1rem 1rem; z-index: 2147483647; width: fit-content; max-width: calc(100vw - 2rem);
  margin: 0 auto; padding: 0.6rem 1rem; box-sizing: border-box; display: flex; gap: 1rem; align-items: center;
  border: 1px solid #59636e; border-radius: 8px; background: #25292e; color: #fff; box-shadow: 0 4px 16px rgb(0 0 0 / 30%);
  font: 14px/1.4 system-ui, sans-serif; overflow-wrap: anywhere;`;
const BUTTON = `
  flex: none; padding: 0.25rem 0.75rem; border: 1px solid #8b949e; border-radius: 6px; background: transparent;
  color: inherit; font: inherit; cursor: pointer;`;
const PROGRESS = "flex: none; width: 4rem; accent-color: #69aaff; color-scheme: dark;";

interface Beside {
  /** A button, with what it does. */
  action?: [label: string, act: () => void];
  /** Whether something is on its way. */
  busy?: boolean;
}

/** A bar at the lower edge of the page that says how the connection is. Styles of the page do not reach it. */
export class Notice {
  readonly #host = document.createElement("narvi-notice");
  readonly #progress = document.createElement("progress");
  readonly #text = document.createElement("span");
  readonly #button = document.createElement("button");
  #act = () => {};

  constructor() {
    const bar = document.createElement("div");
    bar.setAttribute("role", "status");
    // Not in a sheet: a content policy may forbid inline ones.
    bar.style.cssText = BAR;
    this.#button.style.cssText = BUTTON;
    this.#progress.style.cssText = PROGRESS;
    this.#button.addEventListener("click", () => this.#act());
    bar.append(this.#progress, this.#text, this.#button);
    this.#host.attachShadow({ mode: "open" }).append(bar);
  }

  show(text: string, { action, busy = false }: Beside = {}): void {
    this.#text.textContent = text;
    this.#progress.style.display = busy ? "" : "none";
    this.#button.textContent = action?.[0] ?? "";
    this.#button.style.display = action ? "" : "none";
    this.#act = action?.[1] ?? (() => {});
    if (!this.#host.isConnected) document.documentElement.append(this.#host);
  }

  hide(): void {
    this.#host.remove();
  }
}
