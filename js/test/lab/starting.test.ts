import { describe, expect, it, vi } from "vitest";
import {
  isRunning,
  isStartable,
  sameApp,
  start,
  targetOf,
  titleOfFile,
} from "../../src/lab/starting";
import { serverInfo } from "./support";

const app = { kernelId: "k", slug: "s", title: "T" };

describe("sameApp", () => {
  it.each([
    [app, app, true],
    [app, { ...app, slug: "other" }, false],
    [app, { ...app, kernelId: "k2" }, false],
    [app, { ...app, template: "side" }, false],
    [app, { ...app, template: "main" }, true],
    [{ ...app, app: "a" }, { title: "T", app: "a" }, true],
    [{ ...app, path: "a.py" }, { title: "T", path: "a.py" }, true],
    [{ ...app, path: "a.py" }, { title: "T", path: "b.py" }, false],
    [{ ...app, path: "a.py" }, { title: "T", app: "a.py" }, false],
    [app, { title: "T", app: "a" }, false],
    [{ title: "T" }, { title: "T" }, false],
  ])("%j and %j: %s", (a, b, same) => expect(sameApp(a, b)).toBe(same));
});

describe("what can be started", () => {
  const api = {
    start: vi.fn(async () => serverInfo({ slug: "app" })),
    runFile: vi.fn(async () => serverInfo({ slug: "file" })),
  };

  it("is a registered app or a file", async () => {
    expect([app, { ...app, app: "a" }, { ...app, path: "p" }].map(isStartable)).toEqual([
      false,
      true,
      true,
    ]);
    expect(await start(api, { ...app, app: "a" })).toMatchObject({ slug: "app" });
    expect(await start(api, { ...app, path: "p.py" })).toMatchObject({ slug: "file" });
    expect([api.start.mock.calls, api.runFile.mock.calls]).toEqual([
      [["a", undefined]],
      [["p.py", undefined]],
    ]);
    expect(() => start(api, app)).toThrow("which app");
  });

  it("is of a server what started it, but never a notebook", () => {
    const key = { kernelId: "k", slug: "s", title: "T" };
    expect(targetOf(serverInfo({ path: "a.ipynb", owner: "notebook" }))).toEqual(key);
    expect(targetOf(serverInfo({ path: "p.py", owner: "file" }))).toEqual({ ...key, path: "p.py" });
    expect(targetOf(serverInfo({ app: "a", owner: "launcher" }))).toEqual({ ...key, app: "a" });
  });

  it("runs when a server says that it is that", () => {
    const file = serverInfo({ path: "p.py", owner: "file" });
    expect(isRunning(serverInfo({ app: "a" }), { title: "T", app: "a" })).toBe(true);
    expect(isRunning(serverInfo({ name: "a" }), { title: "T", app: "a" })).toBe(false);
    expect(isRunning(file, { title: "T", path: "p.py" })).toBe(true);
    expect(isRunning({ ...file, owner: "notebook" }, { title: "T", path: "p.py" })).toBe(false);
  });

  it.each([
    ["a/sales.trame.py", "sales"],
    ["sales.py", "sales"],
    ["a.b.py", "a.b"],
    [".py", ".py"],
  ])("%s is called %s", (path, title) => expect(titleOfFile(path)).toBe(title));
});
