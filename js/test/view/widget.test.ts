import { afterEach, describe, expect, it, vi } from "vitest";
import type { ViewModel } from "../../src/view/model";
import widget from "../../src/widget";

const CODE = `export const mountInline = (host, model, base) => {
  host.textContent = "mounted " + base;
  return { dispose() { host.textContent = "gone"; } };
};`;

class FakeModel {
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
});
