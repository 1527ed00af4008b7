import type { ILauncher } from "@jupyterlab/launcher";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Entry, LauncherCards } from "../../src/lab/launcher-cards";
import type { AppInfo, TemplateInfo } from "../../src/lab/models";
import { Command } from "../../src/lab/tokens";
import { appInfo } from "./support";

type Card = ILauncher.IItemOptions;

let shown: Card[];
let entries: Entry[];
const addCard = vi.fn((card: Card) => keep(shown, card));
const addEntry = vi.fn((entry: Entry) => keep(entries, entry));
const apps = vi.fn(async (): Promise<AppInfo[]> => []);
const templates = vi.fn(async (): Promise<TemplateInfo[]> => []);
const titles = () => shown.map(({ args }) => args?.title ?? args?.path);

function keep<Item>(list: Item[], item: Item) {
  list.push(item);
  return { isDisposed: false, dispose: () => void list.splice(list.indexOf(item), 1) };
}

function create(): LauncherCards {
  return new LauncherCards({ api: { apps, templates }, runCommand: "run", addCard, addEntry });
}

beforeEach(() => {
  shown = [];
  entries = [];
  vi.clearAllMocks();
});

describe("the launcher's cards", () => {
  it("follow what is registered, and stay where that is the same", async () => {
    apps.mockResolvedValue([appInfo({ name: "a" }), appInfo({ name: "b" })]);
    const cards = create();
    await cards.refresh();
    await cards.refresh();
    expect(titles()).toEqual(["a", "b"]);
    expect(addCard).toHaveBeenCalledTimes(2);
    expect(entries.map(({ args }) => [args.title, args.isPalette])).toEqual([
      ["a", true],
      ["b", true],
    ]);
    apps.mockResolvedValue([appInfo({ name: "c" })]);
    await cards.refresh();
    expect([titles(), entries.length]).toEqual([["c"], 1]);
  });

  it("are asked for once at a time, and stay when nobody answers", async () => {
    apps.mockResolvedValue([appInfo({ name: "a" })]);
    const cards = create();
    await Promise.all([cards.refresh(), cards.refresh()]);
    expect(apps).toHaveBeenCalledOnce();
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    apps.mockRejectedValueOnce(new Error("gone"));
    await cards.refresh();
    expect(warn).toHaveBeenCalledOnce();
    expect(titles()).toEqual(["a"]);
  });

  it("have the app's own icon, be it a drawing or an image", async () => {
    const one = appInfo({ name: "one", icon: " <svg id='one'/>", install: "pip install x" });
    apps.mockResolvedValue([one, appInfo({ name: "two", icon: "/img.png" })]);
    await create().refresh();
    expect(shown.map(({ kernelIconUrl }) => kernelIconUrl)).toEqual([undefined, "/img.png"]);
    expect(shown.map(({ args }) => args?.icon)).toEqual([one.icon, undefined]);
    expect(shown[0]?.args?.install).toBe("pip install x");
  });

  it("are of files that are named as apps, wherever the user looks", () => {
    const cards = create();
    cards.showFiles(["d/b.trame.py", "d/other.py", "d/a.trame.py", "d/x.trame.pyc"]);
    expect(titles()).toEqual(["d/a.trame.py", "d/b.trame.py"]);
    expect(shown[0]).toMatchObject({ command: "run", args: { path: "d/a.trame.py" } });
    cards.showFiles([]);
    expect(titles()).toEqual([]);
  });

  it("are of a notebook and an app to begin with, behind all others", async () => {
    const template = (name: string) => ({ name, title: name, description: "" });
    apps.mockResolvedValue([appInfo({ name: "a" })]);
    templates.mockResolvedValue([template("app"), template("project"), template("notebook")]);
    const cards = create();
    cards.showFiles(["a.trame.py"]);
    await cards.refresh();
    const ranked = [...shown].sort((a, b) => Number(a.rank) - Number(b.rank));
    expect(ranked.map(({ command, args }) => [command, args?.template])).toEqual([
      [Command.launch, undefined],
      ["run", undefined],
      [Command.create, "app"],
      [Command.create, "notebook"],
    ]);
  });
});
