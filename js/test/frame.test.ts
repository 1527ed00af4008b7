import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AppSpec } from "../src/app";
import { mountApp } from "../src/app";
import { framedSpec, mountFrame } from "../src/frame";
import type { Transport } from "../src/transports";
import "./view/setup";

class FakeTransport implements Transport {
  readonly kind = "comm";
  onopen = () => undefined;
  onframe: (frame: Uint8Array) => void = () => undefined;
  onclose = () => undefined;
  sent: Uint8Array[] = [];
  open(): void {}
  send(frame: Uint8Array<ArrayBuffer>): void {
    this.sent.push(frame);
  }
  close(): void {}
}

const transport = new FakeTransport();

function spec(part: Partial<AppSpec> = {}): AppSpec {
  const fetcher = { address: (path: string) => `https://hub/app/${path}`, fetch: vi.fn() };
  return {
    transports: [() => transport],
    fetcher,
    embed: "auto",
    view: { mode: "inline" },
    ...part,
  };
}

let host: HTMLElement;
beforeEach(() => {
  host = document.body.appendChild(document.createElement("div"));
});
afterEach(() => document.body.replaceChildren());

describe("an app", () => {
  const frames: string[] = [];
  const mount = vi.fn((_host: HTMLElement, _spec: AppSpec, reason: string) => {
    frames.push(reason);
    return { retry: vi.fn(), dispose: vi.fn(), snapshot: () => null };
  });
  beforeEach(() => {
    frames.length = 0;
  });

  const needsFrame = { trame__scripts: ["__trame_datagrid/g.js"] };

  it("is in the page's own document where nothing forbids it", () => {
    const mounted = mountApp(host, spec(), mount);
    expect(frames).toEqual([]);
    expect(host.shadowRoot?.querySelector(".jt-frame")).not.toBeNull();
    mounted.dispose();
    expect(host.attributes).toHaveLength(0);
  });

  it("is in a frame where it was asked for, or a known package needs one", () => {
    mountApp(host, spec({ embed: "frame" }), mount);
    mountApp(host, spec({ view: { mode: "inline", snapshot: needsFrame } }), mount);
    expect(frames).toEqual(["asked for", expect.stringContaining("datagrid")]);
    const view = { mode: "inline", snapshot: needsFrame } as const;
    mountApp(host, spec({ embed: "shadow", view }), mount).dispose();
    expect(frames).toHaveLength(2);
  });
});

describe("a frame", () => {
  it("is asked of no server, and goes with the view", () => {
    const mounted = mountFrame(host, spec({ view: { mode: "tab", title: "Mine" } }), "a reason");
    const frame = host.shadowRoot?.querySelector("iframe");
    expect(frame?.hasAttribute("src")).toBe(false);
    expect(frame?.srcdoc).toContain('<div id="app">');
    expect(frame?.title).toBe("Mine");
    expect(frame?.dataset.jupyterTrameFrame).toBe("a reason");
    expect(frame?.style.height).toBe("100%");
    expect(host.dataset.jupyterTrame).toBe("tab");
    mounted.dispose();
    expect(host.shadowRoot?.childNodes).toHaveLength(0);
    expect(host.attributes).toHaveLength(0);
  });

  it("gets bytes of its own document from the connections of the page", () => {
    const [make] = framedSpec(spec()).transports;
    const inner = make?.();
    const seen: Uint8Array[] = [];
    if (inner) inner.onframe = (frame) => seen.push(frame);
    const outer = new Uint8Array([0, 1, 2, 3]).subarray(1, 3);
    transport.onframe(outer);
    expect(seen).toEqual([new Uint8Array([1, 2])]);
    expect(seen[0]).not.toBe(outer);
    expect(framedSpec(spec()).embed).toBe("shadow");
  });
});
