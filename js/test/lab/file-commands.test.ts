import { CommandRegistry } from "@lumino/commands";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { addFileCommand } from "../../src/lab/file-commands";
import { Command, type IAppOpener } from "../../src/lab/tokens";

const dialogs = vi.hoisted(() => ({
  Dialog: { cancelButton: () => ({}), okButton: (options: object) => options },
  showDialog: vi.fn(),
}));

vi.mock("@jupyterlab/apputils", () => dialogs);
vi.mock("@jupyterlab/ui-components", () => ({ LabIcon: class {} }));

let commands: CommandRegistry;
let selected: string | undefined;
let mayExecute: boolean;
const run = vi.fn<IAppOpener["run"]>(async () => null);
const settings = { confirmFiles: true, trustFiles: vi.fn(async () => undefined) };

beforeEach(() => {
  vi.clearAllMocks();
  commands = new CommandRegistry();
  selected = "d/sales.trame.py";
  mayExecute = true;
  settings.confirmFiles = true;
  const services = {
    opener: { run } as unknown as IAppOpener,
    settings,
    selected: () => selected,
    mayExecute: () => mayExecute,
  };
  addFileCommand(commands, Command.run, { ...services, asks: true });
  addFileCommand(commands, "of-cards", { ...services, asks: false });
});

describe("the command that runs a file", () => {
  it("asks, and then runs the selected one", async () => {
    dialogs.showDialog.mockResolvedValueOnce({ button: { accept: false }, isChecked: true });
    await commands.execute(Command.run);
    expect([run.mock.calls, settings.trustFiles.mock.calls]).toEqual([[], []]);
    dialogs.showDialog.mockResolvedValueOnce({ button: { accept: true }, isChecked: false });
    await commands.execute(Command.run);
    expect(dialogs.showDialog.mock.lastCall?.[0].title).toContain(selected);
    expect(run.mock.calls).toEqual([[{ path: selected, title: "sales" }, undefined]]);
    expect(settings.trustFiles).not.toHaveBeenCalled();
  });

  it("is told not to ask again", async () => {
    dialogs.showDialog.mockResolvedValueOnce({ button: { accept: true }, isChecked: true });
    await commands.execute(Command.run);
    expect(settings.trustFiles).toHaveBeenCalledOnce();
    settings.confirmFiles = false;
    await commands.execute(Command.run);
    expect(dialogs.showDialog).toHaveBeenCalledOnce();
    expect(run).toHaveBeenCalledTimes(2);
  });

  it("asks nothing of the launcher's own cards", async () => {
    const args = { path: "x.trame.py" };
    expect(commands.label("of-cards", args)).toBe("x");
    await commands.execute("of-cards", args);
    expect(dialogs.showDialog).not.toHaveBeenCalled();
    expect(run).toHaveBeenCalledWith({ path: "x.trame.py", title: "x" }, undefined);
  });

  it("asks whatever its arguments say", async () => {
    dialogs.showDialog.mockResolvedValueOnce({ button: { accept: false }, isChecked: false });
    await commands.execute(Command.run, { path: "x.py", trusted: true, asks: false });
    expect(dialogs.showDialog).toHaveBeenCalledOnce();
    expect(run).not.toHaveBeenCalled();
  });

  it("is there for files, and for those who may run code", async () => {
    expect(commands.isVisible(Command.run)).toBe(true);
    mayExecute = false;
    expect(commands.isVisible(Command.run)).toBe(false);
    mayExecute = true;
    selected = undefined;
    expect(commands.isVisible(Command.run)).toBe(false);
    expect(commands.isVisible(Command.run, { path: "x.py" })).toBe(true);
    await commands.execute(Command.run);
    expect(run).not.toHaveBeenCalled();
  });
});
