import { afterEach, describe, expect, it, vi } from "vitest";
import { compileTemplate, diagnose } from "../../../src/view/render/compile";
import { templateComponentName } from "../../../src/view/render/templates";
import { mount, settled, type as typeIn } from "../setup";

const main = (template: string, state: Record<string, unknown> = {}) => ({
  ...state,
  trame__template_main: template,
});

afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

describe("template names", () => {
  it("are mangled as other packages do", () => {
    expect(templateComponentName("main")).toBe("trame-template-main");
    expect(templateComponentName("second__Tpl")).toBe("trame-template-second-tpl");
    expect(templateComponentName("a___b")).toBe("trame-template-a--b");
  });
});

describe("compile errors", () => {
  it("name the line and the expression", () => {
    expect(diagnose("<p>\n{{ a + }}\n</p>")[0]?.text).toMatch(/^line 2: \{\{ }} "a \+"/);
    expect(diagnose('<b @click="a = ; b">x</b>')[0]?.text).toMatch(/^line 1: @click/);
    expect(diagnose('<b v-for="(a, i) in list" :key="i">{{ a }}</b>')).toEqual([]);
  });

  it("name the line of broken markup", () => {
    expect(compileTemplate("<div>\n<p v-else>x</p></div>").errors[0]?.text).toMatch(/^line 2: /);
  });

  it.each([
    ["<div>\n<b>x</div>", "line 2: <b>x</div>: the element has no end tag"],
    ["<b>x</b></i>", "line 1: </i>: the end tag has no start tag"],
    [
      '<b v-for="nothing">x</b>',
      'line 1: v-for="nothing">x</b>: v-for is written as "item in items"',
    ],
    ['<input v-model="a + b">', 'line 1: a + b">: v-model needs something that can be assigned to'],
  ])("say what is wrong in words (%s)", (template, words) => {
    expect(compileTemplate(template).errors[0]?.text).toBe(words);
  });
});

describe("expressions", () => {
  it("read the state and follow it", async () => {
    const { root, connection } = await mount(
      main("<p>{{ a }} {{ list.length }}</p>", { a: 1, list: [1] }),
    );
    expect(root.querySelector("p")?.textContent).toBe("1 1");
    connection.push({ a: 2 });
    await settled();
    expect(root.querySelector("p")?.textContent).toBe("2 1");
  });

  it("assign with v-model, and the value of the server comes back", async () => {
    const { find, connection } = await mount(main('<input v-model.number="n" />', { n: 3 }));
    const input = find<HTMLInputElement>("input");
    expect(input.value).toBe("3");
    typeIn(input, "7");
    await settled();
    expect(connection.writes).toEqual([{ n: 7 }]);
    connection.settle();
    connection.push({ n: 5 });
    await settled();
    expect(input.value).toBe("5");
  });

  it("call triggers after the state that was written before", async () => {
    const order: string[] = [];
    const { find, connection } = await mount(
      main(`<button @click="n = 2; trigger('go', [n, $event.type], {k: 1})">go</button>`, { n: 1 }),
    );
    connection.answer = ({ method }) => order.push(method, JSON.stringify(connection.writes));
    find("button").click();
    await settled();
    expect(order).toEqual(["trame.trigger", '[{"n":2}]']);
    expect(connection.calls.at(-1)?.args).toEqual(["go", [2, "click"], { k: 1 }]);
  });

  it("see what a plugin gave to all components, before the state, and the name of their component", async () => {
    const { view, find, connection } = await mount(main("<p>{{ greet }} {{ name }}</p>"));
    view.trame.app.config.globalProperties.greet = "hello";
    connection.push({ trame__template_main: "<p> {{ greet }} {{ name }}</p>" });
    await settled();
    expect(find("p").textContent?.trim()).toBe("hello trame-template-main");
    connection.push({ greet: "own" });
    await settled();
    expect(find("p").textContent?.trim()).toBe("hello trame-template-main");
  });

  it("use the functions of the scope", async () => {
    const { find, connection, view } = await mount(
      main(
        `<button @click="set('a', get('b')); setAll({c: 1}); obj.x = 1; flushState('obj')"
          :title="typeof window + typeof utils.get + tts">x</button>`,
        { a: 0, b: 4, c: 0, obj: {} },
      ),
    );
    expect(find("button").title).toBe("objectfunction0");
    find("button").click();
    await settled();
    expect(connection.writes).toEqual([{ a: 4, c: 1, obj: { x: 1 } }]);
    expect(view.trame.refs).toEqual({});
  });

  it("count their template's time themselves, until its text changes", async () => {
    const { find, connection } = await mount(
      main(`<b @click="tts++" :key="'w1-' + tts">{{ tts }}</b>`),
    );
    const before = find("b");
    before.click();
    await settled();
    expect(find("b").textContent).toBe("1");
    expect(find("b")).not.toBe(before);
    connection.push({ trame__template_main: "<b>{{ tts }}</b>" });
    await settled();
    expect(find("b").textContent).toBe("0");
  });

  it("see a key that comes after the template", async () => {
    const { find, connection } = await mount(main("<p>{{ later }}{{ a }}</p>", { a: 1 }));
    connection.push({ a: 2 });
    await settled();
    connection.push({ later: "x" });
    await settled();
    expect(find("p").textContent).toBe("x2");
  });

  it("show binary pictures and lists", async () => {
    const { root } = await mount(
      main('<ul><li v-for="(r, i) in rows" :key="i" v-if="rows">{{ r.a }}{{ i }}</li></ul>', {
        rows: [{ a: "x" }, { a: "y" }],
      }),
    );
    expect([...root.querySelectorAll("li")].map((li) => li.textContent)).toEqual(["x0", "y1"]);
  });
});

