import { afterEach, expect, it, vi } from "vitest";
import { followHeight } from "../../../src/view/shell/own-height";
import { mount } from "../setup";

afterEach(() => document.body.replaceChildren());

function element(clientHeight: () => number): HTMLElement {
  const made = document.body.appendChild(document.createElement("div"));
  Object.defineProperty(made, "clientHeight", { get: clientHeight });
  return made;
}

it("follows the height that an element is given, until it is taken back", async () => {
  const given = element(() => Number.parseInt(given.style.height, 10) || 33);
  const changed = vi.fn();
  const stop = followHeight(given, changed);
  expect(changed).not.toHaveBeenCalled();
  given.style.height = "400px";
  await vi.waitFor(() => expect(changed).toHaveBeenLastCalledWith({ height: 400, own: true }));
  given.style.height = "100%";
  await vi.waitFor(() => expect(changed).toHaveBeenLastCalledWith({ height: null, own: false }));
  stop();
  given.style.height = "10px";
  await Promise.resolve();
  expect(changed).toHaveBeenCalledTimes(2);
});

it("has the room that dragged outputs leave", async () => {
  const outputs = element(() => 500);
  outputs.className = "jp-Cell-outputArea";
  const changed = vi.fn();
  followHeight(outputs.appendChild(document.createElement("div")), changed);
  outputs.style.height = "500px";
  await vi.waitFor(() => expect(changed).toHaveBeenLastCalledWith({ height: 488, own: false }));
});

it("is told to the app", async () => {
  const given = element(() => 250);
  const { host, find } = await mount({ trame__template_main: "<p />" });
  expect(host.hasAttribute("data-filling")).toBe(false);
  given.style.height = "250px";
  given.append(host);
  const { mountView } = await import("../../../src/view/mount");
  const { MemoryConnection } = await import("../memory");
  const { plainResources } = await import("../setup");
  const connection = new MemoryConnection();
  const view = mountView(host, { connection, mode: "inline", resources: plainResources });
  expect(find(".jt-frame").style.getPropertyValue("--jt-app-height")).toBe("250px");
  expect(find(".jt-frame").hasAttribute("data-filling")).toBe(true);
  expect(host.hasAttribute("data-filling")).toBe(true);
  view.dispose();
  expect(host.attributes).toHaveLength(0);
});

it("is that of the outputs which a view is put into after it was made", async () => {
  const given = document.createElement("div");
  const host = given.appendChild(document.createElement("div"));
  const { mountView } = await import("../../../src/view/mount");
  const { MemoryConnection } = await import("../memory");
  const { plainResources } = await import("../setup");
  const connection = new MemoryConnection();
  const view = mountView(host, { connection, mode: "inline", resources: plainResources });
  const frame = host.shadowRoot?.querySelector<HTMLElement>(".jt-frame");
  const [dragged, plain] = [element(() => 500), element(() => 80)];
  for (const outputs of [dragged, plain]) outputs.className = "jp-Cell-outputArea";
  dragged.style.height = "500px";
  dragged.append(given);
  expect(frame?.style.getPropertyValue("--jt-app-height")).toBe("488px");
  plain.append(given);
  expect(frame?.style.getPropertyValue("--jt-app-height")).toBe("");
  view.dispose();
});
