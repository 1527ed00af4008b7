import { describe, expect, it, vi } from "vitest";
import { effect } from "vue";
import { type Changes, StateStore } from "../../../src/view/state/store";

function create(state: Changes = {}) {
  const writes: Changes[] = [];
  const errors: string[] = [];
  const pending = new Set<string>();
  const store = new StateStore({
    write: (changes) => writes.push(changes),
    isPending: (key) => pending.has(key),
    onError: (where) => errors.push(where),
  });
  store.receive(state, true);
  store.loaded("app");
  return { store, writes, errors, pending };
}

describe("the state store", () => {
  it("sends the writes of a turn together, in one message", async () => {
    const { store, writes } = create({ a: 1, b: 1 });
    store.set("a", 2);
    store.set("b", 3);
    await store.set("a", 4);
    expect(writes).toEqual([{ a: 4, b: 3 }]);
  });

  it("ignores the identical value, and undefined for an unknown key", async () => {
    const { store, writes } = create({ a: 1 });
    await store.set("a", 1);
    await store.set("new", undefined);
    expect(writes).toEqual([]);
    expect(store.getAllKeys()).toEqual(["a"]);
  });

  it("runs only the effects that read a changed key", () => {
    const { store } = create({ a: 1, b: 1 });
    const seen: unknown[] = [];
    effect(() => seen.push(store.get("a")));
    store.receive({ b: 2 });
    expect(seen).toEqual([1]);
    store.receive({ a: 2 });
    expect(seen).toEqual([1, 2]);
  });

  it("tracks a key that comes later", () => {
    const { store } = create();
    const seen: unknown[] = [];
    effect(() => seen.push(store.get("later")));
    store.receive({ later: 1 });
    expect(seen).toEqual([undefined, 1]);
  });

  it("tells new keys before it tells that they changed", () => {
    const { store } = create({ a: 1 });
    const events: [string, string[]][] = [];
    store.addListener(({ type, keys }) => events.push([type, keys]));
    store.receive({ a: 2, b: 1 });
    expect(events).toEqual([
      ["new-keys", ["b"]],
      ["dirty-state", ["a", "b"]],
    ]);
  });

  it("is ready when the state of a session is there, after its keys", async () => {
    const store = new StateStore({ write: () => undefined });
    const types: string[] = [];
    store.addListener(({ type }) => types.push(type));
    const loading = store.loadState();
    store.receive({ a: 1 }, true);
    expect(store.ready).toBe(false);
    store.loaded("app");
    await loading;
    expect([store.ready, store.name]).toEqual([true, "app"]);
    store.receive({ a: 2 }, true);
    store.loaded("app");
    expect(types).toEqual(["new-keys", "dirty-state", "ready", "dirty-state", "ready"]);
  });

  it("drops the keys that a new snapshot does not hold, but not own or local ones", () => {
    const { store, pending } = create({ old: 1, mine: 1, trame__client_only: ["local"], local: 1 });
    pending.add("mine");
    store.receive({ fresh: 1, trame__client_only: ["local"] }, true);
    expect(store.getAllKeys().sort()).toEqual(["fresh", "local", "mine", "trame__client_only"]);
  });

  it("never sends client-only keys", async () => {
    const { store, writes } = create({ trame__client_only: ["local"], local: 0 });
    await store.update({ local: 1, sent: 1 });
    await store.flush("local");
    expect(store.get("local")).toBe(1);
    expect(writes).toEqual([{ sent: 1 }]);
  });

  it("renders and sends a value that was changed in place once it is flushed", async () => {
    const { store, writes } = create({ list: [1] });
    const seen: number[] = [];
    effect(() => seen.push((store.get("list") as number[]).length));
    (store.state.list as number[]).push(2);
    await store.flush("list");
    expect(seen).toEqual([1, 2]);
    expect(writes).toEqual([{ list: [1, 2] }]);
  });

  it("keeps an own value that is not sent yet over one that comes in", () => {
    const { store } = create({ a: 1 });
    void store.set("a", 2);
    store.receive({ a: 0 });
    expect(store.get("a")).toBe(2);
  });

  it("keeps an own value that is not settled, also where a listener of the same message wrote it", () => {
    const { store, pending } = create({ a: 1 });
    pending.add("a");
    store.receive({ a: 0 });
    expect(store.get("a")).toBe(1);
    pending.clear();
    store.receive({ a: 0 });
    expect(store.get("a")).toBe(0);
  });

  it("calls a watcher now and at each change, until it is stopped", () => {
    const { store } = create({ a: 1, b: 2 });
    const seen: unknown[][] = [];
    const stop = store.watch(["a", "b"], (...values) => seen.push(values));
    store.receive({ b: 3, c: 1 });
    stop();
    store.receive({ a: 9 });
    expect(seen).toEqual([
      [1, 2],
      [1, 3],
    ]);
  });

  it("reports a listener that throws and goes on with the others", () => {
    const { store, errors } = create();
    const other = vi.fn();
    store.addListener(() => {
      throw new Error("mine");
    });
    store.addListener(other);
    store.receive({ a: 1 });
    expect(errors).toHaveLength(2);
    expect(other).toHaveBeenCalledTimes(2);
  });

  it("sends a file with its content, and a later value of the key instead of it", async () => {
    const { store, writes } = create({ doc: null });
    void store.set("doc", new File(["abc"], "a.txt", { type: "text/plain" }));
    const reading = store.drain();
    expect(writes).toEqual([]);
    await reading;
    expect(writes[0]?.doc).toMatchObject({ name: "a.txt", size: 3, _filter: ["content"] });
    const [first] = writes as { doc: { content: Uint8Array } }[];
    expect([...(first?.doc.content ?? [])]).toEqual([97, 98, 99]);
    await store.set("doc", new File(["abc"], "b.txt"));
    await store.set("doc", null);
    await store.drain();
    expect(writes.slice(1)).toEqual([{ doc: null }]);
  });

  it("keeps a filtered value unless a visible member differs", () => {
    const mine = { name: "a", content: "secret", _filter: ["content"] };
    const { store } = create({ doc: mine });
    store.receive({ doc: { name: "a", _filter: ["content"] } });
    expect(store.get("doc")).toBe(mine);
    store.receive({ doc: { name: "b", _filter: ["content"] } });
    expect(store.get("doc")).toEqual({ name: "b", _filter: ["content"] });
  });
});
