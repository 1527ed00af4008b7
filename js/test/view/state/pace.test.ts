import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Pacer, paceOf } from "../../../src/view/state/pace";
import { mount, settled } from "../setup";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

function recorder() {
  const seen: number[] = [];
  const errors: unknown[] = [];
  return { seen, errors, pacer: new Pacer((error) => errors.push(error)) };
}

describe("throttle", () => {
  it("runs the first at once and the last in its time", () => {
    const { seen, pacer } = recorder();
    for (let n = 1; n <= 5; n += 1) pacer.throttle(100, () => seen.push(n));
    expect(seen).toEqual([1]);
    vi.advanceTimersByTime(100);
    expect(seen).toEqual([1, 5]);
    vi.advanceTimersByTime(100);
    for (let n = 6; n <= 7; n += 1) pacer.throttle(100, () => seen.push(n));
    expect(seen).toEqual([1, 5, 6]);
    vi.advanceTimersByTime(1000);
    expect(seen).toEqual([1, 5, 6, 7]);
  });
});

describe("debounce", () => {
  it("runs the last when nothing came for its time", () => {
    const { seen, pacer } = recorder();
    const push = (n: number) => pacer.debounce(100, () => seen.push(n));
    push(1);
    vi.advanceTimersByTime(90);
    push(2);
    vi.advanceTimersByTime(90);
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(10);
    expect(seen).toEqual([2]);
  });

  it("keeps places and keys apart", () => {
    const { seen, pacer } = recorder();
    for (const key of ["a", "b"]) pacer.debounce(100, () => seen.push(1), key);
    pacer.debounce(100, () => seen.push(2));
    vi.advanceTimersByTime(100);
    expect(seen).toEqual([1, 1, 2]);
  });

  it("runs what waits when its template goes, and reports what fails", () => {
    const { seen, errors, pacer } = recorder();
    pacer.debounce(100, () => seen.push(1));
    pacer.debounce(100, () => {
      throw new Error("mine");
    });
    pacer.dispose();
    vi.advanceTimersByTime(1000);
    expect(seen).toEqual([1]);
    expect(errors).toHaveLength(1);
  });
});

describe("in a template", () => {
  it("calls belong to their place, through renderings", async () => {
    const { find, connection } = await mount({
      trame__template_main: `<div><b>{{ n }}</b>
        <input @input="n += 1; debounce(200, () => trigger('search', [$event.target.value]))" /></div>`,
      n: 0,
    });
    const input = find<HTMLInputElement>("input");
    for (const text of ["a", "ab", "abc"]) {
      input.value = text;
      input.dispatchEvent(new Event("input"));
      await settled();
      vi.advanceTimersByTime(100);
    }
    expect(find("b").textContent).toBe("3");
    expect(connection.calls).toEqual([]);
    vi.advanceTimersByTime(200);
    await settled();
    expect(connection.calls.map(({ args }) => args[1])).toEqual([["abc"]]);
  });

  it("give way to state keys of their name", async () => {
    const { find } = await mount({ trame__template_main: "<b>{{ throttle }}</b>", throttle: 7 });
    expect(find("b").textContent).toBe("7");
  });
});

describe("the pace of a state key", () => {
  it("is read carefully", () => {
    expect(paceOf({ a: { throttle: 50 } }, "a")).toEqual({ throttle: 50 });
    expect(paceOf({ a: { debounce: 50, throttle: 1 } }, "a")).toEqual({ debounce: 50 });
    for (const odd of [undefined, null, 5, { a: null }, { a: { throttle: "x" } }, { b: {} }]) {
      expect(paceOf(odd, "a")).toBeUndefined();
    }
    expect(paceOf({}, "toString")).toBeUndefined();
  });

  const APP = {
    trame__template_main: "<b>{{ n }} {{ word }}</b>",
    trame__pace: { n: { throttle: 100 }, word: { debounce: 100 } },
    n: 0,
    word: "",
  };

  it("limits what is sent, not what is shown", async () => {
    const { find, connection, view } = await mount(APP);
    for (let n = 1; n <= 4; n += 1) {
      void view.trame.state.update({ n, word: "x".repeat(n) });
      await settled();
      connection.settle();
    }
    expect(find("b").textContent).toBe("4 xxxx");
    expect(connection.writes).toEqual([{ n: 1 }]);
    vi.advanceTimersByTime(100);
    expect(Object.assign({}, ...connection.writes)).toEqual({ n: 4, word: "xxxx" });
    expect(connection.writes.filter((write) => "n" in write)).toHaveLength(2);
  });

  it("keeps the own value against others, and a trigger does not wait", async () => {
    const { find, connection, view } = await mount(APP);
    void view.trame.state.set("word", "mine");
    await settled();
    connection.push({ word: "theirs" });
    await settled();
    expect(find("b").textContent).toBe("0 mine");
    void view.trame.trigger("go");
    await settled();
    expect(connection.writes).toEqual([{ word: "mine" }]);
  });
});

describe("writes without a pace", () => {
  it("leave at once, and once a frame while the server does not answer", async () => {
    const { connection, view } = await mount({ trame__template_main: "<b />", n: 0, m: 0 });
    const set = async (changes: Record<string, unknown>) => {
      void view.trame.state.update(changes);
      await settled();
    };
    await set({ n: 1 });
    connection.settle();
    await set({ n: 2 });
    expect(connection.writes).toEqual([{ n: 1 }, { n: 2 }]);
    await set({ n: 3 });
    await set({ n: 4, m: 1 });
    expect(connection.writes).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(16);
    expect(connection.writes.slice(2)).toEqual([{ n: 4, m: 1 }]);
  });
});
