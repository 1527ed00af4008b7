import { isBelow, ownHeaders } from "../transports/own-request";

const DONE = Symbol.for("jupyter-trame.narvi.requests");

/**
 * Gives the requests of the page's own scripts for addresses below `app` the token that a Jupyter server asks for where
 * something is written, and a hub always: pages that were written for narvi know nothing of it. Other servers set no
 * such token, and no other address is told it.
 */
export function carryToken(app: URL, page: typeof globalThis = globalThis): void {
  const marked = page as { [DONE]?: boolean };
  if (marked[DONE]) return;
  marked[DONE] = true;
  const headersFor = (address: string | URL): [name: string, value: string][] => {
    const url = URL.canParse(String(address), app.href) && new URL(address, app);
    return url && isBelow(url, app) ? Object.entries(ownHeaders(url)) : [];
  };
  const { fetch } = page;
  page.fetch = (input, init) => {
    const request = input instanceof Request ? input : undefined;
    const own = headersFor(request?.url ?? (input as string | URL));
    if (own.length === 0) return fetch(input, init);
    const headers = new Headers(init?.headers ?? request?.headers);
    for (const [name, value] of own) headers.set(name, value);
    return fetch(input, { ...init, headers });
  };
  const { open } = page.XMLHttpRequest.prototype;
  page.XMLHttpRequest.prototype.open = function (...args: unknown[]) {
    open.apply(this, args as Parameters<typeof open>);
    for (const own of headersFor(args[1] as string | URL)) this.setRequestHeader(...own);
  };
}
