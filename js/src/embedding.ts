import type { ServerChoice } from "./server-choice";
import { type EmbeddedSocket, portSocket, receivePort } from "./transports/embedded";

/** What trame's clients agree on with pages that embed them. */
interface Sockets {
  createWebSocket(url: string): EmbeddedSocket;
}

interface Embedder {
  WSLINK?: Sockets;
  trameJupyter?: { init(page: Window): Sockets };
}

export interface Embedding {
  socket?: () => EmbeddedSocket;
  /** Why there is none, although the address asks for one. */
  refused?: string;
}

const ADDRESS = "wss://proxy/";

/** The socket that the embedding page has for this one; a page of another origin is not asked. */
export async function embeddedSocket(kind: ServerChoice["embedding"]): Promise<Embedding> {
  if (kind === "none") return {};
  if (kind === "port") {
    const embedders = [window.parent, window.opener].filter((other) => other !== window);
    const trusted = embedders.filter(isOfOurOrigin);
    if (trusted.length === 0) return { refused: refusal("wsChannel") };
    const port = await receivePort(window, location.origin, trusted);
    return { socket: () => portSocket(port) };
  }
  const sockets = (window as Embedder).WSLINK ?? fromParent();
  if (!sockets) return { refused: refusal("wsProxy") };
  return { socket: () => sockets.createWebSocket(ADDRESS) };
}

function fromParent(): Sockets | undefined {
  const { parent } = window;
  // Asked first: names of frames can be read across origins, so one may look like what is searched.
  return isOfOurOrigin(parent) ? (parent as Embedder).trameJupyter?.init(window) : undefined;
}

function isOfOurOrigin(other: Window | null): other is Window {
  try {
    return other?.location.origin === location.origin && location.origin !== "null";
  } catch {
    // Browsers let nobody look into a page of another origin.
    return false;
  }
}

function refusal(name: string): string {
  return `The parameter ${name} is not followed: no page of ${location.origin} embeds this one.`;
}
