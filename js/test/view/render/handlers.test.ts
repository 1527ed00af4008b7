import { afterEach, describe, expect, it, vi } from "vitest";
import { h } from "vue";
import { pack, unpack } from "../../../src/protocol";
import { mount, settled } from "../setup";

afterEach(() => document.body.replaceChildren());

async function shown(template: string, state: Record<string, unknown>) {
  const mounted = await mount({ trame__template_main: template, ...state });
  const { find, connection } = mounted;
  const click = async (selector = "button") => {
    find(selector).click();
    await settled();
    connection.settle();
  };
  return { find, connection, click };
}

describe("nested writes of templates", () => {
  it.each([
    ["form.name = 'b'", { name: "b", tags: [1] }],
    ["form.tags.push(2)", { name: "a", tags: [1, 2] }],
    ["delete form.name", { tags: [1] }],
    ["() => form.tags.pop()", { name: "a", tags: [] }],
    ["form.name += 'c'; form.tags[0]++", { name: "ac", tags: [2] }],
    ["async () => { await null; form.name = 'late' }", { name: "late", tags: [1] }],
    ["get('form').name = 'got'", { name: "got", tags: [1] }],
    ["form.tags.push(2); flushState('form')", { name: "a", tags: [1, 2] }],
  ])("%s", async (handler, expected) => {
    const { click, connection, find } = await shown(
      `<p>{{ JSON.stringify(form) }}</p><button @click.stop="${handler}">x</button>`,
      { form: { name: "a", tags: [1] } },
    );
    await click();
    expect(connection.writes).toEqual([{ form: expected }]);
    expect(JSON.parse(find("p").textContent ?? "")).toEqual(expected);
  });

  it("v-model on a part of a value, and the server's answer writes nothing", async () => {
    const { find, connection } = await shown(
      `<input v-model="form.name"><input type="checkbox" v-model="form.on"><b>{{ form.name }}</b>`,
      { form: { name: "a", on: false } },
    );
    const input = find<HTMLInputElement>("input");
    input.value = "b";
    input.dispatchEvent(new Event("input"));
    await settled();
    expect(connection.writes).toEqual([{ form: { name: "b", on: false } }]);
    expect(find("b").textContent).toBe("b");
    connection.settle();
    connection.push({ form: { name: "server", on: true } });
    await settled();
    expect(input.value).toBe("server");
    expect(connection.writes).toHaveLength(1);
  });

  it("items of v-for, nested and destructured beside others", async () => {
    const { click, connection } = await shown(
      `<div v-for="(item, index) in todos" :key="item.id">
         <div v-for="tag in item.tags"><button :class="'t' + tag.n" @click="tag.n += 10; item.seen = index">x</button></div>
       </div>`,
      {
        todos: [
          { id: 1, tags: [{ n: 1 }] },
          { id: 2, tags: [{ n: 2 }] },
        ],
      },
    );
    await click(".t2");
    expect(connection.writes).toEqual([
      {
        todos: [
          { id: 1, tags: [{ n: 1 }] },
          { id: 2, tags: [{ n: 12 }], seen: 1 },
        ],
      },
    ]);
  });

  it("items of a list that was made from the state, twice in a turn", async () => {
    const { find, connection } = await shown(
      `<ul><li v-for="item in todos.filter((one) => !one.done)"
         @click="item.count += 1"><b @click="item.done = true">{{ item.count }}</b></li></ul>`,
      { todos: [{ count: 0 }, { done: true }] },
    );
    const drawn = Date.now();
    // Vue leaves events out that are no younger than their listener.
    await vi.waitUntil(() => Date.now() > drawn + 1);
    find("b").click();
    await settled();
    expect(connection.writes).toEqual([{ todos: [{ count: 1, done: true }, { done: true }] }]);
  });

  it("v-model on items, and removing one by itself", async () => {
    const { find, click, connection } = await shown(
      `<p v-for="item in todos"><input v-model="item.text"><button
         @click="todos = todos.filter((one) => one !== item)">x</button></p>`,
      { todos: [{ text: "a" }, { text: "b" }] },
    );
    const input = find<HTMLInputElement>("input");
    input.value = "c";
    input.dispatchEvent(new Event("input"));
    await settled();
    connection.settle();
    await click();
    expect(connection.writes).toEqual([
      { todos: [{ text: "c" }, { text: "b" }] },
      { todos: [{ text: "b" }] },
    ]);
  });

  it("what a slot gives, and what is not of the state stays as it is", async () => {
    const { click, connection } = await shown(
      `<trame-getter name="form"><template #default="{ value, update: put }">
         <button class="a" @click="value.name = 'b'">x</button>
         <button class="b" @click="put({ ...value, name: 'c' })">x</button>
       </template></trame-getter>`,
      { form: { name: "a" } },
    );
    await click(".a");
    await click(".b");
    expect(connection.writes).toEqual([{ form: { name: "b" } }, { form: { name: "c" } }]);
  });

  it("arguments of calls are plain values, after the write", async () => {
    const { click, connection } = await shown(
      `<button @click="form.name = 'b'; trigger('save', [form, { deep: { form } }])">x</button>`,
      { form: { name: "a" } },
    );
    await click();
    expect(connection.writes).toEqual([{ form: { name: "b" } }]);
    const call = connection.calls.find(({ method }) => method === "trame.trigger");
    const [, given] = (call ?? { args: [] }).args;
    expect(unpack(pack(given))).toEqual([{ name: "b" }, { deep: { form: { name: "b" } } }]);
  });

  it("drawing gives raw values to components, another one after each write", async () => {
    const seen: unknown[] = [];
    const { view, find, connection } = await mount(null);
    view.trame.app.component("child", {
      props: ["items"],
      render(this: { items: unknown }) {
        seen.push(this.items);
        return h("i", JSON.stringify(this.items));
      },
    });
    const tags = [1];
    connection.open({
      trame__template_main: `<child :items="form.tags" /><button @click="form.tags.push(2)">x</button>`,
      form: { tags },
    });
    await settled();
    expect(seen).toEqual([tags]);
    find("button").click();
    await settled();
    expect(find("i").textContent).toBe("[1,2]");
    expect(structuredClone(seen[1])).toEqual([1, 2]);
  });

  it("what components say while they are mounted", async () => {
    const { connection, view } = await mount(null);
    view.trame.app.component("child", {
      emits: ["ready"],
      mounted(this: { $emit(name: string): void }) {
        this.$emit("ready");
      },
      render: () => h("i"),
    });
    connection.open({
      trame__template_main: `<child @ready="form.ready = true" />`,
      form: { ready: false },
    });
    await settled();
    expect(connection.writes).toEqual([{ form: { ready: true } }]);
  });

  it("functions by name are called with what the event brings", async () => {
    const { click, connection } = await shown(
      `<trame-getter name="word"><template #default="{ update }">
         <button @click="update">x</button></template></trame-getter>
       <span @click.once="set('word', 'b')"></span><div @click.prevent></div>`,
      { word: "a" },
    );
    await click("span");
    expect(connection.writes).toEqual([{ word: "b" }]);
    await click("div");
    expect(connection.writes).toHaveLength(1);
  });
});
