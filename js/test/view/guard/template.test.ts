import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SANDBOX } from "../../../src/view/guard/attributes";
import { withoutMarks } from "../../../src/view/guard/components";
import { packageVue } from "../../../src/view/packages/elements";
import { mount, settled } from "../setup";

const CODE = "javascript:alert(1)";
const shown = (template: string, state: Record<string, unknown> = {}) =>
  mount({ trame__template_main: template, ...state });

beforeEach(() => void vi.spyOn(console, "warn").mockImplementation(() => undefined));
afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

describe("a value in an attribute that may carry code", () => {
  it.each([
    ["a", "href", CODE],
    ["a", "href", [CODE]],
    ["a", "href", [[CODE, 1]]],
    ["a", "HREF", CODE],
    ["a", "^href", CODE],
    ["a", "href", " java\nscript:x"],
    ["a", "href", "data:text/html,<script>"],
    ["a", "href", "data:image/svg+xml,<svg>"],
    ["a", "longdesc", CODE],
    ["area", "href", CODE],
    ["img", "src", CODE],
    ["iframe", "src", CODE],
    ["iframe", ".src", CODE],
    ["embed", "src", CODE],
    ["object", "data", "data:text/html,x"],
    ["object", "codebase", CODE],
    ["form", "action", CODE],
    ["button", "formaction", CODE],
    ["button", "formAction", CODE],
    ["input", "formaction", CODE],
    ["base", "href", "https://evil.example/"],
    ["meta", "http-equiv", "refresh"],
    ["b", "onclick", "alert(1)"],
    ["b", "ONCLICK", "alert(1)"],
    ["b", "^onclick", "alert(1)"],
    ["b", ".onclick", "alert(1)"],
    ["b", "onclick", ["alert(1)"]],
    ["b", "innerHTML", "<img src=x onerror=alert(1)>"],
    ["b", ".innerHTML", "<img src=x onerror=alert(1)>"],
    ["b", "outerHTML", "<img src=x onerror=alert(1)>"],
  ])("<%s %s> is not set to %j", async (tag, name, value) => {
    // A name that is a value too: the same as `:name="value"`, and what nobody writes by hand.
    const { find } = await shown(`<${tag} id="x" v-bind:[name]="value" />`, { name, value });
    const element = find("#x");
    const others = element.getAttributeNames().filter((other) => other !== "id");
    // A frame without an address would show the page that it is in.
    expect(others.filter((other) => element.getAttribute(other) !== "about:blank")).toEqual([]);
    expect(element.childElementCount).toBe(0);
    expect((element as unknown as { onclick?: unknown }).onclick ?? null).toBeNull();
  });

  it.each([
    ['<svg><a id="x" :href="value" /></svg>', CODE],
    ['<svg><a id="x" :xlink:href="value" /></svg>', CODE],
    ['<svg><use id="x" :href="value" /></svg>', "data:image/svg+xml,<svg id=a/>#a"],
    ['<svg><use id="x" :href="value" /></svg>', "blob:null/1#a"],
    ['<svg><use id="x" :href="value" /></svg>', "\u0001da\nta:image/svg+xml,<svg id=a/>#a"],
    ['<svg><a><animate id="x" :values="value" /></a></svg>', `a;${CODE}`],
    ['<svg><a><set id="x" :to="value" /></a></svg>', CODE],
    ['<svg><g id="x" :onclick="value" /></svg>', ["alert(1)"]],
  ])("%s", async (template, value) => {
    const { find } = await shown(template, { value });
    expect(find("#x").getAttributeNames()).toEqual(["id"]);
  });

  it("is taken away when a harmless one becomes one", async () => {
    const { find, connection } = await shown('<a :href="value">x</a>', { value: "https://a.b/" });
    expect(find("a").getAttribute("href")).toBe("https://a.b/");
    connection.push({ value: CODE });
    await settled();
    expect(find("a").hasAttribute("href")).toBe(false);
    connection.push({ value: "data:text/csv,a" });
    await settled();
    expect(find("a").getAttribute("href")).toBe("data:text/csv,a");
  });

  it("is set where it is an image, and where nothing follows it", async () => {
    const svg = "data:image/svg+xml,<svg>";
    const { find } = await shown(
      '<img :src="svg" /><input :value="code" :title="code" :placeholder="code" />',
      { svg, code: CODE },
    );
    expect(find("img").getAttribute("src")).toBe(svg);
    expect(find<HTMLInputElement>("input").value).toBe(CODE);
    expect(find("input").title).toBe(CODE);
  });
});

