import type { Config } from "./address";
import { type EmbeddedSocket, portSocket, receivePort } from "./transports/embedded";

/** What trame's clients agree on with pages that embed them. */
interface Sockets {
  createWebSocket(url: string): EmbeddedSocket;
}

interface Embedder {
  WSLINK?: Sockets;
  trameJupyter?: { init(page: Window): Sockets };
}

const ADDRESS = "wss://proxy/";

/** The socket that the embedding page has for this one, where the address asks for it (`wsChannel`, `wsProxy`, `iframe`). */
export async function embeddedSocket(config: Config): Promise<(() => EmbeddedSocket) | undefined> {
  if (config.wsChannel) {
    const port = await receivePort(window);
    return () => portSocket(port);
  }
  if (!config.wsProxy && !config.iframe) return undefined;
  const sockets = (window as Embedder).WSLINK ?? fromParent();
  return sockets && (() => sockets.createWebSocket(ADDRESS));
}

function fromParent(): Sockets | undefined {
  try {
    return (window.parent as Embedder).trameJupyter?.init(window);
  } catch {
    // A page of another origin is not to be looked into.
    return undefined;
  }
}
