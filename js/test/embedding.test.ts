import { afterEach, describe, expect, it, vi } from "vitest";
import { embeddedSocket } from "../src/embedding";

const embedder = window as unknown as Record<string, unknown>;

afterEach(() => {
  delete embedder.WSLINK;
  delete embedder.trameJupyter;
  vi.restoreAllMocks();
});

/** A page of another origin, as a script sees it. */
function foreign(members: Record<string, unknown> = {}): Window {
  const forbid = () => {
    throw new DOMException("Blocked a frame", "SecurityError");
  };
  return Object.defineProperty({ ...members }, "location", { get: forbid }) as unknown as Window;
}

describe("the socket of an embedding page", () => {
  it("is only looked for where it was asked for", async () => {
    embedder.WSLINK = { createWebSocket: vi.fn() };
    expect(await embeddedSocket("none")).toEqual({});
  });

  it("is that of the page, else that which its parent makes", async () => {
    const createWebSocket = vi.fn();
    const init = vi.fn(() => ({ createWebSocket }));
    embedder.trameJupyter = { init };
    (await embeddedSocket("object")).socket?.();
    expect(init).toHaveBeenCalledWith(window);
    expect(createWebSocket).toHaveBeenCalledWith("wss://proxy/");
    embedder.WSLINK = { createWebSocket };
    (await embeddedSocket("object")).socket?.();
    expect(init).toHaveBeenCalledTimes(1);
  });

  it("is none where nobody embeds the page", async () => {
    const { socket, refused } = await embeddedSocket("object");
    expect(socket).toBeUndefined();
    expect(refused).toContain("no page of http://localhost");
    expect((await embeddedSocket("port")).refused).toContain("wsChannel");
  });

  it("is never of a page of another origin", async () => {
    const init = vi.fn();
    vi.spyOn(window, "parent", "get").mockReturnValue(foreign({ trameJupyter: { init } }));
    embedder.opener = foreign();
    expect((await embeddedSocket("object")).socket).toBeUndefined();
    expect((await embeddedSocket("port")).socket).toBeUndefined();
    expect(init).not.toHaveBeenCalled();
    embedder.opener = null;
  });
});
