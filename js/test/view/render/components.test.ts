import { afterEach, describe, expect, it, vi } from "vitest";
import { mount, settled, type as typeIn } from "../setup";

const main = (template: string, state: Record<string, unknown> = {}) => ({
  ...state,
  trame__template_main: template,
});

afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

describe("trame-getter", () => {
  it("gives the value of a key and updates it, also nested", async () => {
    const { find, connection, view } = await mount(
      main(
        `<div><trame-getter name="obj" v-slot="{ keyName: k, value, update, updateNested }">
          <b>{{ k }}{{ value.a.b }}</b><trame-client-state-change :value="value" @change="set('n', n + 1)" />
          <i @click="updateNested('a.b', 2)"></i><u @click="update({a: {b: 3}})"></u>
        </trame-getter></div>`,
        { obj: { a: { b: 1 } }, n: 0, trame__client_only: ["n"] },
      ),
    );
    expect(find("b").textContent).toBe("obj1");
    find("i").click();
    await settled();
    expect(find("b").textContent).toBe("obj2");
    connection.settle();
    find("u").click();
    await settled();
    expect(find("b").textContent).toBe("obj3");
    expect(connection.writes).toHaveLength(2);
    // Who was given the value sees that it is another one.
    expect(view.trame.state.get("n")).toBe(2);
  });
});

describe("trame-deep-reactive", () => {
  it("pushes nested changes as new values and takes those of the server", async () => {
    const { find, connection } = await mount(
      main(
        '<div><trame-deep-reactive name="obj" v-slot="{ value: obj }"><input v-model="obj.a" /></trame-deep-reactive></div>',
        { obj: { a: "1" } },
      ),
    );
    typeIn(find<HTMLInputElement>("input"), "2");
    await settled();
    expect(connection.writes).toEqual([{ obj: { a: "2" } }]);
    connection.settle();
    connection.push({ obj: { a: "3" } });
    await settled();
    expect(find<HTMLInputElement>("input").value).toBe("3");
    expect(connection.writes).toHaveLength(1);
  });
});

describe("trame-client-state-change", () => {
  it("emits the new value of an expression", async () => {
    const { connection } = await mount(
      main(
        `<div><trame-client-state-change :value="a + 1" @change="set('seen', $event)" /></div>`,
        {
          a: 1,
          seen: null,
        },
      ),
    );
    expect(connection.writes).toEqual([]);
    connection.push({ a: 2 });
    await settled();
    expect(connection.writes).toEqual([{ seen: 3 }]);
  });

  it("emits on creation where that is asked for", async () => {
    const { connection } = await mount(
      main(
        `<trame-client-state-change :value="a" immediate trigger-change-on-create @change="set('seen', $event)" />`,
        { a: 1, seen: null },
      ),
    );
    expect(connection.writes).toEqual([{ seen: 1 }]);
  });
});

describe("actions", () => {
  it("reach exposed methods, elements and custom topics through refs", async () => {
    const { connection, find, root } = await mount(
      main(
        `<div><input :ref="(el) => trame.refs['field'] = el" />
        <trame-exec :ref="(el) => trame.refs['ex'] = el" event="5" @exec="set('x', $event)" />
        <trame-client-triggers :ref="(el) => trame.refs['ct'] = el" @my-topic="set('y', $event)" /></div>`,
        { x: 0, y: 0 },
      ),
    );
    const method = (ref: string, name: string, ...args: unknown[]) => ({
      type: "method",
      ref,
      method: name,
      args,
    });
    connection.publish("trame.actions.topic", [
      method("field", "focus"),
      method("gone", "focus"),
      method("ex", "exec", 7),
      method("ct", "emit", "my-topic", 8),
      { type: "property", ref: "field", property: "value", value: "set" },
    ]);
    await settled();
    expect(root.activeElement).toBe(find("input"));
    expect(find<HTMLInputElement>("input").value).toBe("set");
    expect(connection.writes).toEqual([{ x: 7, y: 8 }]);
  });

  it("that fail are reported and do not stop the next", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { connection, find } = await mount(
      main(`<input :ref="(el) => trame.refs['field'] = el" />`),
    );
    connection.publish("trame.actions.topic", [
      { type: "method", ref: "field", method: "nothing", args: [] },
      { type: "property", ref: "field", property: "value", value: "set" },
    ]);
    await settled();
    expect(find(".jt-error-where").textContent).toBe('js_call("field", "nothing")');
    expect(find<HTMLInputElement>("input").value).toBe("set");
  });
});

