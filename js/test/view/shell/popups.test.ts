import { afterEach, expect, it, vi } from "vitest";
import { raisePopups } from "../../../src/view/shell/popups";

afterEach(() => document.body.replaceChildren());

it("shows the first pop-up above the page, and places it again when the page scrolls", async () => {
  const overlay = document.body.appendChild(document.createElement("div"));
  const showPopover = vi.fn();
  Object.assign(overlay, { showPopover, popover: null, matches: () => false });
  const resized = vi.fn();
  window.addEventListener("resize", resized);
  const release = raisePopups(overlay);
  document.dispatchEvent(new Event("scroll"));
  overlay.append(document.createElement("p"));
  await vi.waitFor(() => expect(showPopover).toHaveBeenCalledTimes(1));
  document.dispatchEvent(new Event("scroll"));
  await vi.waitFor(() => expect(resized).toHaveBeenCalledTimes(1));
  release();
  window.removeEventListener("resize", resized);
});
