import { afterEach, expect, it } from "vitest";
import { followTheme } from "../../src/narvi-monitor/theme";

afterEach(() => delete document.documentElement.dataset.theme);

it("follows the lab around it", async () => {
  const lab = document.implementation.createHTMLDocument();
  lab.body.dataset.jpThemeLight = "false";
  lab.body.style.setProperty("--jp-layout-color0", "#123");
  const page = document.documentElement;
  followTheme(page, { document: lab } as unknown as Window);
  expect(page.dataset.theme).toBe("dark");
  expect(page.style.getPropertyValue("--bg")).toBe("#123");
  lab.body.dataset.jpThemeLight = "true";
  await expect.poll(() => page.dataset.theme).toBe("light");
  delete lab.body.dataset.jpThemeLight;
  await expect.poll(() => page.dataset.theme).toBeUndefined();
  expect(page.style.getPropertyValue("--bg")).toBe("");
});

it("asks nobody where it is a page of its own, or in a page of somebody else", () => {
  const page = document.documentElement;
  followTheme(page);
  const foreign = {
    get document(): Document {
      throw new DOMException("cross-origin", "SecurityError");
    },
  };
  followTheme(page, foreign as unknown as Window);
  expect(page.dataset.theme).toBeUndefined();
});