describe("one changed key of many", () => {
  it("renders the component that reads it, and no other", async () => {
    const state: Record<string, unknown> = {};
    const renders: number[] = [];
    Object.assign(window, { __rendered: (n: number) => void renders.push(n) });
    for (let n = 0; n < 100; n += 1) {
      const keys = Array.from({ length: 10 }, (_, i) => `key_${n}_${i}`);
      for (const key of keys) state[key] = 0;
      const reads = keys.map((key) => `{{ ${key} }}`).join("");
      state[`trame__template_part_${n}`] =
        `<b :id="'p${n}'">{{ window.__rendered(${n}) }}${reads}</b>`;
    }
    const parts = Array.from({ length: 100 }, (_, n) => `<trame-template-part-${n} />`).join("");
    const { find, connection, view } = await mount(main(`<div>${parts}</div>`, state));
    expect(renders).toHaveLength(100);
    renders.length = 0;
    connection.push({ key_42_7: 1 });
    await settled();
    void view.trame.state.set("key_7_3", 1);
    await settled();
    expect(renders).toEqual([42, 7]);
    expect(find("#p42").textContent).toBe("0000000100");
  });
});

describe("templates", () => {
  it("mount anew when their text changes", async () => {
    const { root, connection, find } = await mount(main('<input value="a" />'));
    const before = find("input");
    connection.push({ trame__template_main: '<input value="b" />' });
    await settled();
    expect(find<HTMLInputElement>("input").value).toBe("b");
    expect(find("input")).not.toBe(before);
    expect(root.querySelectorAll("input")).toHaveLength(1);
  });

  it("are components for other templates, also when they come later", async () => {
    const { root, connection } = await mount(
      main('<div><trame-template templateName="second__Tpl" /></div>', {
        trame__template_other: "<i>other</i>",
      }),
    );
    connection.push({ trame__template_second__Tpl: "<b>two</b><trame-template-other />" });
    await settled();
    expect(root.querySelector("b")?.textContent).toBe("two");
    expect(root.querySelector("i")?.textContent).toBe("other");
  });

  it("show the one that the host asks for", async () => {
    const state = main("<p>main</p>", { trame__template_side: "<p>side</p>" });
    const { find } = await mount(state, { template: "side" });
    expect(find("p").textContent).toBe("side");
  });

  it("keep the last picture when they throw, and go on afterwards", async () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { find, connection, root } = await mount(
      main('<div><input /><p v-for="x in obj.list" :key="x"><b>{{ x }}{{ n }}</b></p></div>', {
        obj: { list: [1, 2] },
        n: 0,
      }),
    );
    const input = find("input");
    connection.push({ obj: null });
    await settled();
    expect(find("input")).toBe(input);
    expect([...root.querySelectorAll("b")].map((b) => b.textContent)).toEqual(["10", "20"]);
    expect(find(".jt-error-where").textContent).toBe('template "main"');
    expect(error).toHaveBeenCalledTimes(1);
    expect(connection.calls.at(-1)?.method).toBe("trame.error.client");
    connection.push({ obj: { list: [2, 3, 4] }, n: 1 });
    await settled();
    expect(find("input")).toBe(input);
    expect([...root.querySelectorAll("b")].map((b) => b.textContent)).toEqual(["21", "31", "41"]);
    connection.push({ obj: { list: [4] } });
    await settled();
    expect([...root.querySelectorAll("b")].map((b) => b.textContent)).toEqual(["41"]);
  });

  it("keep the last picture when a new text does not compile", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { find, connection } = await mount(main("<p>{{ n }}</p>", { n: 1 }));
    connection.push({ trame__template_main: "<p>{{ n + }}</p>" });
    await settled();
    expect(find("p").textContent).toBe("1");
    expect(find(".jt-error-message").textContent).toMatch(/line 1: \{\{ }} "n \+"/);
    connection.push({ n: 2 });
    await settled();
    expect(find("p").textContent).toBe("2");
  });

  it("say so where nothing was ever rendered, and recover", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { find, connection } = await mount(main("<p>{{ a.b.c }}</p>", { a: {} }));
    expect(find(".jt-failed").textContent).toContain('"main"');
    connection.push({ a: { b: { c: "fine" } } });
    await settled();
    expect(find("p").textContent).toBe("fine");
  });

  it("take back what was said of them when it is mended", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { root, find, connection } = await mount(
      main('<button @click="a.nothing()">{{ a.b.c }}</button>', { a: { b: {} } }),
    );
    const said = () => [...root.querySelectorAll(".jt-error-where")].map((e) => e.textContent);
    connection.push({ a: {} });
    await settled();
    find("button").click();
    expect(said()).toEqual([expect.stringContaining('of template "main"'), 'template "main"']);
    connection.push({ a: { b: {} } });
    await settled();
    expect(said()).toEqual([]);
    connection.push({ trame__template_main: "<b>{{ a. }}</b>" });
    await settled();
    expect(said()).toEqual(['template "main"']);
    connection.push({ trame__template_main: "<b>{{ a }}</b>" });
    await settled();
    expect(said()).toEqual([]);
  });

  it("report errors of event handlers, with the template's name", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { find } = await mount(
      main('<button @click="nothing.at.all()">x</button>', { nothing: null }),
    );
    find("button").click();
    await settled();
    expect(find(".jt-error-where").textContent).toContain('of template "main"');
  });

  it("leave exceptions of the server's code to the server, and show other refusals", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { find, connection, root } = await mount(
      main(`<button @click="trigger('x')">x</button>`),
    );
    connection.answer = () => Promise.reject({ code: -32001, message: "Exception raised" });
    find("button").click();
    await settled();
    expect(root.querySelector(".jt-error")).toBeNull();
    connection.answer = () => Promise.reject({ code: -32601, message: "no trigger 'x'" });
    find("button").click();
    await settled();
    expect(find(".jt-error-message").textContent).toBe("no trigger 'x'");
  });
});

