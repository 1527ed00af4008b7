import type { Contents } from "@jupyterlab/services";
import { CommandRegistry } from "@lumino/commands";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { addCreateCommand } from "../../src/lab/create-commands";
import { createFile, createFolder } from "../../src/lab/creating";
import { Command } from "../../src/lab/tokens";

const dialogs = vi.hoisted(() => ({
  InputDialog: { getItem: vi.fn(), getText: vi.fn() },
  showErrorMessage: vi.fn(async () => undefined),
}));

vi.mock("@jupyterlab/apputils", () => dialogs);
vi.mock("@jupyterlab/ui-components", () => ({ LabIcon: class {} }));

const newUntitled = vi.fn(async ({ path, type, ext }: Contents.ICreateOptions) => ({
  path: `${path ? `${path}/` : ""}Untitled${ext ?? (type === "notebook" ? ".ipynb" : "")}`,
}));
const save = vi.fn(async (_: string, __?: Partial<Contents.IModel>) => ({}));
const remove = vi.fn(async () => undefined);
const rename = vi.fn(async (_: string, path: string) => ({ path }));
const contents = { newUntitled, save, rename, delete: remove } as unknown as Contents.IManager;
const app = { path: "app.trame.py", text: "code" };

const test = { path: "tests/deep/test_app.py", text: "test" };

beforeEach(() => vi.clearAllMocks());

describe("files of a template", () => {
  it("of one file are a file with a free name", async () => {
    expect(await createFile(contents, "d", app)).toBe("d/Untitled.trame.py");
    const model = { type: "file", format: "text", content: "code" };
    expect(save.mock.calls).toEqual([["d/Untitled.trame.py", model]]);
  });

  it("may be a notebook", async () => {
    const notebook = { path: "app.ipynb", text: '{"cells": []}' };
    expect(await createFile(contents, "", notebook)).toBe("Untitled.ipynb");
    const model = { type: "notebook", format: "json", content: { cells: [] } };
    expect(save.mock.calls).toEqual([["Untitled.ipynb", model]]);
  });

  it("of several are a folder with folders", async () => {
    expect(await createFolder(contents, "d", "mine", [app, test])).toBe("d/mine/app.trame.py");
    expect(save.mock.calls.map(([path, model]) => [path, model?.type])).toEqual([
      ["d/mine/tests", "directory"],
      ["d/mine/tests/deep", "directory"],
      ["d/mine/app.trame.py", "file"],
      ["d/mine/tests/deep/test_app.py", "file"],
    ]);
  });

  it("go into a folder that is called otherwise where the name is taken", async () => {
    rename.mockRejectedValueOnce(new Error("it exists"));
    expect(await createFolder(contents, "", "mine", [app, test])).toBe("Untitled/app.trame.py");
  });

  it("leave nothing behind that is not complete, and say what was wrong first", async () => {
    save.mockRejectedValueOnce(new Error("disk full"));
    remove.mockRejectedValueOnce(new Error("and gone"));
    await expect(createFile(contents, "d", app)).rejects.toThrow("disk full");
    expect(remove).toHaveBeenCalledWith("d/Untitled.trame.py");
  });
});

describe("the command that creates", () => {
  const open = vi.fn();
  const api = {
    templates: vi.fn(async () => [{ name: "app", title: "App", description: "" }]),
    template: vi.fn(async (_: string, __?: string) => [app]),
    demand: vi.fn(async () => undefined),
  };
  const commands = new CommandRegistry();
  commands.addCommand("docmanager:open", { execute: open });
  addCreateCommand(commands, { api, contents, folder: () => "here" });

  it("writes where the user looks, and opens it", async () => {
    const args = { template: "app", title: "App", cwd: "there" };
    expect(commands.label(Command.create, args)).toBe("New trame App");
    await commands.execute(Command.create, args);
    expect(open).toHaveBeenCalledWith({ path: "there/Untitled.trame.py" });
  });

  it("lets the user pick", async () => {
    dialogs.InputDialog.getItem.mockResolvedValueOnce({ value: "1. App" });
    await commands.execute(Command.create);
    expect(open).toHaveBeenCalledWith({ path: "here/Untitled.trame.py" });
    dialogs.InputDialog.getItem.mockResolvedValueOnce({ value: null });
    await commands.execute(Command.create);
    expect(open).toHaveBeenCalledOnce();
  });

  it("asks what an app of several files is to be called", async () => {
    api.template.mockResolvedValue([app, test]);
    dialogs.InputDialog.getText.mockResolvedValueOnce({ value: null });
    expect(await commands.execute(Command.create, { template: "project" })).toBeNull();
    expect(newUntitled).not.toHaveBeenCalled();
    dialogs.InputDialog.getText.mockResolvedValueOnce({ value: " my-app " });
    await commands.execute(Command.create, { template: "project" });
    expect(api.template).toHaveBeenLastCalledWith("project", "my-app");
    expect(open).toHaveBeenCalledExactlyOnceWith({ path: "here/my-app/app.trame.py" });
    api.template.mockResolvedValue([app]);
  });

  it("says what was wrong", async () => {
    api.template.mockRejectedValueOnce(new Error("no template 'ap'"));
    await commands.execute(Command.create, { template: "ap" });
    expect(dialogs.showErrorMessage).toHaveBeenCalledExactlyOnceWith(
      expect.any(String),
      "no template 'ap'",
    );
    expect(open).not.toHaveBeenCalled();
  });
});
