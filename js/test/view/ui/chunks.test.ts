import { afterEach, expect, it, vi } from "vitest";
import * as vue from "vue";
import { defineComponent, h } from "vue";
import type { Shell } from "../../../src/view/shell/shadow";
import { besideClient, type Chunk, Chunks } from "../../../src/view/ui/chunks";
import { serveScripts } from "../../scripts";

afterEach(() => vi.restoreAllMocks());

function view(fetch = vi.fn(async (_path: string) => new Uint8Array([1]))) {
  const sheets: string[] = [];
  const shell = { styles: { addOwn: (css: string) => sheets.push(css) } } as unknown as Shell;
  return { fetch, sheets, chunks: new Chunks(shell, fetch) };
}

function chunk(css?: string): Chunk {
  const JtPart = defineComponent({ render: () => h("b", "part") });
  return { components: { JtPart }, ...(css && { css }) };
}

it("lies beside the client, of the same version", () => {
  expect(besideClient("table", "https://x/trame/static/client.js?v=2")).toBe(
    "https://x/trame/static/ui/table.js?v=2",
  );
  expect(besideClient("table", "blob:https://x/1-2-3")).toBeNull();
  expect(besideClient("table", "")).toBeNull();
});

it("comes from the app where the client has no address, once a page, with its styles in each view", async () => {
  const part = chunk(".part {}");
  const asked = serveScripts(() => part);
  const [one, two] = [view(), view()];
  expect(await Promise.all([one.chunks.load("one"), two.chunks.load("one")])).toEqual([part, part]);
  expect(one.fetch.mock.calls).toEqual([["__jupyter_trame_ui/one.js"]]);
  expect(two.fetch).not.toHaveBeenCalled();
  expect(asked).toEqual([expect.stringMatching(/^blob:/)]);
  expect([one.sheets, two.sheets]).toEqual([[".part {}"], [".part {}"]]);
});

it("is given the Vue of the client", async () => {
  const scripts: HTMLScriptElement[] = [];
  serveScripts(() => chunk());
  const append = vi.mocked(document.head.append).getMockImplementation();
  vi.mocked(document.head.append).mockImplementation((script) => {
    scripts.push(script as HTMLScriptElement);
    append?.(script);
  });
  await view().chunks.load("given");
  expect(scripts).toEqual([expect.objectContaining({ jupyterTrameVue: vue })]);
});

it("is asked for again after a failure", async () => {
  serveScripts(() => chunk());
  const { chunks, fetch } = view();
  fetch.mockRejectedValueOnce(new Error("ui/late.js: the kernel does not answer"));
  await expect(chunks.load("late")).rejects.toThrow("the kernel does not answer");
  expect((await chunks.load("late")).components).toHaveProperty("JtPart");
});
