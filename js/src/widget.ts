import { takeMessages } from "./late-code";
import { loadClient as loadScript } from "./load-client";
import { randomName } from "./transports/random-name";
import type { ViewModel } from "./view/model";

interface ClientBundle {
  /** A server of another version may have none. */
  prepareInline?(model: ViewModel, base: URL | null): void;
  mountInline(host: HTMLElement, model: ViewModel, base: URL | null): { dispose(): void };
}
interface Loaded {
  client: ClientBundle;
  /** The jupyter server that has the extension. */
  base: URL | null;
}
/** What is used of the configuration that Jupyter's pages hold. */
interface PageConfig {
  baseUrl?: string;
  federated_extensions?: { name: string }[];
}
interface Shared {
  bundles: Map<string, Promise<Loaded>>;
}
interface RenderProps {
  model: ViewModel;
  el: HTMLElement;
}

/**
 * Widgets of a page share what is loaded: each instance brings its own copy of this module. A saved notebook may bring
 * one that imports the client as a module, which yields nothing; the name is another than theirs.
 */
const SHARED = Symbol.for("jupyter-trame.client-script");
const LAB_EXTENSION = "jupyter-trame";
const BUNDLE_TIMEOUT = 30_000;
const SAY_AFTER = 1500;

function shared(): Shared {
  const page = globalThis as unknown as Record<symbol, Shared | undefined>;
  const known = page[SHARED];
  if (known) return known;
  const created: Shared = { bundles: new Map() };
  page[SHARED] = created;
  return created;
}

/** One bundle a page and version; a failure is not kept, so the next view tries again. */
function loadClient(model: ViewModel): Promise<Loaded> {
  const { bundles } = shared();
  const version = model.get("version");
  const known = bundles.get(version);
  // It may have been asked of another kernel, which is gone.
  if (known) return known.catch(() => loadClient(model));
  const loading = fromServer().then((loaded) => loaded ?? fromKernel(model));
  bundles.set(version, loading);
  loading.catch(() => bundles.delete(version));
  return loading;
}

function pageConfig(): PageConfig {
  try {
    const text = document.getElementById("jupyter-config-data")?.textContent;
    return JSON.parse(text ?? "") as PageConfig;
  } catch {
    return {};
  }
}

/**
 * Address of the jupyter server that this page came from; null where it has no extension of ours for sure.
 *
 * Browsers log each request that is answered with 404, so it is not just tried: JupyterLab, Notebook and
 * Voila list the lab extensions of the server's environment, and ours comes in one package with the
 * server's. Only where that one was switched off, and with a Voila that loads none, such a line is left.
 */
function serverAddress(): URL | null {
  const config = pageConfig();
  const installed = config.federated_extensions;
  if (installed && !installed.some(({ name }) => name === LAB_EXTENSION)) return null;
  const baseUrl = config.baseUrl ?? document.body.dataset.baseUrl;
  return baseUrl ? new URL(baseUrl, location.origin) : null;
}

/** Null where the extension does not answer. */
async function fromServer(): Promise<Loaded | null> {
  const base = serverAddress();
  if (!base) return null;
  const { href } = new URL("trame/static/client.js", base);
  try {
    return { client: await loadScript<ClientBundle>(href), base };
  } catch {
    return null;
  }
}

/** The kernel sends the bundle as a message: complete without any request. */
async function fromKernel(model: ViewModel): Promise<Loaded> {
  const code = await requestBundle(model);
  // The address is kept: an app that needs a frame loads the same module there.
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  return { client: await loadScript<ClientBundle>(url), base: null };
}

function requestBundle(model: ViewModel): Promise<string> {
  const view = randomName();
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      model.off("msg:custom", receive);
    };
    const timer = setTimeout(() => {
      stop();
      reject(new Error("the kernel does not answer"));
    }, BUNDLE_TIMEOUT);
    const receive = (content: unknown) => {
      const message = content as { jt?: string; view?: string; code?: string };
      if (message.jt !== "bundle" || message.view !== view || !message.code) return;
      stop();
      resolve(message.code);
    };
    model.on("msg:custom", receive);
    model.send({ jt: "bundle", view });
  });
}

function say(host: HTMLElement, text: string): void {
  host.textContent = text;
  // A strict content policy forbids the attribute, not the property.
  host.style.cssText = "font: 13px system-ui; opacity: 0.7; padding: 8px 4px";
}

async function render({ model, el }: RenderProps): Promise<() => void> {
  const host = document.createElement("div");
  el.append(host);
  const timer = setTimeout(() => say(host, "Loading the code of the app…"), SAY_AFTER);
  try {
    await takeMessages(model);
    const { client, base } = await loadClient(model);
    host.replaceChildren();
    host.removeAttribute("style");
    const view = client.mountInline(host, model, base);
    return () => {
      view.dispose();
      host.remove();
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    say(host, `The code of the app could not be loaded: ${reason}. Run the cell again.`);
    return () => host.remove();
  } finally {
    clearTimeout(timer);
  }
}

export default {
  /**
   * Before a view is asked for. Waits for nothing: the host gives a model two seconds (`late-code.ts`). A kernel is not
   * asked for anything yet: it may be gone, or not reached so soon.
   */
  initialize({ model }: Pick<RenderProps, "model">): void {
    void fromServer().then((loaded) => loaded?.client.prepareInline?.(model, loaded.base));
  },
  render,
};
