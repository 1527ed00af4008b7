import { el } from "./dom";
import { keepKeys } from "./keys";
import { RootStyles } from "./styles";
import { watchTheme } from "./theme";

export type Mode = "inline" | "tab" | "page";

export interface Shell {
  /** Wrapper and shell, positioned: what covers the app is placed in it. */
  readonly frame: HTMLElement;
  /** The element that the app is mounted on. */
  readonly app: HTMLElement;
  /** Pop-ups of the app are attached here: a sibling of the wrapper, so they may leave it. */
  readonly overlay: HTMLElement;
  /** What the view itself has to say. */
  readonly layer: HTMLElement;
  readonly styles: RootStyles;
  dispose(): void;
}

const ANCHOR = "jupyter-trame-anchor";

/** Builds the shadow root of a view. A host is used again by the next view on it. */
export function createShell(host: HTMLElement, mode: Mode): Shell {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  host.setAttribute("data-jupyter-trame", mode);
  const app = el("div", { class: "jt-root jt-base", part: "app" });
  const layer = el("div", { class: "jt-shell" });
  const frame = el("div", { class: "jt-frame", "data-mode": mode }, app, layer);
  const overlay = el("div", { class: "jt-overlay" });
  const anchor = createAnchor();
  root.replaceChildren(frame, overlay, anchor);
  const styles = new RootStyles(root);
  const themed = (dark: boolean) => {
    for (const element of [frame, overlay]) element.dataset.theme = dark ? "dark" : "light";
  };
  let unwatch = watchTheme(host, themed);
  const moved = () => {
    styles.rebuild();
    unwatch();
    unwatch = watchTheme(host, themed);
  };
  anchor.addEventListener("adopted", moved);
  // Before it is in the page the host has no background to judge by.
  anchor.addEventListener("connected", moved, { once: true });
  const releaseKeys = mode === "page" ? null : keepKeys(host);
  return {
    frame,
    app,
    overlay,
    layer,
    styles,
    dispose() {
      unwatch();
      releaseKeys?.();
      root.replaceChildren();
      host.removeAttribute("data-jupyter-trame");
    },
  };
}

/** An element that tells when it arrives in a page, or in another document. */
function createAnchor(): HTMLElement {
  if (!customElements.get(ANCHOR)) {
    customElements.define(
      ANCHOR,
      class extends HTMLElement {
        connectedCallback(): void {
          this.dispatchEvent(new Event("connected"));
        }
        adoptedCallback(): void {
          this.dispatchEvent(new Event("adopted"));
        }
      },
    );
  }
  const anchor = document.createElement(ANCHOR);
  anchor.hidden = true;
  return anchor;
}
