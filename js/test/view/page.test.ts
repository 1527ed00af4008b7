import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";

const FOLDER = resolve(import.meta.dirname, "../../page");
const text = (name: string) => readFileSync(resolve(FOLDER, name), "utf8");

it("a strict content policy lets everything of the page through", () => {
  const page = new DOMParser().parseFromString(text("index.html"), "text/html");
  expect(page.querySelector("style, [style], script:not([src])")).toBeNull();
  const files = [...page.querySelectorAll("script, link[rel=stylesheet]")].map(
    (element) => element.getAttribute("src") ?? element.getAttribute("href"),
  );
  // The extension puts the address of its folder in the place of the dot.
  expect(files).toEqual(["./page.css", "./page.js"]);
  // Not a module: a hub sends the request of one to its login.
  expect(page.querySelector("script")?.getAttribute("type")).toBeNull();
  expect(page.querySelector("link[rel=preload]")?.getAttribute("href")).toBe("./client.js");
  // Before the script, so that nothing is drawn without it.
  expect(page.head.querySelector("link[rel=stylesheet]")).not.toBeNull();
  expect(text("page.css")).toContain("#app");
});