describe("refs of plain attributes", () => {
  it("are reachable for the server too, until the next template has the name", async () => {
    const { connection, view, find } = await mount(
      main(
        `<div><trame-exec ref="run" event="1" @exec="set('x', $event)" />
        <i ref="here" @click="set('x', $refs.here.tagName)"></i></div>`,
        { x: 0 },
      ),
    );
    const exec = { type: "method", ref: "run", method: "exec", args: [5] };
    connection.publish("trame.actions.topic", [exec]);
    await settled();
    expect(connection.writes.at(-1)).toEqual({ x: 5 });
    connection.settle();
    find("i").click();
    await settled();
    expect(connection.writes.at(-1)).toEqual({ x: "I" });
    connection.push({ trame__template_main: '<u ref="run"></u>' });
    await settled();
    expect(view.trame.refs.run).toBe(find("u"));
    expect(view.trame.refs.here).toBeNull();
  });
});

describe("life cycle components", () => {
  it("call their triggers", async () => {
    const { connection } = await mount(
      main(
        `<div><trame-client-triggers @created="trigger('c')" @mounted="trigger('m')" @before-unmount="trigger('b')" />
        <trame-life-cycle-monitor name="n" type="emit" :value="a" @mounted="trigger('mm')" @updated="trigger('u')"
          @before-unmount="trigger('bu')" @before-destroy="trigger('bd')" /></div>`,
        { a: 1 },
      ),
    );
    connection.push({ a: 2 });
    await settled();
    connection.push({ trame__template_main: "<p></p>" });
    await settled();
    const names = connection.calls.map(({ args }) => args[0]);
    expect(names).toEqual(["c", "m", "mm", "u", "b", "bu", "bd"]);
  });

  it("tell their name and value, and show what is in their slot", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { view, find } = await mount(
      main(
        `<div><trame-life-cycle-monitor name="n" type="emit" :value="a" @mounted="set('seen', $event)"><b>1</b>
        </trame-life-cycle-monitor><trame-client-triggers><i>2</i></trame-client-triggers>
        <trame-client-state-change :value="a"><u>3</u></trame-client-state-change>
        <trame-life-cycle-monitor type="warn" value="v" :events="['created']" /></div>`,
        { a: 1, seen: null },
      ),
    );
    expect(view.trame.state.get("seen")).toEqual({ name: "n", value: 1 });
    expect(["b", "i", "u"].map((tag) => find(tag).textContent)).toEqual(["1", "2", "3"]);
    expect(warn).toHaveBeenCalledWith("LifeCycleMonitor", "created", "v");
  });
});

describe("inline resources", () => {
  it("live as long as their component", async () => {
    const { connection, root } = await mount(
      main('<div><trame-style :css="css" /><trame-script :script="js" /></div>', {
        css: ".mine{color:red}",
        js: "window.__jt_ran = (window.__jt_ran || 0) + 1;",
      }),
    );
    const styles = () => [...root.querySelectorAll("style")].map((s) => s.textContent).join();
    expect(styles()).toContain(".mine");
    expect(document.head.querySelectorAll("script")).toHaveLength(1);
    connection.push({ css: ".other{color:red}", trame__template_main: "<p></p>" });
    await settled();
    expect(styles()).not.toContain(".mine");
    expect(document.head.querySelectorAll("script")).toHaveLength(0);
  });
});

describe("trame-size-observer", () => {
  afterEach(() => vi.unstubAllGlobals());

  /** What tells the next observer that something changed. */
  const observeByHand = () => {
    let told = (): void => undefined;
    vi.stubGlobal(
      "ResizeObserver",
      class {
        constructor(callback: () => void) {
          told = callback;
        }
        observe(): void {}
        disconnect(): void {}
      },
    );
    return () => told();
  };

  it("tells sizes, but not that of a view out of sight", async () => {
    const resized = observeByHand();
    const { find, connection } = await mount(main('<trame-size-observer name="size" />'));
    const box = vi.spyOn(find(".jt-size-observer"), "getBoundingClientRect");
    box.mockReturnValue(new DOMRect(0, 0, 0, 0));
    resized();
    await settled();
    expect(connection.writes).toEqual([]);
    box.mockReturnValue(new DOMRect(1, 2, 30, 40));
    resized();
    await settled();
    expect(connection.writes).toMatchObject([{ size: { size: { width: 30, height: 40 } } }]);
  });

  it("tells who listens where it has no name", async () => {
    const resized = observeByHand();
    const template = "<trame-size-observer @change=\"trigger('seen', [$event])\" />";
    const { find, connection } = await mount(main(template));
    const box = vi.spyOn(find(".jt-size-observer"), "getBoundingClientRect");
    box.mockReturnValue(new DOMRect(1, 2, 30, 40));
    resized();
    resized();
    await settled();
    expect(connection.writes).toEqual([]);
    expect(connection.calls).toHaveLength(1);
  });
});
