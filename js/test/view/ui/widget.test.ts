import { afterEach, expect, it, vi } from "vitest";
import type { WidgetManager } from "../../../src/view/ui/widget";
import { mount, settled } from "../setup";

afterEach(() => document.body.replaceChildren());

const state = { trame__template_main: '<JtApp><JtWidget model="m" /></JtApp>' };

function managerWith(view: object): WidgetManager & { get_model: ReturnType<typeof vi.fn> } {
  return {
    get_model: vi.fn(async (id: string) => ({ id })),
    create_view: async () => ({
      el: document.createElement("b"),
      remove: () => undefined,
      ...view,
    }),
  };
}

it("is drawn in the page, told that it is there, and taken away with its part", async () => {
  const [processMessage, remove] = [vi.fn(), vi.fn()];
  const manager = managerWith({ luminoWidget: { processMessage }, remove });
  const { host, find, view } = await mount(state, { widgets: manager });
  await settled();
  expect(manager.get_model).toHaveBeenCalledWith("m");
  const box = host.querySelector("[slot]");
  expect(box?.innerHTML).toBe("<b></b>");
  expect(find("slot").getAttribute("name")).toBe(box?.slot);
  expect(processMessage).toHaveBeenCalledWith({ type: "after-attach" });
  host.remove();
  view.dispose();
  expect(processMessage).toHaveBeenLastCalledWith({ type: "after-detach" });
  expect(host.querySelector("[slot]")).toBeNull();
  expect(remove).toHaveBeenCalledOnce();
});

it("says where it is shown where nobody has the widgets of the page, and why it cannot be", async () => {
  const { find } = await mount(state);
  expect(find("[role=note]").textContent).toContain("in a cell");
  const manager = managerWith({});
  manager.get_model.mockRejectedValue(new Error("no such model"));
  const failed = await mount(state, { widgets: manager });
  await settled();
  expect(failed.find("[role=note]").textContent).toContain("no such model");
});
