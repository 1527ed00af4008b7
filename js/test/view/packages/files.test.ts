import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effect } from "vue";
import { packageVue } from "../../../src/view/packages/elements";
import { type Fetcher, HttpFetcher } from "../../../src/view/packages/fetcher";
import { AppFiles } from "../../../src/view/packages/files";

const alive = new Set<string>();
let count = 0;
const asked: string[] = [];
const COMM: Fetcher = {
  address: () => null,
  async fetch(path) {
    asked.push(path);
    if (path === "gone.png") throw new Error("gone.png: 404");
    return { bytes: new Uint8Array(10), type: "image/png" };
  },
};

beforeEach(() => {
  alive.clear();
  asked.length = 0;
  count = 0;
  URL.createObjectURL = () => {
    count += 1;
    alive.add(`blob:${count}`);
    return `blob:${count}`;
  };
  URL.revokeObjectURL = (url) => void alive.delete(url);
});
afterEach(() => vi.restoreAllMocks());

function follow(files: AppFiles, tag: string, name: string, value: unknown) {
  const seen: unknown[] = [];
  effect(() => void seen.push(files.locate(tag, name, value)));
  return seen;
}

describe("files below an address", () => {
  const files = new AppFiles(new HttpFetcher(new URL("https://hub/me/trame/k/app/")));

  it.each([
    ["img", "src", "assets/x.png?v=1", "https://hub/me/trame/k/app/assets/x.png?v=1"],
    ["a", "href", "../b", "https://hub/me/trame/k/b"],
    ["a", "href", "#part", "#part"],
    ["img", "src", "data:,x", "data:,x"],
    ["img", "srcset", "x 1x, /y 2x", "https://hub/me/trame/k/app/x 1x, /y 2x"],
    ["div", "style", "top: 0", "top: 0"],
    ["div", "style", "top: url(x)", 'top: url("https://hub/me/trame/k/app/x")'],
    ["div", "style", [{ a: "url(x)", b: 1 }], [{ a: 'url("https://hub/me/trame/k/app/x")', b: 1 }]],
  ])("%s %s %s", (tag, name, value, expected) => {
    expect(files.locate(tag, name, value)).toEqual(expected);
  });
});

describe("files that come as messages", () => {
  it("are asked for once, and get an address when they are here", async () => {
    const files = new AppFiles(COMM);
    const one = follow(files, "img", "src", "a/b%20c.svg?v=2#part");
    const two = follow(files, "div", "style", "x: url(a/b%20c.svg)");
    expect(one).toEqual([undefined]);
    expect(two).toEqual(['x: url("data:,")']);
    await vi.waitFor(() => expect(one).toEqual([undefined, "blob:1#part"]));
    expect(two.at(-1)).toBe('x: url("blob:1")');
    expect(asked).toEqual(["a/b c.svg"]);
    files.dispose();
    expect(alive.size).toBe(0);
  });

  it("that cannot be had are named in the console", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const seen = follow(new AppFiles(COMM), "img", "src", "gone.png");
    await vi.waitFor(() => expect(warn).toHaveBeenCalledWith("jupyter_trame: gone.png: 404"));
    expect(seen).toEqual([undefined]);
  });

  it("make room for later ones", async () => {
    const files = new AppFiles(COMM, 25);
    for (const name of ["a", "b", "a", "c"]) {
      files.locate("img", "src", name);
      await vi.waitFor(() => expect(files.locate("img", "src", name)).toBeDefined());
    }
    expect([...alive]).toEqual(["blob:1", "blob:3"]);
  });

  it("are fetched for a link when it is clicked", async () => {
    const area = document.body.appendChild(document.createElement("div"));
    area.innerHTML = '<a href="a/notes.txt" download><b></b></a><a href="#x"></a>';
    const files = new AppFiles(COMM);
    expect(files.locate("a", "href", "a/notes.txt")).toBe("a/notes.txt");
    const stop = files.followLinks(area);
    const opened = vi.spyOn(HTMLAnchorElement.prototype, "click").mockReturnValue();
    const click = (element: Element | null) => {
      const event = new MouseEvent("click", { bubbles: true, cancelable: true, composed: true });
      element?.dispatchEvent(event);
      return event.defaultPrevented;
    };
    expect(click(area.querySelector("[href='#x']"))).toBe(false);
    expect(click(area.querySelector("b"))).toBe(true);
    await vi.waitFor(() => expect(opened).toHaveBeenCalled());
    const link = opened.mock.contexts[0] as HTMLAnchorElement;
    expect([link.href, link.download]).toEqual(["blob:1", "notes.txt"]);
    stop();
    expect(click(area.querySelector("b"))).toBe(false);
    area.remove();
  });

  it.each([
    ["page.html", "text/html", "page.html"],
    ["drawing.svg", "image/svg+xml", "drawing.svg"],
    ["feed.xml", "text/xml", "feed.xml"],
    ["notes.txt", "text/plain", ""],
  ])("are opened as pages only where they run nothing: %s", async (path, type, saved) => {
    const fetcher: Fetcher = { ...COMM, fetch: async () => ({ bytes: new Uint8Array(1), type }) };
    const area = document.body.appendChild(document.createElement("div"));
    area.innerHTML = `<a href="${path}" target="_blank">x</a>`;
    const stop = new AppFiles(fetcher).followLinks(area);
    const opened = vi.spyOn(HTMLAnchorElement.prototype, "click").mockReturnValue();
    area.firstElementChild?.dispatchEvent(
      new MouseEvent("click", { bubbles: true, cancelable: true }),
    );
    await vi.waitFor(() => expect(opened).toHaveBeenCalled());
    const link = opened.mock.contexts[0] as HTMLAnchorElement;
    expect([link.download, link.target]).toEqual(saved ? [saved, ""] : ["", "_blank"]);
    stop();
    area.remove();
  });
});

describe("Vue for packages", () => {
  it("locates what elements name, and nothing of components", () => {
    const vue = packageVue((_tag, name, value) => (name === "src" ? `at/${value}` : value));
    const h = vue.h as (...args: unknown[]) => { props: Record<string, unknown> | null };
    const props = { src: "x", alt: "y" };
    expect(h("img", props).props).toEqual({ src: "at/x", alt: "y" });
    expect(props.src).toBe("x");
    expect(h("p", ["text"]).props).toBeNull();
    expect(h({ props: ["src"] }, { src: "x" }).props).toEqual({ src: "x" });
  });
});
