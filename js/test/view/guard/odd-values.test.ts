import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LISTED, list } from "../../../src/view/guard/values";
import { packageVue } from "../../../src/view/packages/elements";
import { type Mounted, mount, settled } from "../setup";

// The Vue of users: the other one also warns, and throws while it does.
vi.mock("vue", async () => {
  const { readFileSync } = await import("node:fs");
  const { createRequire } = await import("node:module");
  const path = createRequire(import.meta.url).resolve("vue/dist/vue.global.prod.js");
  // Its compiled templates look for that name.
  Object.assign(globalThis, { Vue: new Function(`${readFileSync(path, "utf8")};return Vue`)() });
  return (globalThis as unknown as { Vue: object }).Vue;
});

/** What a viewer may write; each has made some browser, or Vue, throw somewhere. */
const ODD: [name: string, value: unknown][] = [
  ["no name of an attribute", "1 x"],
  ["nothing", ""],
  ["a number", 5],
  ["a negative number", -1],
  ["no number", Number.NaN],
  ["true", true],
  ["null", null],
  ["a list", ["a b", null, { x: 1 }, [[]]]],
  ["an object", { a: 1 }],
  ["a toString that is none", { toString: "x", valueOf: 1 }],
  ["a list with one", [{ toString: "x", valueOf: 1 }]],
  ["one below", { a: { toString: 1 }, color: { toString: "x" }, "--x": { toString: "x" } }],
  ["a toJSON, a then", { toJSON: "x", ["then" as string]: "y", constructor: 5, length: -1 }],
  ["a node", { "?__v_isVNode": true, __v_isVNode: 1, __v_skip: true, __v_isRef: true }],
  ["a ref", { i: { refs: {}, setupState: {} }, r: "x", k: "y", f: true }],
  ["attributes", { "1 x": 1, "": 2, ref: { r: 1 }, key: {}, is: { toString: 1 }, style: 5 }],
  ["styles", { style: { toString: "x", color: { toString: 1 } } }],
  ["hooks", { onVnodeMounted: "x", onClick: "x", on: 1, class: { toString: 1 }, ref_for: true }],
  ["what objects inherit", "constructor"],
  ["their prototype", "__proto__"],
  ["a method of elements", "insertBefore"],
  ["a property of that name", ".insertBefore"],
  ["the text around", "outerText"],
  ["the text", "textContent"],
  ["the key", "key"],
  ["a ref's name", "ref"],
  ["bytes", new Uint8Array([60, 0, 255])],
  ["a moment that is none", new Date(Number.NaN)],
  ["a large integer", 2n ** 64n],
  ["a selector that is none", "a[["],
  ["surrogates", "\ud800\u0000"],
];

const ELEMENTS = ["b", "a", "img", "input", "select", "option", "textarea", "progress", "iframe"];
const MORE = ["video", "table", "td", "label", "meter", "object", "style", "x-own"];
const ATTRIBUTES = ["value", "class", "style", "src", "href", "width", "title", "id", "key", "ref"];
const OTHERS = ["is", "checked", "multiple", "type", "form", "list", "max", "onclick", "on-x"];
const PLACES = ["tabindex", "data-x", "srcset", "hidden", "draggable", "disabled", "true-value"];

