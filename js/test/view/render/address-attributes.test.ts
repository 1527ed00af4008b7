import { afterEach, expect, it, vi } from "vitest";
import {
  isRelative,
  replaceCandidates,
  replaceCssAddresses,
} from "../../../src/view/render/address-attributes";
import { mount, plainResources, settled } from "../setup";

afterEach(() => document.body.replaceChildren());

it.each([
  ["assets/x.png", true],
  ["./x", true],
  ["../x", true],
  ["a:b", false],
  ["https://x/y", false],
  ["//x/y", false],
  ["/x", false],
  ["#x", false],
  ["", false],
])("%s is relative: %s", (address, relative) => {
  expect(isRelative(address)).toBe(relative);
});

it("replaces the candidates of a set, when all are known", () => {
  const upper = (address: string) => address.toUpperCase();
  const set = "a.png, b,c.png 2x,  data:image/png;base64,AA== 3x";
  expect(replaceCandidates(set, upper)).toBe("A.PNG, B,C.PNG 2x, DATA:IMAGE/PNG;BASE64,AA== 3x");
  expect(replaceCandidates("a 1x, b 2x", (one) => (one === "a" ? one : undefined))).toBeUndefined();
});

it("replaces addresses in styles", () => {
  const css = `a: url(x) url('y z') url( "w" )`;
  expect(replaceCssAddresses(css, (one) => (one === "x" ? undefined : `/${one}`))).toBe(
    'a: url(x) url("/y z") url("/w")',
  );
});

it("reach the resources from elements of a template, written or bound, and from nothing else", async () => {
  const asked = vi.fn((_tag: string, name: string, value: unknown) =>
    name === "style" ? value : `at/${value}`,
  );
  const resources: typeof plainResources = (context) => {
    const plain = plainResources(context);
    return { ...plain, place: Object.assign(plain.place, { locate: asked }) };
  };
  const template = `<p><img class="a" src="x.png" alt="x.png"><img class="b" :src="'y/' + n + '.png'">
    <a href="#part">b</a><a class="d" href="z.pdf">d</a><i style="color: red"></i>
    <i class="e" style="background: url(w.png)"></i><trame-loading src="no" /></p>`;
  const { find, connection } = await mount({ trame__template_main: template, n: 1 }, { resources });
  expect(find(".a").getAttribute("src")).toBe("at/x.png");
  expect(find(".a").getAttribute("alt")).toBe("x.png");
  expect(find(".b").getAttribute("src")).toBe("at/y/1.png");
  expect(find(".d").getAttribute("href")).toBe("at/z.pdf");
  expect(find("a").getAttribute("href")).toBe("#part");
  expect(asked.mock.calls.map(([tag, name]) => `${tag} ${name}`)).toEqual([
    "img src",
    "img src",
    "a href",
    "i style",
  ]);
  connection.push({ n: 2 });
  await settled();
  expect(find(".b").getAttribute("src")).toBe("at/y/2.png");
});
