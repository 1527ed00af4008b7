import { afterEach, describe, expect, it, vi } from "vitest";
import { PagePanel } from "../../src/lab/page-panel";

// Lumino's drag and drop needs the class to be there.
vi.hoisted(() => vi.stubGlobal("DragEvent", class extends MouseEvent {}));

const settings = { baseUrl: "http://host/base/" };
const visit = { address: "trame/narvi/w/chat/index.html", title: "Chat" };

afterEach(() => document.body.replaceChildren());

function create(content: Document | null) {
  const panel = new PagePanel(visit, settings);
  document.body.append(panel.node);
  const frame = panel.node.querySelector("iframe") as HTMLIFrameElement;
  Object.defineProperty(frame, "contentDocument", { get: () => content });
  frame.dispatchEvent(new Event("load"));
  return { panel, frame };
}

describe("PagePanel", () => {
  it("shows the page in a frame", () => {
    const { panel, frame } = create(document);
    expect(frame.src).toBe("http://host/base/trame/narvi/w/chat/index.html");
    expect(frame.title).toBe("Chat");
    expect(panel.node.contains(frame)).toBe(true);
  });

  it("offers a tab of the browser where a policy keeps the page out of frames", () => {
    const open = vi.spyOn(window, "open").mockReturnValue(null);
    const { panel } = create(null);
    expect(panel.node.querySelector("iframe")).toBeNull();
    expect(panel.node.textContent).toContain("shows no pages of its own in frames");
    const [tab, again] = panel.node.querySelectorAll("button");
    tab?.click();
    expect(open).toHaveBeenCalledWith("http://host/base/trame/narvi/w/chat/index.html", "_blank");
    again?.click();
    expect(panel.node.querySelector("iframe")).not.toBeNull();
  });
});
