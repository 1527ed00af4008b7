import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Mounted, mountAt } from "../../src/client";
import { greeting, reply, requests } from "../peer";
import { settled } from "./setup";

const STATE = { trame__template_main: `<i @click="trigger('slow')">go</i>` };

let socket: FakeSocket;

/** A server that answers hello and the state, and no call. */
class FakeSocket {
  binaryType = "";
  onopen: () => void = () => undefined;
  onmessage: (event: { data: ArrayBuffer }) => void = () => undefined;
  onclose: (event: { code: number; reason: string }) => void = () => undefined;
  readonly methods: string[] = [];

  constructor() {
    socket = this;
    queueMicrotask(() => this.onopen());
  }

  send(frame: Uint8Array): void {
    for (const { id, method } of requests([frame])) {
      this.methods.push(method);
      if (method === "wslink.hello") this.#answer(greeting());
      if (method === "trame.state.get")
        this.#answer(reply(id, { name: "a", state: STATE }, ["e1", 1]));
    }
  }

  close(): void {}

  #answer(frame: Uint8Array<ArrayBuffer>): void {
    queueMicrotask(() => this.onmessage({ data: frame.buffer }));
  }
}

let logged: ReturnType<typeof vi.spyOn>;
const unhandled = vi.fn();

async function show(): Promise<{ mounted: Mounted; root: ShadowRoot }> {
  const host = document.createElement("div");
  document.body.append(host);
  const mounted = mountAt(host, { url: "ws://h/ws", mode: "tab" });
  const root = host.shadowRoot as ShadowRoot;
  await vi.waitFor(() => expect(root.querySelector("i")).toBeTruthy());
  root.querySelector<HTMLElement>("i")?.click();
  await vi.waitFor(() => expect(socket.methods).toContain("trame.trigger"));
  return { mounted, root };
}

beforeEach(() => {
  vi.stubGlobal("WebSocket", FakeSocket);
  logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  process.on("unhandledRejection", unhandled);
});
afterEach(() => {
  process.off("unhandledRejection", unhandled);
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  unhandled.mockReset();
  document.body.replaceChildren();
});

describe("a call that waits", () => {
  it.each([
    ["the view is disposed", (mounted: Mounted) => mounted.dispose()],
    ["the page goes", () => window.dispatchEvent(new PageTransitionEvent("pagehide"))],
  ])("ends silently when %s", async (_, leave) => {
    const { mounted, root } = await show();
    leave(mounted);
    root.querySelector<HTMLElement>("i")?.click();
    await settled();
    await new Promise((resolve) => setTimeout(resolve));
    expect(logged).not.toHaveBeenCalled();
    expect(unhandled).not.toHaveBeenCalled();
    expect(root.querySelector(".jt-error, .jt-notice")).toBeNull();
    mounted.dispose();
  });

  it("goes on in a page that may come back", async () => {
    const { mounted, root } = await show();
    window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
    root.querySelector<HTMLElement>("i")?.click();
    await vi.waitFor(() =>
      expect(socket.methods.filter((method) => method === "trame.trigger")).toHaveLength(2),
    );
    mounted.dispose();
  });

  it("is an error to see when the session was lost", async () => {
    const { mounted, root } = await show();
    socket.onclose({ code: 1013, reason: "too slow" });
    await vi.waitFor(() =>
      expect(root.querySelector(".jt-error-message")?.textContent).toContain("too slow"),
    );
    expect(logged).toHaveBeenCalledOnce();
    mounted.dispose();
  });
});
