import { isBelow, ownHeaders } from "../../transports/own-request";

/**
 * Whether the server at `page` takes no request of a script or a style sheet without our headers, as one behind a
 * JupyterHub does: fonts, modules and workers are then not for the browser to fetch.
 */
export async function isGuarded(page: URL): Promise<boolean> {
  if (!("X-XSRFToken" in ownHeaders(page))) return false;
  const told = hubOfPage();
  if (told !== undefined) return told;
  try {
    const init: RequestInit = { method: "HEAD", credentials: "include", redirect: "manual" };
    const { type, status } = await fetch(new URL("index.html", page), init);
    return type === "opaqueredirect" || status === 401 || status === 403;
  } catch {
    return false;
  }
}

/** What a page of JupyterLab and the like knows of a hub; undefined on a page that is none. */
function hubOfPage(): boolean | undefined {
  const text = document.getElementById("jupyter-config-data")?.textContent;
  if (!text) return undefined;
  try {
    return Boolean((JSON.parse(text) as { hubPrefix?: string }).hubPrefix);
  } catch {
    return undefined;
  }
}

/** What scripts of packages fetch by themselves, as a guarded server wants it for the app's own files. */
export interface OwnRequests {
  fetch: typeof fetch;
  Worker: typeof Worker;
  XMLHttpRequest: typeof XMLHttpRequest;
}

/** `page` is the address of the app, relative addresses are those of the document. */
export function guardedRequests(page: URL, inner: Window & typeof globalThis): OwnRequests {
  const own = (address: string | URL): URL | null => {
    try {
      const url = new URL(address, inner.document.baseURI);
      return isBelow(url, page) ? url : null;
    } catch {
      return null;
    }
  };
  return {
    fetch: guardedFetch(inner, own),
    Worker: guardedWorker(inner, own),
    XMLHttpRequest: guardedXhr(inner, own),
  };
}

type Own = (address: string | URL) => URL | null;

function headersOf(url: URL | null): [name: string, value: string][] {
  return url ? Object.entries(ownHeaders(url)) : [];
}

function guardedFetch(inner: Window & typeof globalThis, own: Own): typeof fetch {
  const original = inner.fetch.bind(inner);
  return (input, init) => {
    const request = new inner.Request(input, init);
    const url = own(request.url);
    for (const [name, value] of headersOf(url)) request.headers.set(name, value);
    return original(request);
  };
}

function guardedXhr(inner: Window & typeof globalThis, own: Own): typeof XMLHttpRequest {
  return class extends inner.XMLHttpRequest {
    override open(method: string, url: string | URL, ...rest: [boolean?]): void {
      super.open(method, url, rest[0] ?? true, ...(rest.slice(1) as []));
      for (const [name, value] of headersOf(own(url))) this.setRequestHeader(name, value);
    }
  };
}

/** Scripts of workers are fetched as of the same origin only, which a hub refuses; what a worker imports is not. */
function guardedWorker(inner: Window & typeof globalThis, own: Own): typeof Worker {
  return class extends inner.Worker {
    constructor(address: string | URL, options: WorkerOptions = {}) {
      const url = own(address);
      if (!url) super(address, options);
      else {
        const code = options.type === "module" ? moduleWorker(url) : classicWorker(url);
        super(inner.URL.createObjectURL(new Blob([code], { type: "text/javascript" })), options);
      }
    }
  };
}

function classicWorker({ href }: URL): string {
  return `importScripts(${JSON.stringify(href)})`;
}

/** The module is a text of its own, so it can import nothing relative. Messages wait for it. */
function moduleWorker(address: URL): string {
  const { href } = address;
  const init = JSON.stringify({ headers: ownHeaders(address) });
  return `
const early = [];
const keep = (event) => { event.stopImmediatePropagation(); early.push(event); };
addEventListener("message", keep);
const response = await fetch(${JSON.stringify(href)}, ${init});
if (!response.ok) throw new Error(${JSON.stringify(href)} + ": " + response.status);
const blob = new Blob([await response.text()], { type: "text/javascript" });
await import(URL.createObjectURL(blob));
removeEventListener("message", keep);
for (const { data, ports } of early) dispatchEvent(new MessageEvent("message", { data, ports }));
`;
}
