import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mount, settled } from "../setup";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

describe("an app that cannot be drawn", () => {
  it("has no interface yet, until it has one", async () => {
    const { find, root, connection } = await mount({ n: 1 });
    vi.advanceTimersByTime(500);
    expect(find(".jt-waiting").textContent).toContain("This app has no interface yet.");
    expect(find(".jt-waiting").hidden).toBe(false);
    connection.push({ trame__template_main: "<b>here</b>" });
    await settled();
    expect(root.querySelector(".jt-waiting")).toBeNull();
    expect(find("b").textContent).toBe("here");
  });

  it("lacks a template, and says which ones it has", async () => {
    const state = { trame__template_main: "<b/>", trame__template_side: "<i/>" };
    const { find } = await mount(state, { template: "nope" });
    vi.advanceTimersByTime(500);
    expect(find(".jt-waiting").textContent).toContain('This app has no template "nope".');
    expect(find(".jt-waiting").textContent).toContain('It has "main", "side".');
  });

  it("says nothing of the kind where the name is only written otherwise", async () => {
    const { root } = await mount({ trame__template_a_b: "<b/>" }, { template: "a-b" });
    vi.advanceTimersByTime(500);
    expect(root.querySelector(".jt-waiting")).toBeNull();
  });

  it("is for another client: one line, with the way to its page", async () => {
    const state = { trame__client_type: "react", trame__template_main: { tag: "div" } };
    const page = new URL("http://here/trame/k/app/");
    const { find, root } = await mount(state, { page: () => page });
    expect(find(".jt-elsewhere").textContent).toContain("React client, which needs a page");
    expect(find(".jt-elsewhere-open").getAttribute("href")).toBe(page.href);
    expect(root.querySelector(".jt-waiting, .jt-error")).toBeNull();
  });

  it("says where such a page is missing", async () => {
    const { find, root } = await mount({
      trame__client_type: "vue2",
      trame__template_main: "<b/>",
    });
    expect(find(".jt-elsewhere").textContent).toContain("extension");
    expect(root.querySelector(".jt-elsewhere-open, b")).toBeNull();
  });

  it("shows where a template is wrong", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { find } = await mount({ trame__template_main: "<p>\n{{ a + }}</p>" });
    expect(find(".jt-failed").textContent).toContain('The template "main" cannot be drawn.');
    expect(find(".jt-error-where").textContent).toBe('template "main"');
    expect(find(".jt-error-message").textContent).toContain('line 2: {{ }} "a +"');
  });
});