/** Every way in which a value gets into a template. */
const DIRECTIVES = [
  '<b v-bind:[value]="n">{{ n }}<i v-if="n" /></b>',
  '<b v-bind:[value].attr="value" />',
  '<b v-bind:[value].prop="value"><i /></b>',
  '<b v-bind:x="value" v-on:[value]="n = 1" />',
  '<b v-bind="value">{{ n }}</b>',
  '<b v-on="value">{{ n }}</b>',
  '<trame-getter v-bind="value" name="n" />',
  '<component :is="value">{{ n }}</component>',
  '<svg><component :is="value" /><path :d="value" :fill="value" /></svg>',
  '<component :is="value" v-for="i in 2" :key="value" />',
  '<i v-for="x in value">{{ x }}</i>',
  '<i v-for="(x, key, index) in value" :key="x">{{ index }}</i>',
  '<i v-for="x in [value, value]" :key="x" :ref="value">{{ x }}</i>',
  '<b v-text="value" />',
  '<b v-html="value" />',
  "<b>{{ value }}</b>",
  '<b v-show="value" /><b v-if="value" /><b v-else />',
  '<b :ref="value" /><b :ref="[value]" />',
  '<b :class="[value, { [n]: value }]" :style="[value, { color: value }]" />',
  '<trame-template :template-name="value" />',
  '<trame-getter :name="value"><template #default="{ value }">{{ value }}</template></trame-getter>',
  '<trame-getter name="n"><template v-slot:[value]>x</template></trame-getter>',
  '<trame-getter name="n"><template v-for="x in value" v-slot:[x]>x</template></trame-getter>',
  '<Teleport :to="value" :disabled="value"><i /></Teleport>',
  '<Transition :name="value"><i v-if="n % 2" /></Transition>',
  '<TransitionGroup :tag="value" :name="value"><i v-for="i in 1 + (n % 2)" :key="i" /></TransitionGroup>',
  '<KeepAlive :include="value" :max="value"><trame-getter name="n" /></KeepAlive>',
  '<input v-model="value"><input type="checkbox" v-model="value" :value="value">',
  '<select v-model="value"><option :value="value" /><option>1</option></select>',
  '<select v-model="value" multiple><option :value="value" /></select>',
  '<p-text v-bind="value" v-bind:[n]="value" /><b v-bind:[ref]="value" />',
  '<p-text v-bind:[style]="value" :style="[value, { color: value }]" />',
  '<p-text :text="value" :class="value" :style="value" :[value]="value" />',
];