describe("the result of a trigger that cannot be packed", () => {
  const refused = { code: -32002, message: "Method result cannot be serialized" };

  it("is no error where nobody uses it, and one of a method is", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { find, connection, root } = await mount(
      main(`<button @click="trigger('x')">x</button>`),
    );
    connection.answer = () => Promise.reject({ ...refused, data: "trame.trigger" });
    find("button").click();
    await settled();
    expect(root.querySelector(".jt-error")).toBeNull();
    expect(warned).toHaveBeenCalledOnce();
    connection.answer = () => Promise.reject({ ...refused, data: "viewport.image" });
    find("button").click();
    await settled();
    expect(find(".jt-error-message").textContent).toBe(refused.message);
  });

  it("is told to who waits for it", async () => {
    const { find, connection } = await mount(
      main(
        `<button @click="trigger('x').catch((error) => (said = error.code))">{{ said }}</button>`,
        {
          said: 0,
        },
      ),
    );
    connection.answer = () => Promise.reject({ ...refused, data: "trame.trigger" });
    find("button").click();
    await vi.waitFor(() => expect(find("button").textContent).toBe("-32002"));
  });
});

describe("a picture from a snapshot", () => {
  it("is silent about what only the server has", async () => {
    const trame__template_main = "<b>{{ grid.dtype }}</b>";
    const { root, find, connection } = await mount(null, { snapshot: { trame__template_main } });
    expect(root.querySelector(".jt-error, .jt-failed, b")).toBeNull();
    connection.open({ trame__template_main, grid: { dtype: "<f4" } });
    await settled();
    expect(find("b").textContent).toBe("<f4");
  });

  it("tells what is wrong with the server's state too, as soon as that is there", async () => {
    const wrong = main("<b>{{ grid.shape.rows }}</b>", { grid: { dtype: "<f4" } });
    const { find, root, connection } = await mount(null, { snapshot: wrong });
    expect(root.querySelector(".jt-error")).toBeNull();
    connection.open(wrong);
    await settled();
    expect(find(".jt-error-message").textContent).toContain("rows");
  });
});
