import "./view/setup";
import { afterEach, expect, it, vi } from "vitest";
import { rehearse } from "../src/rehearsal";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("draws an app, and leaves nothing of it", async () => {
  const attach = vi.spyOn(Element.prototype, "attachShadow");
  let drawn: number[] = [];
  vi.stubGlobal("requestAnimationFrame", (call: () => void) => {
    setTimeout(() => {
      const root = attach.mock.results[0]?.value as ShadowRoot;
      drawn = ["p", "input"].map((name) => root.querySelectorAll(name).length);
      call();
    });
  });
  const fetched = vi.spyOn(globalThis, "fetch");
  const before = document.body.innerHTML;
  await rehearse();
  expect(drawn).toEqual([2, 1]);
  expect(document.body.innerHTML).toBe(before);
  expect(fetched).not.toHaveBeenCalled();
});
