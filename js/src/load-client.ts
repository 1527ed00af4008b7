/** Where the client leaves itself: on the element of its script, so that a page gets no global of it. */
export const CLIENT = "jupyterTrameClient";

export interface ClientScript extends HTMLScriptElement {
  [CLIENT]?: unknown;
}

/** Loaders are bundled apart, and each widget brings its own: what they loaded is the page's. */
const LOADED = Symbol.for("jupyter-trame.loaded");
type Loaded = Map<string, Promise<unknown>>;

/**
 * The client at `address`, evaluated once in that page; a failure is not kept, so the next call tries again.
 * Rejects with the reason. The element of the script has the members of `given` while it runs.
 *
 * It is a classic script: a JupyterHub takes the cookie of a request for one, and sends the request of a module
 * to its login (jupyterhub/_xsrf_utils.py). Every other server takes both.
 */
export function loadClient<T>(
  address: string,
  page: Window = window,
  given: object = {},
): Promise<T> {
  const holder = page as unknown as Record<symbol, Loaded | undefined>;
  holder[LOADED] ??= new Map();
  const loaded = holder[LOADED];
  const known = loaded.get(address);
  if (known) return known as Promise<T>;
  const loading = runScript(address, page.document, given);
  loaded.set(address, loading);
  loading.catch(() => loaded.delete(address));
  return loading as Promise<T>;
}

function runScript(address: string, document: Document, given: object): Promise<unknown> {
  const script: ClientScript = Object.assign(document.createElement("script"), given);
  script.src = address;
  return new Promise((resolve, reject) => {
    const end = () => {
      script.remove();
      const client = script[CLIENT];
      if (client) resolve(client);
      else reject(new Error(`${address} could not be loaded`));
    };
    script.addEventListener("load", end);
    script.addEventListener("error", end);
    document.head.append(script);
  });
}
