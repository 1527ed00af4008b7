import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mountInline, prepareInline } from "../../src/client";
import type { ViewModel, ViewTraits } from "../../src/view/model";
import { settled } from "./setup";

const BASE = new URL("https://hub.example/user/me/");

class FakeModel {
  readonly sent: { jt: string }[] = [];
  readonly listeners = new Map<string, Set<(...args: never[]) => void>>();
  readonly traits: ViewTraits = {
    own_id: "m1",
    kernel_id: "k1",
    slug: "app",
    title: "App",
    template: "main",
    embed: "auto",
    version: "1",
    snapshot: { epoch: "e", seq: 1, state: { n: 1, trame__template_main: "<p>{{ n }}</p>" } },
  };
  get(name: string): unknown {
    return this.traits[name];
  }
  send(content: { jt: string }): void {
    this.sent.push(content);
  }
  on(event: string, listener: (...args: never[]) => void): void {
    const known = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, known.add(listener));
  }
  off(event: string, listener: (...args: never[]) => void): void {
    this.listeners.get(event)?.delete(listener);
  }
  get listening(): number {
    return [...this.listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }
}

const sockets: FakeSocket[] = [];
class FakeSocket {
  readonly url: string;
  binaryType = "";
  onopen = () => undefined;
  onclose: (event: { code: number; reason: string }) => void = () => undefined;
  constructor(url: string) {
    this.url = url;
    sockets.push(this);
  }
  send(): void {}
  close(): void {}
}

function show(base: URL | null) {
  const model = new FakeModel();
  const host = document.createElement("div");
  document.body.append(host);
  const view = mountInline(host, model as unknown as ViewModel, base);
  return { model, host, view, root: host.shadowRoot as ShadowRoot };
}

beforeEach(() => {
  sockets.length = 0;
  vi.stubGlobal("WebSocket", FakeSocket);
});
afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

describe("a view in a cell", () => {
  it("draws the snapshot while it connects to the socket beside the app's page", async () => {
    const { root, view } = show(BASE);
    await settled();
    expect(root.querySelector("p")?.textContent).toBe("1");
    expect(sockets.map(({ url }) => url)).toEqual(["wss://hub.example/user/me/trame/k1/app/ws"]);
    view.dispose();
  });

  it.each([
    ["before it is there", "auto", 2],
    ["but not for a frame, which asks itself", "frame", 0],
  ])("has the files of its packages fetched %s", async (_, embed, count) => {
    const asked: string[] = [];
    vi.stubGlobal("fetch", async (url: string) => {
      asked.push(url.replace(/.*\/app\//, ""));
      return new Response("");
    });
    const model = new FakeModel();
    model.traits.embed = embed;
    const packages = { trame__styles: ["p/a.css"], trame__scripts: ["p/a.js"] };
    model.traits.snapshot = { epoch: "e", seq: 1, state: packages };
    prepareInline(model as unknown as ViewModel, null);
    expect(asked).toEqual([]);
    prepareInline(model as unknown as ViewModel, BASE);
    expect(asked).toHaveLength(count);
    if (embed === "frame") return;
    const host = document.body.appendChild(document.createElement("div"));
    const view = mountInline(host, model as unknown as ViewModel, BASE);
    await settled();
    expect(asked).toEqual(["p/a.css", "p/a.js"]);
    expect(host.shadowRoot?.querySelector(".jt-root")?.childNodes).toHaveLength(0);
    view.dispose();
  });

  it("goes over the model's messages where there is no server", async () => {
    const { model, root, view } = show(null);
    await settled();
    expect(sockets).toEqual([]);
    expect(model.sent.map(({ jt }) => jt).slice(0, 2)).toEqual(["open", "frames"]);
    expect(root.querySelector(".jt-mark-open")).toBeNull();
    view.dispose();
    expect(model.listening).toBe(0);
  });

  it("goes over the model's messages where the socket is refused", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("blocked")));
    const { model, view } = show(BASE);
    sockets[0]?.onclose({ code: 1006, reason: "" });
    await vi.waitFor(() => expect(model.sent[0]?.jt).toBe("open"));
    view.dispose();
  });

  it("asks the lab for a tab, and opens the page where nobody answers", async () => {
    const { host, root, view, model } = show(BASE);
    const opened = vi.spyOn(window, "open").mockReturnValue(null);
    const details: unknown[] = [];
    const lab = (event: Event) => {
      details.push((event as CustomEvent).detail);
      event.preventDefault();
    };
    document.addEventListener("jupyter-trame:open", lab, { once: true });
    const button = root.querySelector<HTMLElement>(".jt-mark-open");
    button?.click();
    expect(details).toEqual([{ kernelId: "k1", slug: "app", title: "App", template: "main" }]);
    expect(opened).not.toHaveBeenCalled();
    model.traits.template = "side";
    button?.click();
    expect(String(opened.mock.calls[0]?.[0])).toBe(
      "https://hub.example/user/me/trame/k1/app/?ui=side",
    );
    view.dispose();
    expect(host.shadowRoot?.childNodes).toHaveLength(0);
  });
});
