import { describe, expect, it } from "vitest";
import {
  mappings,
  readApp,
  readServer,
  readTemplate,
  readTemplateFile,
} from "../../src/lab/models";

describe("what the server says", () => {
  it("of an app", () => {
    expect(readApp({ name: "b", address: "x/{id}/", needs_id: true, install: "pip i" })).toEqual({
      name: "b",
      title: "b",
      icon: "",
      description: "",
      install: "pip i",
      address: "x/{id}/",
      needsId: true,
    });
  });

  it("of a server", () => {
    const started = "2026-01-02T03:04:05Z";
    const map = { kernel_id: "k", slug: "s", app: "a", path: null, owner: "launcher", viewers: 2 };
    expect(readServer({ ...map, started })).toEqual({
      kernelId: "k",
      slug: "s",
      title: "s",
      name: "",
      app: "a",
      path: "",
      owner: "launcher",
      viewers: 2,
      started: new Date(started),
    });
  });

  it.each([{}, { viewers: "2", started: "yesterday" }, { started: null, app: 1 }])(
    "of a server in another version: %j",
    (map) => expect(readServer(map)).toMatchObject({ viewers: 0, started: null, app: "" }),
  );

  it("of templates and their files", () => {
    expect(readTemplate({ name: "n" })).toEqual({ name: "n", title: "n", description: "" });
    expect(readTemplateFile({ path: "a.py", text: "1" })).toEqual({ path: "a.py", text: "1" });
    expect(readTemplateFile({ path: 1 })).toEqual({ path: "", text: "" });
  });

  it("that is no list, or no list of maps", () => {
    expect([mappings("no"), mappings(null), mappings([1, null, {}])]).toEqual([[], [], [{}]]);
  });
});
