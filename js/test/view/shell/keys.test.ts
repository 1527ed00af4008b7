import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KeyBindings } from "../../../src/view/render/key-bindings";
import { mount, settled } from "../setup";

let area: HTMLElement;
let bindings: KeyBindings;
beforeEach(() => {
  area = document.createElement("div");
  document.body.append(area);
  bindings = new KeyBindings(area);
});
afterEach(() => document.body.replaceChildren());

function press(key: string, options: KeyboardEventInit & { on?: Element; type?: string } = {}) {
  const { on = area, type = "keydown", ...init } = options;
  const event = new KeyboardEvent(type, { key, bubbles: true, cancelable: true, ...init });
  on.dispatchEvent(event);
  return event;
}

describe("key bindings", () => {
  it.each([
    ["esc", "Escape", {}],
    ["ctrl+s", "s", { ctrlKey: true }],
    ["mod+s", "s", { ctrlKey: true }],
    ["Ctrl+Shift+K", "K", { ctrlKey: true, shiftKey: true }],
    ["?", "?", { shiftKey: true }],
    ["+", "+", {}],
    ["ctrl++", "+", { ctrlKey: true }],
    ["space", " ", {}],
    ["up", "ArrowUp", {}],
  ])("%s", (keys, key, modifiers) => {
    const listener = vi.fn();
    bindings.bind(keys, listener);
    press(key, { ...modifiers, altKey: true });
    press("x", modifiers);
    expect(listener).not.toHaveBeenCalled();
    press(key, modifiers);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it("take keys one after the other, with modifiers between them", () => {
    const listener = vi.fn();
    bindings.bind("g shift+i", listener);
    press("g");
    press("x");
    press("I", { shiftKey: true });
    expect(listener).not.toHaveBeenCalled();
    press("g");
    press("Shift", { shiftKey: true });
    press("I", { shiftKey: true });
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it("are not for a field that is typed in, unless it asks for them", () => {
    const listener = vi.fn();
    bindings.bind(["a", "b"], listener);
    area.innerHTML = '<input /><input class="mousetrap" /><input type="checkbox" />';
    const [field, open, box] = area.children;
    press("a", { on: field as Element });
    expect(listener).not.toHaveBeenCalled();
    press("a", { on: open as Element });
    press("b", { on: box as Element });
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it("keep an event for themselves where the listener says so", () => {
    bindings.bind("a", () => false);
    bindings.bind("b", () => undefined);
    const outside = vi.fn();
    document.body.addEventListener("keydown", outside, { once: true });
    expect(press("a").defaultPrevented).toBe(true);
    expect(outside).not.toHaveBeenCalled();
    expect(press("b").defaultPrevented).toBe(false);
    expect(outside).toHaveBeenCalled();
  });

  it("end, and listen to the release of a key where that is asked for", () => {
    const listener = vi.fn();
    bindings.bind("a", listener, "keyup");
    press("a");
    press("a", { type: "keyup" });
    expect(listener).toHaveBeenCalledTimes(1);
    bindings.trigger("a");
    expect(listener).toHaveBeenCalledTimes(2);
    bindings.unbind("a");
    press("a", { type: "keyup" });
    bindings.bind("b", listener);
    bindings.dispose();
    press("b");
    expect(listener).toHaveBeenCalledTimes(2);
  });
});

describe("tc-mouse-trap", () => {
  it("emits what the state maps keys to, in its own app only", async () => {
    const template =
      '<tc-mouse-trap :mapping="trame__mousetrap" @Save="trigger(\'save\')" @go-on="trigger(\'go\')" />';
    const state = {
      trame__template_main: template,
      trame__mousetrap: [{ keys: ["ctrl+s", "f2"], event: "Save", stop: 1 }],
    };
    const { find, connection } = await mount(state);
    const other = await mount(state);
    const frame = find(".jt-frame");
    expect(frame.tabIndex).toBe(-1);
    expect(press("s", { on: frame, ctrlKey: true }).defaultPrevented).toBe(true);
    connection.push({ trame__mousetrap: [{ keys: "g", event: "go-on" }] });
    await settled();
    press("F2", { on: frame });
    press("g", { on: frame });
    expect(connection.calls.map(({ args }) => args[0])).toEqual(["save", "go"]);
    expect(other.connection.calls).toEqual([]);
    connection.push({ trame__template_main: "<p></p>" });
    await settled();
    press("g", { on: frame });
    expect(connection.calls).toHaveLength(2);
  });
});
