import { describe, expect, it, vi } from "vitest";
import { toRaw } from "vue";
import { type Changes, StateStore } from "../../../src/view/state/store";

// biome-ignore lint/suspicious/noExplicitAny: values of any shape
type Any = any;

function create(state: Changes = {}) {
  const writes: Changes[] = [];
  const store = new StateStore({ write: (changes) => writes.push(structuredClone(changes)) });
  store.receive(state, true);
  store.loaded("app");
  return { store, writes, draft: (key: string) => store.draft(key) as Any };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

describe("a write into a part of a value", () => {
  it.each<[string, unknown, (value: Any) => unknown, unknown]>([
    ["a member of a map", { a: 1 }, (v) => Object.assign(v, { a: 2 }), { a: 2 }],
    ["a new member", {}, (v) => Object.assign(v, { b: 1 }), { b: 1 }],
    ["deep in it", { a: [{ y: 0 }] }, (v) => Object.assign(v.a[0], { y: 1 }), { a: [{ y: 1 }] }],
    ["a removed member", { a: 1, b: 2 }, (v) => delete v.a, { b: 2 }],
    ["push", { t: [1] }, (v) => v.t.push(2, 3), { t: [1, 2, 3] }],
    ["pop", [1, 2], (v) => v.pop(), [1]],
    ["shift", [1, 2], (v) => v.shift(), [2]],
    ["unshift", [1], (v) => v.unshift(0), [0, 1]],
    ["splice", [{ a: 1 }, { a: 2 }], (v) => v.splice(0, 1), [{ a: 2 }]],
    ["sort", [3, 1, 2], (v) => v.sort(), [1, 2, 3]],
    ["sort of maps", [{ a: 2 }, { a: 1 }], (v) => v.sort(by), [{ a: 1 }, { a: 2 }]],
    ["reverse", [{ a: 1 }, { a: 2 }], (v) => v.reverse(), [{ a: 2 }, { a: 1 }]],
    ["fill", [1, 2], (v) => v.fill(0), [0, 0]],
    ["length", [1, 2], (v) => Object.assign(v, { length: 0 }), []],
    [
      "a frozen value",
      freeze({ a: [{ b: 1 }] }),
      (v) => Object.assign(v.a[0], { b: 2 }),
      { a: [{ b: 2 }] },
    ],
    [
      "a part of itself",
      { a: { x: 1 } },
      (v) => Object.assign(v, { b: v.a }),
      { a: { x: 1 }, b: { x: 1 } },
    ],
    ["a list of its parts", { l: [{ d: 1 }, { d: 0 }] }, keepDone, { l: [{ d: 1 }] }],
    [
      "every item",
      [{ d: 0 }, { d: 0 }],
      (v) => v.map((i: Any) => Object.assign(i, { d: 1 })),
      [{ d: 1 }, { d: 1 }],
    ],
  ])("%s: the key is sent once", async (_, value, change, expected) => {
    const before = structuredClone(value);
    const { store, writes, draft } = create({ v: value, other: 1 });
    change(draft("v"));
    await turn();
    expect(writes).toEqual([{ v: expected }]);
    expect(store.state.v).toEqual(expected);
    expect(value, "what was given to others stays").toEqual(before);
  });

  it("is sent once with all others of the turn, and again in the next one", async () => {
    const { store, writes, draft } = create({ a: { x: 0 }, b: 0 });
    for (let x = 1; x < 100; x += 1) draft("a").x = x;
    store.set("b", 1);
    await turn();
    expect(writes).toEqual([{ a: { x: 99 }, b: 1 }]);
    draft("a").x = 100;
    await turn();
    expect(writes).toEqual([{ a: { x: 99 }, b: 1 }, { a: { x: 100 } }]);
  });

  it("is not sent where nothing differs", async () => {
    const { writes, draft } = create({ a: { x: Number.NaN, l: [1] } });
    draft("a").x = Number.NaN;
    draft("a").l[0] = 1;
    draft("a").l = draft("a").l;
    draft("a").l.sort();
    delete draft("a").none;
    await turn();
    expect(writes).toEqual([]);
  });

  it("leaves before a call that comes after it", () => {
    const { store, writes, draft } = create({ a: { x: 0 } });
    draft("a").x = 1;
    store.drain();
    expect(writes).toEqual([{ a: { x: 1 } }]);
  });

  it("needs no flush, and one does no harm", async () => {
    const { store, writes, draft } = create({ a: [1] });
    draft("a").push(2);
    store.flush("a");
    await turn();
    expect(writes).toEqual([{ a: [1, 2] }]);
  });

  it("stays here for a key of the client alone, and is seen", async () => {
    const { store, writes, draft } = create({ a: { x: 0 }, trame__client_only: ["a"] });
    const seen: unknown[] = [];
    store.watch(["a"], (a) => seen.push(structuredClone(a)));
    draft("a").x = 1;
    await turn();
    expect(writes).toEqual([]);
    expect(seen).toEqual([{ x: 0 }, { x: 1 }]);
  });

  it("does not touch bytes, dates and objects of classes", () => {
    const bytes = new Uint8Array([1]);
    const { draft } = create({ a: { bytes, when: new Date(0) }, b: bytes });
    expect(draft("a").bytes).toBe(bytes);
    expect(draft("a").when).toBeInstanceOf(Date);
    expect(draft("b")).toBe(bytes);
  });

  it("leaves the value of the server alone that comes meanwhile", async () => {
    const { store, writes, draft } = create({ a: { x: 0 } });
    draft("a").x = 1;
    store.receive({ a: { x: 5 } });
    await turn();
    expect(store.state.a).toEqual({ x: 1 });
    expect(writes).toEqual([{ a: { x: 1 } }]);
  });

  it("is no write when the server's value comes", async () => {
    const { store, writes, draft } = create({ a: { x: [0] } });
    draft("a").x.push(1);
    await turn();
    store.receive({ a: { x: [0, 1] } });
    await turn();
    expect(writes).toHaveLength(1);
  });

  it("reaches no prototype", async () => {
    const { draft } = create({ a: {} });
    Reflect.set(draft("a"), "__proto__", { polluted: 1 });
    expect(({} as Any).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(draft("a"))).toBe(Object.prototype);
  });
});

describe("what a handler holds", () => {
  it("goes on after a write, and after the server's value", async () => {
    const { store, writes, draft } = create({ a: { tags: [1], deep: { x: 1 } } });
    const { tags, deep } = draft("a");
    tags.push(2);
    await turn();
    tags.push(3);
    await turn();
    expect(writes.at(-1)).toEqual({ a: { tags: [1, 2, 3], deep: { x: 1 } } });
    store.receive({ a: { tags: [9], deep: { x: 2 } } });
    deep.x += 1;
    await turn();
    expect(writes.at(-1)).toEqual({ a: { tags: [9], deep: { x: 3 } } });
  });

  it("says so where it is gone", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { store, writes, draft } = create({ a: [{ x: 1 }] });
    const first = draft("a")[0];
    store.receive({ a: [] });
    first.x = 2;
    await turn();
    expect(writes).toEqual([]);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });

  it("is the same from everywhere", async () => {
    const item = { id: 1, done: false };
    const { store, writes, draft } = create({ todos: [item], selected: item, other: { id: 1 } });
    const own = store.own(item, "todos") as Any;
    expect(own).toBe(draft("todos")[0]);
    expect(own).toBe(draft("selected"));
    expect(draft("todos").indexOf(own)).toBe(0);
    expect(draft("todos").includes(item)).toBe(true);
    own.done = true;
    await turn();
    expect(writes).toEqual([{ todos: [{ id: 1, done: true }], selected: { id: 1, done: true } }]);
    expect(store.own(item), "the one of before leads to the one of now").toBe(own);
  });

  it("is written where it was put", async () => {
    const { writes, draft } = create({ a: { list: [] }, b: [{ x: 1 }] });
    const item = draft("b")[0];
    draft("a").list.push(item);
    item.x = 2;
    await turn();
    expect(writes).toEqual([{ a: { list: [{ x: 2 }] }, b: [{ x: 2 }] }]);
  });

  it("can change places", async () => {
    const { store, draft } = create({ a: { n: 1 }, b: { n: 2 } });
    const held = draft("a");
    store.set("a", draft("b"));
    store.set("b", held);
    await turn();
    expect([store.state.a, store.state.b]).toEqual([{ n: 2 }, { n: 1 }]);
  });

  it("looks like a value", () => {
    const value = { a: [1, { b: 2 }], c: null };
    const { draft } = create({ v: value });
    const held = draft("v");
    expect(JSON.stringify(held)).toBe(JSON.stringify(value));
    expect({ ...held }).toEqual(value);
    expect([...held.a]).toEqual(value.a);
    expect(Object.keys(held)).toEqual(["a", "c"]);
    expect(Array.isArray(held.a)).toBe(true);
    expect("a" in held && !("z" in held)).toBe(true);
    expect([0].concat(held.a)).toHaveLength(3);
    expect(toRaw(held)).toBe(value);
  });

  it("is no part of what is sent or kept", async () => {
    const { store, draft } = create({ a: [{ x: 1 }, { x: 2 }], b: null });
    await store.set(
      "a",
      draft("a").filter(({ x }: Any) => x > 1),
    );
    await store.set("b", { deep: [draft("a")[0]] });
    const kept = store.state as { a: object[]; b: { deep: object[] } };
    expect(toRaw(kept.a[0])).toBe(kept.a[0]);
    expect(toRaw(kept.b.deep[0])).toBe(kept.b.deep[0]);
  });

  it("is a value of its own where it is none of the state", () => {
    const { store } = create({ a: [] });
    const mine = { x: 1 };
    expect(store.own(mine)).toBe(mine);
  });

  it("is quick to be run through", () => {
    const { draft } = create({ a: Array.from({ length: 1000 }, (_, n) => n) });
    expect(draft("a").map).not.toBe(Array.prototype.map);
    expect(draft("a").reduce((sum: number, n: number) => sum + n)).toBe(499500);
    expect(Math.max(...draft("a"))).toBe(999);
  });
});

function by(one: Any, other: Any): number {
  return one.a - other.a;
}

function keepDone(value: Any): void {
  value.l = value.l.filter((item: Any) => item.d);
}

function freeze<T>(value: T): T {
  for (const member of Object.values(value as object)) {
    if (typeof member === "object" && member !== null) freeze(member);
  }
  return Object.freeze(value);
}