describe("a page in a frame", () => {
  it("has no origin where it is a value", async () => {
    const { find, connection } = await shown('<iframe :srcdoc="page" />', { page: "<b>x</b>" });
    expect(find("iframe").getAttribute("sandbox")).toBe(SANDBOX);
    expect(find("iframe").getAttribute("srcdoc")).toBe("<b>x</b>");
    connection.push({ page: "<i>y</i>" });
    await settled();
    expect(find("iframe").getAttribute("sandbox")).toBe(SANDBOX);
  });

  it("has what the author wrote, but no value gives it more", async () => {
    const { find, connection } = await shown(
      '<iframe id="a" :srcdoc="page" sandbox="allow-scripts allow-same-origin" />' +
        '<iframe id="b" :srcdoc="page" :sandbox="box" />' +
        '<iframe id="c" :sandbox="box" :srcdoc="page" />' +
        '<iframe id="d" srcdoc="<b>fixed</b>" />',
      { page: "x", box: "allow-scripts allow-same-origin" },
    );
    expect(find("#a").getAttribute("sandbox")).toBe("allow-scripts allow-same-origin");
    expect(find("#b").getAttribute("sandbox")).toBe("allow-scripts");
    expect(find("#c").getAttribute("sandbox")).toBe("allow-scripts");
    expect(find("#d").hasAttribute("sandbox")).toBe(false);
    connection.push({ box: null });
    await settled();
    expect(find("#b").getAttribute("sandbox")).not.toBeNull();
    expect(find("#c").getAttribute("sandbox")).not.toBeNull();
  });

  it.each([5, true, {}, ["x"], null])("stays whatever a bound one is: %j", async (box) => {
    const frames =
      '<iframe id="a" :srcdoc="page" :sandbox="box" /><iframe id="b" :sandbox="box" :srcdoc="page" />' +
      '<iframe id="c" :srcdoc="page" v-bind:[name]="box" />';
    for (const name of ["sandbox", "SANDBOX", "^sandbox", ".sandbox"]) {
      const { find } = await shown(frames, { page: "x", box, name });
      for (const id of ["#a", "#b", "#c"]) {
        expect(find(id).getAttribute("sandbox")).not.toBeNull();
        expect(find(id).getAttribute("sandbox")).not.toContain("same-origin");
      }
      document.body.replaceChildren();
    }
  });
});

describe("what the author writes", () => {
  it("works as it is: code in attributes, v-html, v-bind with an object", async () => {
    const { root, find, connection } = await shown(
      '<a id="a" href="javascript:void(0)">x</a><b id="b" onclick="this.title = 1">x</b>' +
        '<p v-html="text" /><i :innerHTML="text" /><u v-bind="{ innerHTML: text, title: 2 }" />' +
        '<s v-bind="more" />',
      { text: "<em>1</em>", more: { title: "3", onclick: "alert(1)", href: CODE } },
    );
    expect(find("#a").getAttribute("href")).toBe("javascript:void(0)");
    expect(find("#b").getAttribute("onclick")).toBe("this.title = 1");
    expect(root.querySelectorAll("em").length).toBe(3);
    expect(find("u").title).toBe("2");
    expect(find("s").getAttributeNames()).toEqual(["title"]);
    const em = find("em");
    connection.push({ more: { title: "4" } });
    await settled();
    expect(find("em")).toBe(em);
    connection.push({ text: "<em>2</em>" });
    await settled();
    expect(find("em").textContent).toBe("2");
  });
});

describe("an object of the state", () => {
  const forged = { __v_isVNode: true, type: "div", shapeFlag: 1, props: { innerHTML: "<img>" } };

  it.each([
    { template: '<b id="evil" />' },
    { extends: { template: '<b id="evil" />' } },
    { mixins: [{ template: '<b id="evil" />' }] },
    { __isTeleport: true },
    { name: "x", props: ["a"] },
  ])("is no component: %j", async (value) => {
    const { root } = await shown('<component :is="value" /><p>after</p>', { value });
    expect(root.querySelector("#evil")).toBeNull();
    expect(root.querySelector("p")?.textContent).toBe("after");
    const h = packageVue().h as (type: unknown) => { type: unknown };
    expect(h(value).type).not.toBe(value);
  });

  it.each([":is", ":is=''", "v-bind:is"])("is no component by the short form %s", async (is) => {
    const { root } = await shown(`<component ${is} /><p>after</p>`, {
      is: { template: '<b id="evil" />' },
    });
    expect(root.querySelector("#evil")).toBeNull();
    expect(root.querySelector("p")?.textContent).toBe("after");
  });

  const template = { template: '<b id="evil" />' };
  const component = {
    __v_isVNode: true,
    type: template,
    shapeFlag: 4,
    props: null,
    children: null,
  };

  it.each([
    ["an element", forged],
    ["a component", component],
    ["one in a list", [component]],
    ["one by its prototype", JSON.parse(`{"__proto__": ${JSON.stringify(component)}}`)],
  ])("is no node, in the saved picture neither: %s", async (_name, value) => {
    const { root } = await mount(null, {
      snapshot: {
        trame__template_main: "<p /><component v-for='one in [value].flat()' :is='one' />",
        value,
      },
    });
    await settled();
    expect(root.querySelector("p")).not.toBeNull();
    expect(root.querySelector("img, #evil")).toBeNull();
  });

  it("has no member that an assignment would make its prototype", () => {
    expect(Object.keys(withoutMarks(JSON.parse('{"__proto__": 1}')) as object)).toEqual([
      "?__proto__",
    ]);
  });

  it("names components and elements, but no script", async () => {
    const { root, find } = await shown(
      '<component :is="a" id="a" /><component :is="b">document.title = "evil"</component>' +
        '<svg><component :is="c">document.title = "evil"</component></svg>',
      { a: "article", b: "SCRIPT", c: "x:script" },
    );
    expect(find("#a").localName).toBe("article");
    expect(root.querySelector("script")).toBeNull();
    expect(document.title).not.toBe("evil");
  });

  it("is no handler", async () => {
    const { find, view } = await shown('<b @click="value" v-on="all">x</b>', {
      value: "window.evil = 1",
      all: { click: "window.evil = 1", mousedown: ["window.evil = 1"] },
    });
    view.trame.app.config.errorHandler = () => undefined;
    find("b").click();
    expect("evil" in window).toBe(false);
  });
});

