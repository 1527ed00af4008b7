import { cleanAddress, readConfig, sessionAddress } from "./address";
import { mountAt } from "./client.js";
import { embeddedSocket } from "./embedding";

/**
 * The secret travels in the address once: it is neither in bookmarks nor in what the user shares.
 * A reload of this browser tab still knows it.
 */
function rememberSecret(given: unknown): string | undefined {
  const key = `jupyter-trame:secret:${location.pathname}`;
  if (given === undefined || given === null) return sessionStorage.getItem(key) ?? undefined;
  sessionStorage.setItem(key, String(given));
  return String(given);
}

const host = document.getElementById("app");
if (host) {
  const page = new URL(location.href);
  const { secret, ...config } = readConfig(page.search);
  // The secret is text, whatever it looks like.
  const text = secret === undefined ? undefined : page.searchParams.get("secret");
  const clean = cleanAddress(page, config);
  if (clean.href !== page.href) history.replaceState(history.state, "", clean);
  const template = typeof config.ui === "string" ? config.ui : undefined;
  mountAt(host, {
    url: sessionAddress(page, config),
    socket: await embeddedSocket(config),
    base: new URL("./", page).href,
    mode: "page",
    secret: rememberSecret(text),
    template,
    config,
  });
}
