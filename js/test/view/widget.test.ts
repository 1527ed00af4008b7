import { afterEach, describe, expect, it, vi } from "vitest";
import type { ViewModel } from "../../src/view/model";
import widget from "../../src/widget";

const CODE = `export const mountInline = (host, model, base) => {
  host.textContent = "mounted " + base;
  return { dispose() { host.textContent = "gone"; } };
};
export const prepareInline = (model) => { model.prepared = true; };`;

class FakeModel {
  prepared = false;
  readonly requests: { jt: string; view: string }[] = [];
  readonly #listeners = new Set<(content: unknown, buffers: DataView[]) => void>();
  readonly #version: string;
  constructor(version: string) {
    this.#version = version;
  }
  get(): string {
    return this.#version;
  }
  send(content: { jt: string; view: string }): void {
    this.requests.push(content);
  }
  on(_event: string, listener: (content: unknown, buffers: DataView[]) => void): void {
    this.#listeners.add(listener);
  }
  off(_event: string, listener: (content: unknown, buffers: DataView[]) => void): void {
    this.#listeners.delete(listener);
  }
  answer(view = this.requests[0]?.view): void {
    const code = new DataView(new TextEncoder().encode(CODE).buffer);
    for (const listener of [...this.#listeners]) listener({ jt: "bundle", view }, [code]);
  }
  get listening(): number {
    return this.#listeners.size;
  }
}

function render(model: FakeModel) {
  const el = document.createElement("div");
  const cleanup = widget.render({ model: model as unknown as ViewModel, el });
  return { el, cleanup };
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("the widget's loader", () => {
  it("gets the bundle from the kernel once a page, where no server has it", async () => {
    URL.revokeObjectURL = vi.fn();
    URL.createObjectURL = vi.fn(() => `data:text/javascript,${encodeURIComponent(CODE)}`);
    const model = new FakeModel("over-comm");
    const [first, second] = [render(model), render(model)];
    await vi.waitFor(() => expect(model.requests).toHaveLength(1));
    model.answer("another page's");
    expect(model.listening).toBe(1);
    model.answer();
    const clean = await first.cleanup;
    await second.cleanup;
    expect(first.el.textContent).toBe("mounted null");
    expect(second.el.textContent).toBe("mounted null");
    expect(model.requests).toHaveLength(1);
    expect(model.listening).toBe(0);
    clean();
    expect(first.el.childNodes).toHaveLength(0);
  });

  it("says what it waits for, and why it gave up; the next view tries again", async () => {
    vi.useFakeTimers();
    const model = new FakeModel("silent");
    const { el, cleanup } = render(model);
    await vi.advanceTimersByTimeAsync(2000);
    expect(el.textContent).toContain("Loading the code");
    await vi.advanceTimersByTimeAsync(30_000);
    await cleanup;
    expect(el.textContent).toContain("the kernel does not answer");
    render(model);
    await vi.advanceTimersByTimeAsync(1);
    expect(model.requests).toHaveLength(2);
  });

  it("asks its own kernel where another view's has not answered", async () => {
    vi.useFakeTimers();
    URL.revokeObjectURL = vi.fn();
    URL.createObjectURL = vi.fn(() => `data:text/javascript,${encodeURIComponent(CODE)}`);
    const [gone, alive] = [new FakeModel("shared"), new FakeModel("shared")];
    const [first, second] = [render(gone), render(alive)];
    await vi.advanceTimersByTimeAsync(30_001);
    await first.cleanup;
    alive.answer();
    await second.cleanup;
    expect(first.el.textContent).toContain("could not be loaded");
    expect(second.el.textContent).toBe("mounted null");
  });

  it("prepares a view ahead of it where a server has the bundle, and asks no kernel for that", async () => {
    const RealURL = URL;
    let code = "throw new Error('404')";
    class ServedURL extends RealURL {
      override get href(): string {
        return `data:text/javascript,${encodeURIComponent(code)}`;
      }
    }
    const model = new FakeModel("ahead");
    const initialize = () => widget.initialize({ model: model as unknown as ViewModel });
    initialize();
    vi.stubGlobal("URL", ServedURL);
    document.body.dataset.baseUrl = "/base/";
    initialize();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(model.prepared).toBe(false);
    code = CODE;
    initialize();
    await vi.waitFor(() => expect(model.prepared).toBe(true));
    vi.unstubAllGlobals();
    delete document.body.dataset.baseUrl;
    expect(model.requests).toHaveLength(0);
  });

  it.each([
    ["asks the server", [{ name: "jupyter-trame" }], 1],
    ["asks the server, if the page does not say", undefined, 1],
    ["does not ask a server", [{ name: "other" }], 0],
  ])("%s that has installed %j", async (_, federated_extensions, requests) => {
    const asked: string[] = [];
    const RealURL = URL;
    class WatchedURL extends RealURL {
      constructor(url: string | URL, base?: string | URL) {
        super(url, base);
        if (this.pathname.endsWith("client.js")) asked.push(this.href);
      }
    }
    vi.stubGlobal("URL", WatchedURL);
    const config = document.createElement("script");
    config.type = "application/json";
    config.id = "jupyter-config-data";
    config.textContent = JSON.stringify({ baseUrl: "/base/", federated_extensions });
    document.head.append(config);
    const model = new FakeModel(JSON.stringify(federated_extensions ?? ""));
    render(model);
    await vi.waitFor(() => expect(model.requests).toHaveLength(1));
    config.remove();
    vi.unstubAllGlobals();
    expect(asked).toEqual(Array(requests).fill(`${location.origin}/base/trame/static/client.js`));
  });
});
