import { cleanAddress, readConfig } from "./address";
import { mountAt } from "./client.js";
import { embeddedSocket } from "./embedding";
import { rememberSecret } from "./secret";
import { chooseServer, readReach } from "./server-choice";

const host = document.getElementById("app");
if (host) {
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
  const place = { page, socket: new URL(url), storage: sessionStorage };
  mountAt(host, {
    url,
    socket: embedded.socket,
    base: new URL("./", page).href,
    mode: "page",
    secret: reach === "host" ? rememberSecret(given, place) : undefined,
    template: typeof config.ui === "string" ? config.ui : undefined,
    config,
  });
}
