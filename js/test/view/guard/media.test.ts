import { afterEach, describe, expect, it, vi } from "vitest";
import { isDocumentUrl, mediaUrl, revokeUrl } from "../../../src/view/guard/media";
import { mount, settled } from "../setup";

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1]);

function addresses(): Blob[] {
  const blobs: Blob[] = [];
  URL.createObjectURL = vi.fn((blob: Blob) => `blob:${blobs.push(blob)}`);
  return blobs;
}

afterEach(() => document.body.replaceChildren());

describe("addresses of binary values", () => {
  it("are made once for an array, of the type that the bytes tell", () => {
    const blobs = addresses();
    expect(mediaUrl(PNG)).toBe("blob:1");
    expect(mediaUrl(PNG)).toBe("blob:1");
    expect(blobs[0]?.type).toBe("image/png");
    mediaUrl(new DataView(new ArrayBuffer(2)), "text/plain");
    expect(blobs[1]?.type).toBe("text/plain");
  });

  it("leave everything else alone", () => {
    expect(mediaUrl("a.png")).toBe("a.png");
    expect(mediaUrl(null)).toBeNull();
  });

  it("are used for bytes in the attributes of html elements", async () => {
    addresses();
    const { find, connection } = await mount({
      trame__template_main: '<div><img :src="a" /><a :href="b.c">x</a></div>',
      a: PNG.slice(),
      b: { c: "page.html" },
    });
    expect(find("img").getAttribute("src")).toBe("blob:1");
    expect(find("a").getAttribute("href")).toBe("page.html");
    connection.push({ a: PNG.slice() });
    await settled();
    expect(find("img").getAttribute("src")).toBe("blob:2");
  });
});

describe("documents", () => {
  it("are images where they are drawings, and pages in a frame alone", async () => {
    addresses();
    URL.revokeObjectURL = vi.fn();
    const svg = new TextEncoder().encode("<svg/>");
    expect(mediaUrl(svg)).toBe(`data:image/svg+xml;base64,${btoa("<svg/>")}`);
    const page = mediaUrl(new TextEncoder().encode("x"), "text/html; charset=utf-8") as string;
    expect(isDocumentUrl(`${page}#part`)).toBe(true);
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { find } = await mount({
      trame__template_main:
        '<a :href="page">x</a><embed :src="page" /><iframe :src="page" /><img :src="svg" />' +
        '<b><a :href="svg">y</a></b>',
      page,
      svg,
    });
    expect(find("a").hasAttribute("href")).toBe(false);
    expect(find("b a").hasAttribute("href")).toBe(false);
    expect(find("embed").getAttribute("src")).toBe("about:blank");
    expect(find("iframe").getAttribute("src")).toBe(page);
    expect(find("iframe").getAttribute("sandbox")).toContain("allow-scripts");
    revokeUrl(page);
    expect(isDocumentUrl(page)).toBe(false);
  });
});
