import { CLIENT, type ClientScript } from "../load-client";
import type { Chunk } from "../view/ui/chunks";

/** Leaves a chunk on the element of its script, where the client looks for it. To be called while the script runs. */
export function leaveChunk(chunk: Chunk): void {
  const script = document.currentScript as ClientScript | null;
  if (script) script[CLIENT] = chunk;
}
