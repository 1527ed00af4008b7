import { afterEach, expect, it, vi } from "vitest";
import { deepActiveElement, scopedDocument } from "../../../src/view/packages/scoped";

afterEach(() => document.body.replaceChildren());

function root() {
  const host = document.body.appendChild(document.createElement("div"));
  const shadow = host.attachShadow({ mode: "open" });
  shadow.innerHTML = '<input id="mine"><div id="over"></div>';
  return { shadow, overlay: shadow.getElementById("over") as HTMLElement };
}

it("looks into the root first, then into the page", () => {
  document.body.innerHTML = '<b id="mine"></b><i id="page"></i>';
  const { shadow, overlay } = root();
  const scoped = scopedDocument(shadow, overlay).document as Document;
  expect(scoped.getElementById("mine")?.localName).toBe("input");
  expect(scoped.getElementById("page")?.localName).toBe("i");
  expect(scoped.querySelectorAll("i")).toHaveLength(1);
  const style = document.createElement("style");
  scoped.head.appendChild(style);
  expect(style.parentNode).toBe(shadow);
  scoped.body.appendChild(document.createElement("u"));
  expect(overlay.firstElementChild?.localName).toBe("u");
  shadow.querySelector("input")?.focus();
  expect(scoped.activeElement?.id).toBe("mine");
  expect(deepActiveElement(document)?.id).toBe("mine");
});

it("hears keys at the root, and everything else where it is", () => {
  const { shadow, overlay } = root();
  const { keys, window: target } = scopedDocument(shadow, overlay);
  const heard = vi.fn();
  keys.addEventListener("keydown", heard);
  keys.addEventListener("click", heard);
  target.addEventListener("resize", heard);
  shadow.querySelector("input")?.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true }));
  document.dispatchEvent(new Event("keydown"));
  document.dispatchEvent(new Event("click"));
  window.dispatchEvent(new Event("resize"));
  expect(heard.mock.calls.map(([{ type }]) => type)).toEqual(["keydown", "click", "resize"]);
  keys.removeEventListener("click", heard);
  document.dispatchEvent(new Event("click"));
  expect(heard).toHaveBeenCalledTimes(3);
});
