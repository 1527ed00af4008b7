import { el } from "../../element";
import { stayHere } from "../guard/leaving";
import { keepKeys } from "./keys";
import { APP_HEIGHT, followHeight, type GivenHeight } from "./own-height";
import { raisePopups } from "./popups";
import { PageStyles, RootStyles, type Styles } from "./styles";
import { watchTheme } from "./theme";

/**
 * Where a view is: in a cell, in a tab of the lab, on a page of its own, or in a frame that is as high as
 * the app.
 */
export type Mode = "inline" | "tab" | "page" | "frame";

export interface Shell {
  /** Null where the document is the app's own. */
  readonly root: ShadowRoot | null;
  /** Wrapper and shell, positioned: what covers the app is placed in it. */
  readonly frame: HTMLElement;
  /** The element that the app is mounted on. */
  readonly app: HTMLElement;
  /** Pop-ups of the app are attached here: a sibling of the wrapper, so they may leave it. */
  readonly overlay: HTMLElement;
  /** What the view itself has to say. */
  readonly layer: HTMLElement;
  readonly styles: Styles;
  /** Calls now and whenever the page turns dark or light, until the shell is disposed of. */
  watchTheme(changed: (dark: boolean) => void): void;
  /** A package styles buttons, inputs and headings itself. */
  leaveElementsAlone(): void;
  dispose(): void;
}

const ANCHOR = "jupyter-trame-anchor";
const OWN_DOCUMENT = new Set<Mode>(["page", "frame"]);

/** Builds what a view stands in. A host is used again by the next view on it. */
export function createShell(host: HTMLElement, mode: Mode): Shell {
  const root = OWN_DOCUMENT.has(mode)
    ? null
    : (host.shadowRoot ?? host.attachShadow({ mode: "open" }));
  host.setAttribute("data-jupyter-trame", mode);
  const app = el("div", { class: "jt-root jt-base", part: "app" });
  const layer = el("div", { class: "jt-shell" });
  // A frame is as high as the app, as a cell is.
  const shape = mode === "frame" ? "inline" : mode;
  const frame = el("div", { class: "jt-frame", "data-mode": shape }, app, layer);
  const overlay = el("div", { class: "jt-overlay" });
  const anchor = createAnchor();
  (root ?? host).replaceChildren(frame, overlay, anchor);
  const styles = root ? new RootStyles(root) : new PageStyles(host.ownerDocument);
  const theme = followTheme(host, [frame, overlay]);
  const moved = () => {
    styles.rebuild();
    theme.restart();
  };
  anchor.addEventListener("adopted", moved);
  // Before it is in the page the host has no background to judge by.
  anchor.addEventListener("connected", moved, { once: true });
  const releases = [stayHere(root ?? host.ownerDocument)];
  if (root) releases.push(keepKeys(host), raisePopups(overlay));
  const given = mode === "frame" ? host : host.parentElement;
  if (shape === "inline" && given) {
    const take = (height: GivenHeight) => takeHeight(host, frame, height);
    let leave = followHeight(given, take);
    // What is around it is known when it is in the page; hosts put it there late, and may move it.
    anchor.addEventListener("connected", () => {
      leave();
      take({ height: null, own: false });
      leave = followHeight(given, take);
    });
    releases.push(() => leave());
  }
  return {
    root,
    frame,
    app,
    overlay,
    layer,
    styles,
    watchTheme: theme.watch,
    leaveElementsAlone() {
      app.classList.remove("jt-base");
      for (const element of [frame, overlay]) element.dataset.styled = "";
    },
    dispose() {
      theme.stop();
      for (const release of releases) release();
      styles.dispose();
      (root ?? host).replaceChildren();
      for (const name of ["data-jupyter-trame", "data-filling"]) host.removeAttribute(name);
    },
  };
}

function takeHeight(host: HTMLElement, frame: HTMLElement, { height, own }: GivenHeight): void {
  if (height === null) frame.style.removeProperty(APP_HEIGHT);
  else frame.style.setProperty(APP_HEIGHT, `${height}px`);
  frame.toggleAttribute("data-filling", own);
  host.toggleAttribute("data-filling", own);
}

function followTheme(host: HTMLElement, elements: HTMLElement[]) {
  const listeners = new Set<(dark: boolean) => void>();
  let now = false;
  const themed = (dark: boolean) => {
    now = dark;
    for (const element of elements) element.dataset.theme = dark ? "dark" : "light";
    for (const listener of listeners) listener(dark);
  };
  let unwatch = watchTheme(host, themed);
  return {
    watch(listener: (dark: boolean) => void): void {
      listeners.add(listener);
      listener(now);
    },
    restart(): void {
      unwatch();
      unwatch = watchTheme(host, themed);
    },
    stop(): void {
      unwatch();
      listeners.clear();
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
