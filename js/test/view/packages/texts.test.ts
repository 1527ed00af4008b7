import { afterEach, expect, it, vi } from "vitest";
import { HttpFetcher } from "../../../src/view/packages";
import { PackageTexts } from "../../../src/view/packages/texts";

const PAGE = new URL("https://hub.example/trame/k/app/");

function serve(files: Record<string, string>): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url.slice(PAGE.href.length));
    const text = files[url.slice(PAGE.href.length)];
    return text === undefined ? new Response("", { status: 404 }) : new Response(text);
  });
  return asked;
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it("are taken by the first one who has the same fetcher, in the form for a shadow root", async () => {
  const asked = serve({ "p/a.js": "1", "p/a.css": "a{top:1rem;b:url(x.png)}" });
  const fetcher = new HttpFetcher(PAGE);
  const early = new PackageTexts(fetcher);
  for (const _ of "again") early.fetch("script", "p/a.js");
  early.fetch("style", "p/a.css");
  early.fetch("module", "p/m.js");
  expect(asked).toEqual(["p/a.js", "p/a.css"]);
  const texts = new PackageTexts(fetcher);
  expect(await texts.take("script", "p/a.js")).toBe("1");
  expect(await texts.take("style", "p/a.css")).toBe(
    `a{top:calc(1 * var(--jt-rem, 16px));b:url("${PAGE.href}p/x.png")}`,
  );
  expect(asked).toHaveLength(2);
  expect(await texts.take("script", "p/a.js")).toBe("1");
  expect(asked).toHaveLength(3);
});

it("are asked for again if they failed", async () => {
  const files: Record<string, string> = {};
  serve(files);
  const texts = new PackageTexts(new HttpFetcher(PAGE));
  texts.fetch("script", "p/a.js");
  await Promise.resolve();
  files["p/a.js"] = "2";
  expect(await texts.take("script", "p/a.js")).toBe("2");
  await expect(texts.take("script", "p/b.js")).rejects.toThrow("404");
});

it("are given up if nobody takes them", async () => {
  vi.useFakeTimers();
  const asked = serve({ "p/a.js": "1" });
  const texts = new PackageTexts(new HttpFetcher(PAGE));
  texts.fetch("script", "p/a.js");
  await vi.advanceTimersByTimeAsync(31_000);
  await texts.take("script", "p/a.js");
  expect(asked).toHaveLength(2);
});
