import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createApp, h, shallowRef } from "vue";
import { JtChart } from "../../../src/ui-chunks/chart/chart";
import { JtFailure } from "../../../src/view/ui/status";

// jsdom lays nothing out, and has no layer above the page.
HTMLElement.prototype.togglePopover ??= function (this: HTMLElement) {
  if (!this.isConnected) throw new DOMException("disconnected", "InvalidStateError");
  return false;
};
globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};

const bars = (more: object = {}) => ({
  $schema: "https://vega.github.io/schema/vega-lite/v6.4.1.json",
  data: { values: [{ word: "a", n: 2 }] },
  mark: { type: "bar", tooltip: true },
  encoding: { x: { field: "word", type: "nominal" }, y: { field: "n", type: "quantitative" } },
  ...more,
});

let end: (() => void) | undefined;
let root: HTMLElement;
beforeEach(() => {
  root = document.body.appendChild(document.createElement("div"));
});
afterEach(() => {
  end?.();
  root.remove();
});

function show(chart: object) {
  const spec = shallowRef(JSON.stringify(chart));
  const app = createApp({ render: () => h(JtChart, { spec: spec.value, label: "Words" }) });
  app.component("JtFailure", JtFailure);
  app.mount(root);
  end = () => app.unmount();
  return spec;
}
const drawn = () =>
  vi.waitFor(() => {
    const place = root.querySelector(".jt-chart-place:not(.jt-chart-next)");
    expect(place).not.toBeNull();
    return place as HTMLElement;
  });
const said = () =>
  vi.waitFor(() => {
    const text = root.querySelector("[role=alert]")?.textContent;
    expect(text).toBeTruthy();
    return text;
  });

describe("a chart", () => {
  it("is drawn in the view's colours, and says what it is", async () => {
    show(bars());
    const place = await drawn();
    const svg = place.querySelector("svg") as SVGElement;
    expect(svg.getAttribute("aria-label") ?? place.innerHTML).toContain("Words");
    expect(place.querySelector("[aria-label='word: a; n: 2']")).not.toBeNull();
    expect(place.innerHTML).toContain('fill="var(--jt-fg)"');
  });

  it("ends where its page has ended before", async () => {
    show(bars());
    await drawn();
    root.remove();
    expect(end).not.toThrow();
    end = undefined;
  });

  it("leaves its author's own words and colours as they are", async () => {
    show(bars({ description: "Mine", config: { axis: { titleColor: "#123456" } } }));
    const place = await drawn();
    expect(place.innerHTML).toContain("Mine");
    expect(place.innerHTML).not.toContain("Words");
    expect(place.innerHTML).toContain('fill="#123456"');
  });

  it("takes the place of the one before, and is the newest one", async () => {
    const spec = show(bars());
    await drawn();
    spec.value = JSON.stringify(bars({ title: "second" }));
    await Promise.resolve();
    spec.value = JSON.stringify(bars({ title: "third" }));
    await vi.waitFor(() => expect(root.textContent).toContain("third"));
    await vi.waitFor(() => expect(root.querySelectorAll(".jt-chart-place")).toHaveLength(1));
    expect(root.textContent).not.toContain("second");
  });

  it("says that it is none, or from where data did not come", async () => {
    const spec = show({ mark: "bar", encoding: 5, layer: 5 });
    expect(await said()).toContain("The chart cannot be drawn:");
    expect(root.querySelector(".jt-chart-place")).toBeNull();
    spec.value = JSON.stringify(bars({ data: { url: "javascript:alert(1)" } }));
    await vi.waitFor(async () =>
      expect(await said()).toBe("The data of this chart did not come from javascript:alert(1)."),
    );
    spec.value = JSON.stringify(bars());
    await vi.waitFor(() => expect(root.querySelector("[role=alert]")).toBeNull());
  });

  it("reads its expressions, and runs none as code of the page", async () => {
    const run = vi.spyOn(globalThis, "Function");
    show(bars({ transform: [{ calculate: "datum.n * 2", as: "n" }] }));
    const place = await drawn();
    expect(place.querySelector("[aria-label='word: a; n: 4']")).not.toBeNull();
    expect(run).not.toHaveBeenCalled();
    run.mockRestore();
  });
});
