import type { AppSpec, Mounted } from "./app";
import { el } from "./element";
import { loadClient } from "./load-client";
import type { Transport, TransportFactory } from "./transports";
import { APP_HEIGHT, followHeight } from "./view/shell/own-height";
import { copyTheme, watchTheme } from "./view/shell/theme";

interface ClientModule {
  mountFramed(host: HTMLElement, spec: AppSpec): Mounted;
}
type FrameWindow = Window & typeof globalThis;

const DOCUMENT =
  '<!doctype html><html lang="en"><head><meta charset="utf-8"></head>' +
  '<body><div id="app"></div></body></html>';
const NAME = "A part of the app";
/** Where this very code came from. */
const OWN_SCRIPT = (document.currentScript as HTMLScriptElement | null)?.src ?? "";

/**
 * Shows an app in a document of its own, inside of this one: a frame that no server is asked for, since hubs
 * forbid framing theirs. It runs this very code, over connections of this page.
 */
export function mountFrame(host: HTMLElement, spec: AppSpec, reason: string): Mounted {
  const inTab = spec.view.mode === "tab";
  const frame = el("iframe", {
    title: spec.view.title ?? NAME,
    "data-jupyter-trame-frame": reason,
  });
  frame.style.cssText = `display: block; width: 100%; border: 0; height: ${inTab ? "100%" : "120px"}`;
  let framed: { mounted: Mounted; stop: () => void } | null = null;
  const leave = () => {
    framed?.stop();
    framed?.mounted.dispose();
    framed = null;
  };
  // A frame that is moved loads again: its old document is gone.
  frame.addEventListener("load", async () => {
    leave();
    const inner = frame.contentWindow as FrameWindow | null;
    if (!inner) return;
    try {
      const { mountFramed } = await loadClient<ClientModule>(OWN_SCRIPT, inner);
      if (frame.contentWindow !== inner || !frame.isConnected) return;
      const stop = dress(frame, inner, host, spec);
      const app = inner.document.getElementById("app") as HTMLElement;
      const view = { ...spec.view, mode: inTab ? ("page" as const) : ("frame" as const) };
      const mounted = mountFramed(app, { ...spec, view, transports: spec.transports.map(outward) });
      framed = { mounted, stop };
    } catch (error) {
      const text = `This app needs a frame (${reason}), which could not be filled: ${String(error)}`;
      inner.document.body.textContent = text;
    }
  });
  frame.srcdoc = DOCUMENT;
  const target = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  host.setAttribute("data-jupyter-trame", spec.view.mode);
  target.replaceChildren(frame);
  return {
    retry: () => framed?.mounted.retry(),
    snapshot: () => null,
    dispose() {
      leave();
      target.replaceChildren();
      host.removeAttribute("data-jupyter-trame");
    },
  };
}

/** Routers write addresses of the page's form; of a document without one only the fragment can change. */
function keepHistory({ history, document }: FrameWindow): void {
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name].bind(history);
    history[name] = (state, title, address) => {
      const url = address ? new URL(address, document.baseURI) : null;
      original(state, title, url && `about:srcdoc${url.hash}`);
    };
  }
}

/** The specification as the frame's own code takes it. */
export function framedSpec(spec: AppSpec): AppSpec {
  return { ...spec, embed: "shadow", transports: spec.transports.map(inward) };
}

/** Theme, base address and height of the frame; the function ends the following of both. */
function dress(
  frame: HTMLIFrameElement,
  inner: FrameWindow,
  host: HTMLElement,
  spec: AppSpec,
): () => void {
  const { document: page } = inner;
  const base = spec.fetcher.address("./");
  if (base) page.head.append(el("base", { href: base }));
  keepHistory(inner);
  page.body.style.cssText = "margin: 0; background: transparent";
  const unwatch = watchTheme(host, (dark) => {
    page.documentElement.style.colorScheme = dark ? "dark" : "light";
    copyTheme(host, page.documentElement);
    page.body.dataset.jpThemeLight = String(!dark);
  });
  const inTab = spec.view.mode === "tab";
  if (inTab) fill(page, true);
  const unfollow = inTab ? () => undefined : followBoth(frame, inner, host);
  return () => {
    unwatch();
    unfollow();
  };
}

/** The app is as high as its frame, or as its content. */
function fill(page: Document, filling: boolean): void {
  const app = page.getElementById("app") as HTMLElement;
  for (const one of [page.documentElement, page.body, app]) {
    one.style.height = filling ? "100%" : "";
  }
}

/** The frame is as high as the app, unless the view was given a height. */
function followBoth(frame: HTMLIFrameElement, inner: FrameWindow, host: HTMLElement): () => void {
  const { document: page } = inner;
  const app = page.getElementById("app") as HTMLElement;
  let filling = false;
  const adjust = () => {
    const { height } = app.getBoundingClientRect();
    if (!filling && height > 0) frame.style.height = `${Math.ceil(height)}px`;
  };
  const observer = new inner.ResizeObserver(adjust);
  observer.observe(app);
  const unfollow = followHeight(host.parentElement ?? host, ({ height, own }) => {
    filling = own;
    for (const one of [host, frame]) one.style.height = own ? "100%" : "";
    fill(page, own);
    if (height === null) page.documentElement.style.removeProperty(APP_HEIGHT);
    else page.documentElement.style.setProperty(APP_HEIGHT, `${height}px`);
    adjust();
  });
  return () => {
    unfollow();
    observer.disconnect();
  };
}

/** Bytes of the frame become bytes of this page: others here ask for instances of this page's classes. */
function outward(make: TransportFactory): TransportFactory {
  return () => {
    const transport = make();
    const send = transport.send.bind(transport);
    transport.send = (bytes) => send(new Uint8Array(bytes));
    return transport;
  };
}

/** Bytes of the page become bytes of the frame. */
function inward(make: TransportFactory): TransportFactory {
  return () => {
    const transport: Transport = make();
    let onframe = transport.onframe;
    Object.defineProperty(transport, "onframe", {
      get: () => onframe,
      set: (listener: Transport["onframe"]) => {
        onframe = ({ buffer, byteOffset, byteLength }) =>
          listener(new Uint8Array(buffer, byteOffset, byteLength));
      },
    });
    return transport;
  };
}
