import { vi } from "vitest";
import { CLIENT, type ClientScript } from "../src/load-client";

/**
 * What scripts leave on their elements, in the place of a server: `answer` is asked with the address, null stands
 * for a script that is not there. Gives the addresses that were asked for.
 */
export function serveScripts(answer: (address: string) => unknown): string[] {
  const asked: string[] = [];
  vi.spyOn(document.head, "append").mockImplementation((script) => {
    const { src } = script as ClientScript;
    asked.push(src);
    const client = answer(src);
    queueMicrotask(() => {
      if (client) (script as ClientScript)[CLIENT] = client;
      (script as ClientScript).dispatchEvent(new Event(client ? "load" : "error"));
    });
  });
  return asked;
}
