import { afterEach, expect, it, vi } from "vitest";
import { loadClient } from "../src/load-client";
import { serveScripts } from "./scripts";

afterEach(() => vi.restoreAllMocks());

it("is loaded once a page, by whoever asks, and leaves nothing in it", async () => {
  const client = { mountAt: () => undefined };
  const asked = serveScripts(() => client);
  const before = Object.keys(window);
  const both = await Promise.all([
    loadClient("https://x/once.js"),
    loadClient("https://x/once.js"),
  ]);
  expect(both).toEqual([client, client]);
  expect(asked).toEqual(["https://x/once.js"]);
  expect(Object.keys(window)).toEqual(before);
  expect(document.querySelector("script")).toBeNull();
});

it("is tried again after a failure, be it a login page or a client of another kind", async () => {
  let client: unknown = null;
  const asked = serveScripts(() => client);
  await expect(loadClient("https://x/late.js")).rejects.toThrow("late.js could not be loaded");
  client = { mountAt: () => undefined };
  expect(await loadClient("https://x/late.js")).toBe(client);
  expect(asked).toHaveLength(2);
});
