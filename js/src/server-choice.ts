import type { Config } from "./address";

/** How far the address of a page may choose: whoever sends the page writes it there, see `readReach`. */
export type Reach = "beside" | "host";

export interface ServerChoice {
  /** The websocket. */
  url: string;
  /** What the page that embeds this one is asked for in its place. */
  embedding: "none" | "port" | "object";
  /** The parameters that stay. */
  config: Config;
  /** A sentence for each parameter that is not followed. */
  refused: string[];
}

const CHOOSING = ["sessionURL", "sessionManagerURL", "wsProxy", "wsChannel", "iframe"] as const;

/** What the page says of itself; one that says nothing has the server beside it, as any page under Jupyter. */
export function readReach({ documentElement }: Document): Reach {
  return documentElement.dataset.server === "host" ? "host" : "beside";
}

/**
 * Whom a page talks to. Everybody can make a link, so its parameters lead nowhere but to the server that sent
 * the page: to the socket beside it, or with the reach "host" to any socket of its very host and port.
 */
export function chooseServer(page: URL, parameters: Config, reach: Reach): ServerChoice {
  const own = besidePage(page);
  const refused = new Map<string, string>();
  const given = CHOOSING.filter((name) => isGiven(parameters[name]));
  let url = own;
  for (const name of given) {
    const value = parameters[name];
    const named = name === "sessionURL" && reach === "host" ? onOwnHost(String(value), page) : null;
    if (named) url = named;
    else if (name === "sessionManagerURL" || name === "sessionURL" || reach === "beside") {
      refused.set(name, `The parameter ${name} is not followed: this page talks to ${own} only.`);
    }
  }
  const embedding = reach === "host" ? embeddingOf(parameters) : "none";
  const kept = Object.entries(parameters).filter(([name]) => !refused.has(name));
  return {
    url: url.href,
    embedding,
    config: Object.fromEntries(kept),
    refused: [...refused.values()],
  };
}

/** `ws` beside the page, under whatever prefix that is. */
function besidePage(page: URL): URL {
  const url = new URL("ws", page);
  url.protocol = page.protocol === "https:" ? "wss:" : "ws:";
  for (const part of ["username", "password", "search", "hash"] as const) url[part] = "";
  return url;
}

/** The socket that `text` names, with trame's words for the page's host; null where it is of another one. */
function onOwnHost(text: string, page: URL): URL | null {
  const placed = text.replace(/USE_HOSTNAME/gi, page.hostname).replace(/USE_HOST/gi, page.host);
  const own = besidePage(page);
  try {
    const url = new URL(placed, page);
    url.protocol = url.protocol.replace(/^http/, "ws");
    url.hash = "";
    const fits = url.protocol === own.protocol && url.host === own.host && own.host !== "";
    return fits && !url.username && !url.password ? url : null;
  } catch {
    return null;
  }
}

function embeddingOf({ wsChannel, wsProxy, iframe }: Config): ServerChoice["embedding"] {
  if (isGiven(wsChannel)) return "port";
  return isGiven(wsProxy) || isGiven(iframe) ? "object" : "none";
}

function isGiven(value: unknown): boolean {
  return Boolean(value);
}