beforeEach(() => {
  for (const level of ["warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation(() => undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

/** With a component of a package, which passes on what it is given. */
async function shown(template: string, value: unknown, more: object = {}): Promise<Mounted> {
  const mounted = await mount({ trame__template_main: "<p />" });
  const { h } = packageVue() as { h: (...args: unknown[]) => object };
  const own = {
    props: ["text"],
    render: (scope: { text: unknown }) => h("u", { title: scope.text }),
  };
  mounted.view.trame.app.component("p-text", own);
  const text = `<p id="before">{{ n }}</p>${template}<p id="after">{{ n }}</p>`;
  mounted.connection.push({
    n: 1,
    value,
    style: "style",
    ref: "ref",
    ...more,
    trame__template_main: text,
  });
  await settled();
  return mounted;
}

/** The values one after the other, and good ones between them: the rest of the picture goes on all the time. */
async function survives(template: string): Promise<void> {
  const { connection, find, view } = await shown(template, "first");
  let n = 1;
  const goesOn = async (name: string) => {
    expect(find("#before").textContent, `${template}: ${name}`).toBe(String(n));
    expect(find("#after").textContent, `${template}: ${name}`).toBe(String(n));
    n += 1;
    connection.push({ n });
    await settled();
    expect(find("#before").textContent, `${template}: after ${name}`).toBe(String(n));
    expect(find("#after").textContent, `${template}: after ${name}`).toBe(String(n));
  };
  for (const [name, value] of ODD) {
    connection.push({ value });
    await settled();
    await goesOn(name);
    connection.push({ value: "good" });
    await settled();
    await goesOn(`a good value after ${name}`);
  }
  view.dispose();
  // Who comes while it is there sees the rest, too.
  for (const [name, value] of ODD) {
    const late = await shown(template, value);
    expect(late.find("#after").textContent, `${template}: first ${name}`).toBe("1");
    late.connection.push({ n: 2, value: "good" });
    await settled();
    expect(late.find("#after").textContent, `${template}: after ${name} at first`).toBe("2");
    late.view.dispose();
  }
}

describe("one viewer's value leaves the rest of the picture alone", () => {
  it.each([...ELEMENTS, ...MORE])("in attributes of <%s>", async (tag) => {
    const names = [...ATTRIBUTES, ...OTHERS, ...PLACES];
    const bound = names.map((name) => `<${tag} :${name}="value"></${tag}>`).join("");
    await survives(bound);
  });

  it.each(DIRECTIVES)("in %s", survives);
});

describe("what is left out", () => {
  const errors = ({ root }: Mounted) =>
    Array.from(root.querySelectorAll(".jt-error"), (card) => card.textContent ?? "");

  it("is said where the app's errors are, in a few words", async () => {
    const name = `1 ${"x".repeat(5000)}`;
    const mounted = await shown('<b v-bind:[value]="n">{{ n }}</b>', name);
    const [error = ""] = errors(mounted);
    expect(error).toContain("<b 1 x");
    expect(error.length).toBeLessThan(600);
    mounted.connection.push({ value: "title" });
    await settled();
    expect(mounted.find("b").title).toBe("1");
  });

  it.each([".__proto__", "^__proto__", "__proto__", ".toString"])("is a name: %s", async (name) => {
    const { find, connection } = await shown('<b v-bind:[name]="value" /><i>{{ n }}</i>', {
      name,
      value: {},
      n: 1,
    });
    connection.push({ n: 2 });
    await settled();
    expect(find("i").textContent).toBe("2");
    expect(find("b")).toBeInstanceOf(HTMLElement);
    expect(String(find("b"))).toContain("HTMLElement");
    connection.push({ name: "title", value: "t", n: 3 });
    await settled();
    expect(find("b").title).toBe("t");
    expect(find("i").textContent).toBe("3");
  });

  it("is what is beyond a bound in v-for, in all of a turn together", async () => {
    const long = Array(LISTED + 1).fill(0);
    const members = Object.fromEntries(long.entries());
    const bytes = new Uint8Array(LISTED + 1);
    for (const source of [1e9, "x".repeat(LISTED + 1), long, members, bytes]) {
      const drawn = list(source);
      expect(typeof drawn === "number" ? drawn : Object.keys(drawn as object).length).toBe(LISTED);
      expect(Object.getPrototypeOf(drawn)).toBe(Object.getPrototypeOf(source));
      expect(list(1)).toBe(0);
      expect(list([1])).toEqual([]);
      await settled();
      const short = [1, 2];
      expect(list(short)).toBe(short);
      await settled();
    }
    for (const source of [0, -1, 1.5, Number.NaN, null, undefined, true, new Map([[1, 2]])])
      expect(list(source)).toBe(source);
  });

  it("is a range without end, in the rest of which nobody waits", async () => {
    const mounted = await shown(
      '<template v-for="x in value">{{ x > 3 ? stop() : x }}</template>',
      3,
    );
    mounted.view.trame.app.config.globalProperties.stop = () => {
      throw new Error("enough");
    };
    mounted.connection.push({ n: 2, value: 1e9 });
    await settled();
    expect(errors(mounted).join()).toContain(`only the first ${LISTED}`);
  });

  it("is a slot beyond the bound of a v-for", async () => {
    const template =
      '<p-text text="x"><template v-for="x in value" #[stop(x)]>{{ x }}</template></p-text>';
    const mounted = await shown(template, 3);
    mounted.view.trame.app.config.globalProperties.stop = () => {
      throw new Error("enough");
    };
    mounted.connection.push({ n: 2, value: 1e9 });
    await settled();
    expect(errors(mounted).join()).toContain(`only the first ${LISTED}`);
  });

  it("is a place that is none, and it is said what is wanted there", async () => {
    const mounted = await shown(
      '<Teleport :to="value"><i>x</i></Teleport><b :style="value">y</b>' +
        '<s v-bind:[style]="value">z</s>',
      { color: { toString: 1 }, width: "5px" },
    );
    const said = errors(mounted).join();
    expect(said).toContain("a value is no selector");
    expect(said).toContain("a value is no style");
    expect(mounted.find("b").style.width).toBe("5px");
    expect(mounted.find("s").style.width).toBe("5px");
  });

  it("is said once, and not with every drawing", async () => {
    const mounted = await shown('<b :ref="value">{{ n }}</b>', { a: 1 });
    for (const n of [2, 3, 4]) {
      mounted.connection.push({ n });
      await settled();
    }
    expect(errors(mounted).join()).toContain("a value is no name");
    expect(mounted.root.querySelector(".jt-error-count")?.textContent).toBe("");
  });

  it("is not what text can show: a large integer in an object", async () => {
    const { find } = await shown('<s v-text="value" />', { a: 2n ** 70n });
    expect(find("s").textContent).toContain(String(2n ** 70n));
  });

  it("is not what code made: nodes are drawn, and what lost its neighbour comes last", async () => {
    const mounted = await shown(
      '<component v-if="value" :is="node" /><u v-for="x in list" :key="x">{{ x }}</u>',
      "",
      { list: [1, 3] },
    );
    const { h } = packageVue() as { h: (...args: unknown[]) => object };
    mounted.view.trame.app.config.globalProperties.node = h("em");
    const last = Array.from(mounted.root.querySelectorAll("u")).at(-1);
    last?.remove();
    mounted.connection.push({ value: "x", list: [1, 2, 3] });
    await settled();
    expect(mounted.root.querySelectorAll("em").length).toBe(1);
    expect(Array.from(mounted.root.querySelectorAll("u"), (u) => u.textContent)).toContain("2");
  });

  it.each(["main", "MAIN", "other"])("is template %s in itself", async (name) => {
    const template = '<p class="n">{{ n }}</p><trame-template :template-name="name" />';
    const mounted = await mount({
      trame__template_main: template,
      trame__template_other: '<u>{{ n }}</u><component :is="again" />',
      trame__template_good: "<i>good</i>",
      name,
      again: "trame-template-other",
      n: 1,
    });
    expect(errors(mounted).join()).toContain("contains itself");
    mounted.connection.push({ n: 2 });
    await settled();
    expect(mounted.find(".n").textContent).toBe("2");
    mounted.connection.push({ name: "good", again: "s" });
    await settled();
    expect(mounted.find("i").textContent).toBe("good");
  });

  it.each(["trame-script", "TrameScript", "trame-Script", "trame-app", "constructor", "to-string"])(
    ":is with %s, which is for the author to write",
    async (value) => {
      const mounted = await shown('<component :is="value" script="window.evil = 1" />', value);
      const { root } = mounted;
      expect(errors(mounted).join()).toContain("neither the name of an element nor a component");
      expect("evil" in window).toBe(false);
      expect(root.querySelectorAll("#after").length).toBe(1);
      expect(root.querySelector("#before")?.nextElementSibling?.id).toBe("after");
    },
  );

  it("is what takes the place of what a template draws, and of its methods", async () => {
    const { find } = await shown(
      '<b v-bind:[value]="n"><i>x</i></b><u :textContent="n" /><s v-text="n" />' +
        "<p v-bind=\"{ outerText: 1, '.remove': 1, '.insertBefore': 1, click: 2 }\">y</p>",
      "textContent",
    );
    expect(find("b").innerHTML).toBe("<i>x</i>");
    expect(find("u").textContent).toBe("1");
    expect(find("s").textContent).toBe("1");
    const p = find("#after").previousElementSibling as HTMLElement;
    expect(p.textContent).toBe("y");
    for (const name of ["remove", "insertBefore", "click"] as const)
      expect(typeof p[name]).toBe("function");
    expect(p.getAttribute("click")).toBe("2");
  });

  it("is the protocol of a link, which makes code of an address", async () => {
    const { find } = await shown('<a href="mailto:alert(1)" v-bind:[value]="text" />', "protocol", {
      text: "javascript",
    });
    expect(find("a").getAttribute("href")).toBe("mailto:alert(1)");
  });
});
