import { afterEach, expect, it, vi } from "vitest";
import { embeddedSocket } from "../src/embedding";

const embedder = window as unknown as Record<string, unknown>;

afterEach(() => {
  delete embedder.WSLINK;
  delete embedder.trameJupyter;
});

it("is only looked for where the address asks for it", async () => {
  embedder.WSLINK = { createWebSocket: vi.fn() };
  expect(await embeddedSocket({})).toBeUndefined();
  expect(await embeddedSocket({ wsProxy: false })).toBeUndefined();
});

it("is that of the page, else that which its parent makes", async () => {
  const createWebSocket = vi.fn();
  const init = vi.fn(() => ({ createWebSocket }));
  embedder.trameJupyter = { init };
  (await embeddedSocket({ iframe: true }))?.();
  expect(init).toHaveBeenCalledWith(window);
  expect(createWebSocket).toHaveBeenCalledWith("wss://proxy/");
  embedder.WSLINK = { createWebSocket };
  (await embeddedSocket({ wsProxy: true }))?.();
  expect(init).toHaveBeenCalledTimes(1);
});

it("is a websocket of its own where nobody embeds the page", async () => {
  expect(await embeddedSocket({ wsProxy: true })).toBeUndefined();
});
