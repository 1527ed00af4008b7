import { afterEach, expect, it, vi } from "vitest";
import { defineComponent, h } from "vue";
import { createApp } from "../../../src/view/guard/renderer";
import { CHUNKS, type Chunks } from "../../../src/view/ui/chunks";
import { lazy } from "../../../src/view/ui/lazy";
import { settled } from "../setup";

afterEach(() => vi.restoreAllMocks());

const JtPart = defineComponent({
  props: { text: { type: String, required: true } },
  emits: ["go"],
  setup:
    (props, { emit, slots }) =>
    () =>
      h("button", { onClick: () => emit("go") }, [props.text, slots.default?.()]),
});

async function show(load: Chunks["load"]) {
  const Late = lazy("parts", "JtPart");
  const heard = vi.fn();
  const app = createApp({
    render: () => h(Late, { text: "Press", onGo: heard }, { default: () => " me" }),
  });
  app.provide(CHUNKS, { load } as Chunks);
  const host = document.createElement("div");
  app.mount(host);
  const first = host.innerHTML;
  await settled();
  return { first, host, heard };
}

it("stands for a component of a chunk, with its attributes, events and content", async () => {
  const load = vi.fn(async () => ({ components: { JtPart } }));
  const { first, host, heard } = await show(load);
  expect(load.mock.calls).toEqual([["parts"]]);
  expect(first).toContain("aria-busy");
  expect(host.textContent).toBe("Press me");
  host.querySelector("button")?.click();
  expect(heard).toHaveBeenCalledOnce();
});

it("says in its place why there is none", async () => {
  const { host } = await show(() => Promise.reject(new Error("ui/parts.js: 404")));
  expect(host.querySelector("[role=alert]")?.textContent).toBe("ui/parts.js: 404");
});

it("says so where the chunk is of an older version, without it", async () => {
  const { host } = await show(async () => ({ components: {} }));
  expect(host.querySelector("[role=alert]")?.textContent).toMatch(/^This page is older than/);
});
