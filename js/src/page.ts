import { mountAt } from "./client.js";

/**
 * The secret travels in the address once: it is neither in bookmarks nor in what the user shares.
 * A reload of this browser tab still knows it.
 */
function takeSecret(): string | undefined {
  const address = new URL(location.href);
  const key = `jupyter-trame:secret:${address.pathname}`;
  const given = address.searchParams.get("secret");
  if (given === null) return sessionStorage.getItem(key) ?? undefined;
  sessionStorage.setItem(key, given);
  address.searchParams.delete("secret");
  history.replaceState(history.state, "", address);
  return given;
}

/** The socket lies beside the page, under whatever prefix that is. */
function socketUrl(): URL {
  const url = new URL("ws", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url;
}

const host = document.getElementById("app");
if (host) {
  const config = Object.fromEntries(new URLSearchParams(location.search));
  delete config.secret;
  mountAt(host, {
    url: socketUrl().href,
    mode: "page",
    secret: takeSecret(),
    template: config.ui,
    config,
  });
}
