import { cleanAddress, readConfig } from "./address";
import type { mountAt } from "./client";
import { embeddedSocket } from "./embedding";
import { loadClient } from "./load-client";
import { rememberSecret } from "./secret";
import { chooseServer, readReach } from "./server-choice";

interface Client {
  mountAt: typeof mountAt;
}

const FAILED =
  "The code of the page could not be loaded. Are you still signed in? Reload the page.";

async function show(host: HTMLElement, loading: Promise<Client>): Promise<void> {
  const page = new URL(location.href);
  const { secret, ...parameters } = readConfig(page.search);
  const clean = cleanAddress(page, parameters);
  if (clean.href !== page.href) history.replaceState(history.state, "", clean);
  const reach = readReach(document);
  const { url, embedding, config, refused } = chooseServer(page, parameters, reach);
  const embedded = await embeddedSocket(embedding);
  for (const sentence of [...refused, embedded.refused ?? []].flat()) {
    console.warn(`jupyter_trame: ${sentence}`);
  }
  // The secret is text, whatever it looks like; under Jupyter the user is known without one.
  const given = secret === undefined || secret === null ? null : page.searchParams.get("secret");
  const place = { page, socket: new URL(url), storage: () => sessionStorage };
  const client = await loading;
  client.mountAt(host, {
    url,
    socket: embedded.socket,
    base: new URL("./", page).href,
    mode: "page",
    secret: reach === "host" ? rememberSecret(given, place) : undefined,
    inKernel: reach !== "host",
    template: typeof config.ui === "string" ? config.ui : undefined,
    config,
  });
}

const { src } = document.currentScript as HTMLScriptElement;
const host = document.getElementById("app");
if (host) {
  show(host, loadClient<Client>(new URL("client.js", src).href)).catch((error) => {
    console.error("jupyter_trame:", error);
    host.textContent = FAILED;
  });
}
