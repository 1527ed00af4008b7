import { describe, expect, it } from "vitest";
import { loadAll, readEntries, readUses } from "../../../src/view/packages/lists";
import { frameReason, isScoped, isStyled, packageOf } from "../../../src/view/packages/packages";

describe("what the server lists", () => {
  it("is a path, or a path with a group", () => {
    const list = ["a.js", ["b.js", { serial: "g" }], ["c.js", {}], ["d.js"], 5, "", null];
    expect(readEntries(list)).toEqual([
      { path: "a.js", group: null },
      { path: "b.js", group: "g" },
      { path: "c.js", group: null },
      { path: "d.js", group: null },
    ]);
    expect(readEntries(null)).toEqual([]);
  });

  it("are plugins with options", () => {
    expect(readUses(["one", ["two()", { a: 1 }, 2], [], 7])).toEqual([
      { expression: "one", options: [] },
      { expression: "two()", options: [{ a: 1 }, 2] },
    ]);
  });

  it("loads side by side, and one after the other in a group", async () => {
    const log: string[] = [];
    const waiting = new Map<string, () => void>();
    const load = (path: string) => {
      log.push(path);
      return new Promise<void>((resolve) => waiting.set(path, resolve));
    };
    const entries = readEntries([
      "a",
      ["b", { serial: 1 }],
      ["c", { serial: 1 }],
      ["d", { serial: 2 }],
    ]);
    const done = loadAll(entries, load);
    expect(log).toEqual(["a", "b", "d"]);
    waiting.get("b")?.();
    await Promise.resolve();
    expect(log).toEqual(["a", "b", "d", "c"]);
    for (const path of ["a", "c", "d"]) waiting.get(path)?.();
    await done;
  });
});

describe("packages", () => {
  it.each([
    ["__trame_vuetify3_3.3.0/vuetify3.js", "vuetify3"],
    ["__trame_vuetify3_lab_3.3.0/x.js", "vuetify3_lab"],
    ["__trame_leaflet2/x.js", "leaflet2"],
    ["/prefix/__trame_router3_2.4.1/x.js", "router3"],
    ["__trame_image_tools/x.js", "image_tools"],
    ["mine/x.js", null],
  ])("%s is of %s", (path, name) => {
    expect(packageOf(path)).toBe(name);
  });

  it("say what they need", () => {
    expect(isScoped("__trame_plotly_3.1.2/x.js")).toBe(true);
    expect(isScoped("__trame_vuetify4_3.3.0/x.js")).toBe(false);
    expect(isStyled("__trame_vuetify4_3.3.0/x.js")).toBe(true);
    expect(isStyled("constructor/x.js")).toBe(false);
    expect(frameReason(["__trame_vtk_2.0.0/x.js"])).toBeNull();
    expect(frameReason(["a.js", "__trame_datagrid/x.js"])).toContain("datagrid: ");
  });
});
