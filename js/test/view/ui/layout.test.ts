import { afterEach, describe, expect, it } from "vitest";
import { mount, settled } from "../setup";

afterEach(() => document.body.replaceChildren());

const show = (template: string, state: Record<string, unknown> = {}) =>
  mount({ ...state, trame__template_main: `<JtApp>${template}</JtApp>` });

it("a sidebar stands beside all the rest", async () => {
  const { find } = await show("<p>one</p><JtSidebar><b>aside</b></JtSidebar><p>two</p>");
  expect(find(".jt-sidebar").textContent).toBe("aside");
  expect(find(".jt-main").textContent).toBe("onetwo");
});

it("an expander is open as it is told", async () => {
  const { find } = await show('<JtExpander title="More" open>text</JtExpander>');
  expect(find<HTMLDetailsElement>("details").open).toBe(true);
  expect(find("summary").textContent).toBe("More");
});

describe("tabs", () => {
  const TABS = `<JtTabs v-model="page"><JtTab title="A"><i>first</i></JtTab>
    <JtTab v-for="name in more" :title="name"><i>{{ name }}</i></JtTab></JtTabs>`;
  const STATE = { page: "", more: ["B", "C"] };
  const drawn = (root: ParentNode) =>
    Array.from(root.querySelectorAll("[role=tabpanel]"), (panel) => panel.textContent);

  it("show one panel, and draw each when it is first seen", async () => {
    const { root, connection } = await show(TABS, STATE);
    const tabs = root.querySelectorAll<HTMLElement>("[role=tab]");
    expect(Array.from(tabs, (tab) => tab.textContent)).toEqual(["A", "B", "C"]);
    expect(drawn(root)).toEqual(["first", "", ""]);
    tabs[2]?.click();
    await settled();
    expect(connection.writes).toEqual([{ page: "C" }]);
    expect(drawn(root)).toEqual(["first", "", "C"]);
    const hidden = Array.from(
      root.querySelectorAll<HTMLElement>("[role=tabpanel]"),
      (one) => one.hidden,
    );
    expect(hidden).toEqual([true, true, false]);
    expect(tabs[2]?.getAttribute("aria-selected")).toBe("true");
  });

  it("are gone through by keys, and the focus is in one place", async () => {
    const { root } = await show(TABS, STATE);
    const tabs = Array.from(root.querySelectorAll<HTMLElement>("[role=tab]"));
    const press = async (key: string) => {
      const from = (root.activeElement ?? tabs[0]) as HTMLElement;
      from.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      await settled();
      return root.activeElement?.textContent;
    };
    tabs[0]?.focus();
    expect(await press("ArrowLeft")).toBe("C");
    expect(await press("ArrowRight")).toBe("A");
    expect(await press("End")).toBe("C");
    expect(await press("Home")).toBe("A");
    expect(tabs.map((tab) => tab.tabIndex)).toEqual([0, -1, -1]);
  });

  it("need no key", async () => {
    const { root } = await show(
      '<JtTabs><JtTab title="A">a</JtTab><JtTab title="B">b</JtTab></JtTabs>',
    );
    root.querySelectorAll<HTMLElement>("[role=tab]")[1]?.click();
    await settled();
    expect(drawn(root)).toEqual(["a", "b"]);
  });
});
