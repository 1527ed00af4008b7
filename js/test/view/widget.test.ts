import { afterEach, describe, expect, it, vi } from "vitest";
import type { ViewModel } from "../../src/view/model";
import widget from "../../src/widget";
import { serveScripts } from "../scripts";

const CODE = "the code of the client";
const CLIENT = {
  mountInline(host: HTMLElement, _model: unknown, base: URL | null) {
    host.textContent = `mounted ${base}`;
    return {
      dispose() {
        host.textContent = "gone";
      },
    };
  },
  prepareInline(model: { prepared: boolean }) {
    model.prepared = true;
  },
};

/** What the kernel sent has an address of its own. */
function blobsAreScripts(): void {
  URL.createObjectURL = vi.fn(() => `blob:${crypto.randomUUID()}`);
  serveScripts((address) => (address.startsWith("blob:") ? CLIENT : null));
}

class FakeModel {
  prepared = false;
  readonly requests: { jt: string; view: string }[] = [];
  readonly #listeners = new Set<(content: unknown) => void>();
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
  on(_event: string, listener: (content: unknown) => void): void {
    this.#listeners.add(listener);
  }
  off(_event: string, listener: (content: unknown) => void): void {
    this.#listeners.delete(listener);
  }
  answer(view = this.requests[0]?.view): void {
    for (const listener of [...this.#listeners]) listener({ jt: "bundle", view, code: CODE });
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
  it("takes nothing from a widget of a saved notebook that loads its client in another way", async () => {
    blobsAreScripts();
    const nothing = Promise.resolve({ client: {}, base: null });
    Object.assign(window, {
      [Symbol.for("jupyter-trame.client")]: { bundles: new Map([["older", nothing]]) },
    });
    const model = new FakeModel("older");
    const { el, cleanup } = render(model);
    await vi.waitFor(() => expect(model.requests).toHaveLength(1));
    model.answer();
    await cleanup;
    expect(el.textContent).toBe("mounted null");
  });

  it("gets the bundle from the kernel once a page, where no server has it", async () => {
    blobsAreScripts();
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
    blobsAreScripts();
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
    let there = false;
    serveScripts(() => (there ? CLIENT : null));
    const model = new FakeModel("ahead");
    const initialize = () => widget.initialize({ model: model as unknown as ViewModel });
    initialize();
    document.body.dataset.baseUrl = "/ahead/";
    initialize();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(model.prepared).toBe(false);
    there = true;
    initialize();
    await vi.waitFor(() => expect(model.prepared).toBe(true));
    delete document.body.dataset.baseUrl;
    expect(model.requests).toHaveLength(0);
  });

  it("keeps no host waiting that gives a model two seconds, whatever answers", () => {
    document.body.dataset.baseUrl = "/silent/";
    const appended = vi.spyOn(document.head, "append").mockImplementation(() => undefined);
    const model = new FakeModel("silent");
    expect(widget.initialize({ model: model as unknown as ViewModel })).toBeUndefined();
    expect(appended).toHaveBeenCalledTimes(1);
    appended.mockRestore();
    delete document.body.dataset.baseUrl;
  });

  it.each([
    ["asks the server", [{ name: "jupyter-trame" }], 1],
    ["asks the server, if the page does not say", undefined, 1],
    ["does not ask a server", [{ name: "other" }], 0],
  ])("%s that has installed %j", async (_, federated_extensions, requests) => {
    const config = document.createElement("script");
    config.type = "application/json";
    config.id = "jupyter-config-data";
    config.textContent = JSON.stringify({ baseUrl: "/base/", federated_extensions });
    document.head.prepend(config);
    const asked = serveScripts(() => null);
    const model = new FakeModel(JSON.stringify(federated_extensions ?? ""));
    render(model);
    await vi.waitFor(() => expect(model.requests).toHaveLength(1));
    config.remove();
    expect(asked).toEqual(Array(requests).fill(`${location.origin}/base/trame/static/client.js`));
  });
});