describe("components of packages", () => {
  it("set no value that is code, whatever they pass on, and render their own markup", async () => {
    const vue = packageVue();
    const h = vue.h as (...args: unknown[]) => object;
    const Button = { props: ["href"], render: (scope: { href: unknown }) => h("a", scope) };
    const Item = { render: () => h("section", { class: "item" }) };
    const Text = {
      template: '<i v-html="text" /><component :is="data" />',
      props: ["text", "data"],
    };
    const { find, root, view, connection } = await shown("<p />");
    view.trame.app.component("p-button", Button);
    view.trame.app.component("p-item", Item);
    view.trame.app.component("p-text", Text);
    connection.push({
      href: CODE,
      item: { innerHTML: "<img id=evil>", onclick: "alert(1)", title: "t" },
      data: { template: "<img id=evil>" },
      trame__template_main:
        '<p-button :href="href" /><p-item v-for="i in [item]" :inner-html.attr="i.innerHTML" ' +
        ':onclick="i.onclick" /><p-text text="<em>x</em>" :data="data" />',
    });
    await settled();
    expect(find("a").hasAttribute("href")).toBe(false);
    expect(find(".item").hasAttribute("onclick")).toBe(false);
    expect(find("em").textContent).toBe("x");
    expect(root.querySelector("#evil")).toBeNull();
  });

  it("merge what they are given into attributes, where no markup is", async () => {
    const vue = packageVue();
    const h = vue.h as (...args: unknown[]) => object;
    const mergeProps = vue.mergeProps as (...args: object[]) => object;
    const Menu = {
      props: ["contentProps"],
      render: (scope: { contentProps: object }) =>
        h("section", mergeProps({ class: "menu" }, scope.contentProps)),
    };
    // As `v-bind` with nothing beside it is compiled.
    const whole = vue.normalizeProps as (props: object) => object;
    const guarded = vue.guardReactiveProps as (props: object) => object;
    const Sheet = {
      props: ["contentProps"],
      render: (scope: { contentProps: object }) => h("aside", whole(guarded(scope.contentProps))),
    };
    const { find, view, connection } = await shown("<p />");
    view.trame.app.component("p-menu", Menu);
    view.trame.app.component("p-sheet", Sheet);
    const markup = { innerHTML: "<img id=evil>", title: "t" };
    connection.push({
      given: markup,
      trame__template_main: '<p-menu :content-props="given" /><p-sheet :content-props="given" />',
    });
    await settled();
    expect(find("aside").title).toBe("t");
    expect(find("aside").childElementCount).toBe(0);
    expect(find(".menu").title).toBe("t");
    expect(find(".menu").childElementCount).toBe(0);
    connection.push({ trame__template_main: "<p-menu :content-props=\"{ title: 'u' }\" />" });
    await settled();
    expect(find(".menu").title).toBe("u");
  });

  it("render apps of their own under the same guard", () => {
    const vue = packageVue() as {
      createApp: (root: object) => { mount: (at: Element) => void };
      render: (node: object, at: Element) => void;
      h: (...args: unknown[]) => object;
    };
    const at = document.createElement("div");
    vue.createApp({ render: () => vue.h("a", { href: CODE }) }).mount(at);
    expect(at.innerHTML).toBe("<a></a>");
    const other = document.createElement("div");
    vue.render(vue.h("a", { href: CODE }), other);
    expect(other.innerHTML).toBe("<a></a>");
  });
});
