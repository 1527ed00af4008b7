import { describe, expect, it } from "vitest";
import { reactive } from "vue";
import { Decorators } from "../../../src/view/state/decorate";

describe("outgoing values", () => {
  it("pass without a copy where there is nothing to do", () => {
    const decorators = new Decorators();
    for (const value of [1, "text", null, undefined, new Uint8Array(2), new Date(0)]) {
      expect(decorators.apply(value)).toBe(value);
    }
  });

  it("stay binary inside of an object", () => {
    const data = new Float32Array([1, 2]);
    expect(new Decorators().apply({ data })).toEqual({ data });
  });

  it("are not the reactive wrapper", () => {
    const raw = { a: 1 };
    expect(new Decorators().apply({ nested: reactive(raw) })).toEqual({ nested: raw });
  });

  it("are lists where they can be run through by number", () => {
    const list = document.createElement("p");
    list.append("a", "b");
    const values = [list.childNodes, new String("ab"), { length: 2, width: 3 }];
    const [nodes, letters, box] = values.map((value) => new Decorators().apply(value));
    expect(nodes).toEqual([...list.childNodes]);
    expect(letters).toEqual(["a", "b"]);
    expect(box).toEqual({ length: 2, width: 3 });
  });

  it("read files in lists and in objects", async () => {
    const file = new File(["x"], "x.txt");
    const result = (await new Decorators().apply({ files: [file], n: 1 })) as {
      files: { name: string; content: Uint8Array }[];
      n: number;
    };
    expect(result.n).toBe(1);
    expect(result.files[0]).toMatchObject({ name: "x.txt", error: null });
    expect(result.files[0]?.content).toEqual(new Uint8Array([120]));
  });

  it("go through registered decorators by priority, also asynchronous ones", async () => {
    const decorators = new Decorators();
    decorators.register({ priority: 2, decorate: (value) => `${value}2` });
    decorators.register({ priority: 1, decorate: async (value) => `${value}1` });
    expect(await decorators.apply("x")).toBe("x12");
  });
});
