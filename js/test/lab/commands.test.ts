import { CommandRegistry } from "@lumino/commands";
import type { Widget } from "@lumino/widgets";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AppActions } from "../../src/lab/app-actions";
import { addAppCommands } from "../../src/lab/app-commands";
import { addCommands } from "../../src/lab/commands";
import type { ServerInfo } from "../../src/lab/models";
import { Command, type IAppOpener } from "../../src/lab/tokens";
import { appInfo, serverInfo } from "./support";

const dialogs = vi.hoisted(() => ({
  InputDialog: { getItem: vi.fn(), getText: vi.fn() },
  Dialog: { cancelButton: () => ({}), okButton: (options: object) => options },
  Clipboard: { copyToSystem: vi.fn() },
  showDialog: vi.fn(),
  showErrorMessage: vi.fn(async () => undefined),
}));

vi.mock("@jupyterlab/apputils", () => dialogs);
vi.mock("@lumino/widgets", () => ({ Widget: class {} }));
vi.mock("@jupyterlab/ui-components", () => ({
  LabIcon: class {
    readonly svgstr: string;

    constructor({ svgstr }: { svgstr: string }) {
      this.svgstr = svgstr;
    }
  },
}));

const servers = [
  serverInfo({ kernelId: "k1", title: "Same" }),
  serverInfo({ kernelId: "k2", title: "Same" }),
];
const apps = [
  appInfo({ name: "one", title: "One", description: "The first" }),
  appInfo({ name: "two", title: "Two" }),
];

let commands: CommandRegistry;
let item: { kernelId: string; slug: string; title: string } | undefined;
/** What the launcher closes itself for. */
const tab = {} as Widget;
const opener = {
  hasTabs: true,
  open: vi.fn<IAppOpener["open"]>(async () => tab),
  launch: vi.fn<IAppOpener["launch"]>(async () => tab),
  run: vi.fn<IAppOpener["run"]>(async () => tab),
  visit: vi.fn<IAppOpener["visit"]>(async () => tab),
};
const api = {
  servers: vi.fn(async (): Promise<ServerInfo[]> => servers),
  apps: vi.fn(async () => apps),
  demand: vi.fn(async () => undefined),
};
const actions = { stop: vi.fn(async () => undefined), restart: vi.fn(async () => undefined) };

beforeEach(() => {
  vi.clearAllMocks();
  item = undefined;
  commands = new CommandRegistry();
  const services = { opener, api, itemServer: () => item };
  addCommands(commands, services);
  addAppCommands(commands, services, actions as unknown as AppActions);
});

describe("the open command", () => {
  it("opens what its arguments name, the registered app and the file included", async () => {
    const named = { kernelId: "k", slug: "s", title: "T", app: "demo", path: "a.py" };
    await commands.execute(Command.open, { ...named, mode: "right" });
    expect(opener.open).toHaveBeenCalledWith(named, "right");
    await commands.execute(Command.open, { kernelId: "k", slug: "s" });
    expect(opener.open.mock.lastCall).toEqual([
      { kernelId: "k", slug: "s", title: "s" },
      undefined,
    ]);
  });

  it("without arguments lets the user pick, also among equal titles", async () => {
    dialogs.InputDialog.getItem.mockResolvedValueOnce({ value: "2. Same" });
    await commands.execute(Command.open);
    expect(opener.open).toHaveBeenCalledWith(
      { kernelId: "k2", slug: "s", title: "Same" },
      undefined,
    );
  });

  it("opens nothing when nothing was picked, and says when nothing runs, or why nothing can", async () => {
    dialogs.InputDialog.getItem.mockResolvedValueOnce({ value: null });
    await commands.execute(Command.open);
    api.servers.mockResolvedValue([]);
    await commands.execute(Command.open);
    api.demand.mockRejectedValueOnce(new Error("no extension"));
    await commands.execute(Command.open);
    api.servers.mockResolvedValue(servers);
    expect(opener.open).not.toHaveBeenCalled();
    const said = dialogs.showErrorMessage.mock.calls.map((call: unknown[]) => call[1]);
    expect(said).toEqual([expect.stringContaining("No trame app is running"), "no extension"]);
  });

  it("opens the app of a context menu's item in the place of the entry", async () => {
    item = { kernelId: "k", slug: "s", title: "T" };
    const args = { item: true, mode: "split" };
    expect(commands.label(Command.open, args)).toBe("Open Beside the Current Tab");
    await commands.execute(Command.open, args);
    expect(opener.open).toHaveBeenCalledWith(item, "split");
    item = { kernelId: "k3", slug: "s", title: "T" };
    const running = serverInfo({ ...item, title: "Real", app: "demo" });
    api.servers.mockResolvedValueOnce([running]);
    await commands.execute(Command.open, args);
    expect(opener.open).toHaveBeenLastCalledWith({ ...item, title: "Real", app: "demo" }, "split");
    item = undefined;
    await commands.execute(Command.open, args);
    expect(opener.open).toHaveBeenCalledTimes(2);
    expect(dialogs.InputDialog.getItem).not.toHaveBeenCalled();
  });
});

describe("the commands that stop and restart", () => {
  it.each([
    [Command.stop, "stop"],
    [Command.restart, "restart"],
  ] as const)(
    "%s: what arguments name, what an item is of, what the user picks",
    async (command, action) => {
      const named = { kernelId: "k", slug: "s", title: "T" };
      await commands.execute(command, named);
      expect(actions[action]).toHaveBeenLastCalledWith(expect.objectContaining(named));
      item = { kernelId: "k", slug: "item", title: "T" };
      await commands.execute(command, { item: true });
      expect(actions[action]).toHaveBeenLastCalledWith(item);
      dialogs.InputDialog.getItem.mockResolvedValueOnce({ value: "1. Same" });
      await commands.execute(command);
      expect(actions[action]).toHaveBeenLastCalledWith(expect.objectContaining({ kernelId: "k1" }));
      dialogs.InputDialog.getItem.mockResolvedValueOnce({ value: null });
      await commands.execute(command);
      expect(actions[action]).toHaveBeenCalledTimes(3);
    },
  );
});

describe("an app that is a page", () => {
  const page = { name: "chat", title: "Chat", icon: "", description: "" };

  it("is shown at its address", async () => {
    const args = { ...page, address: "trame/narvi/w/chat/" };
    expect(await commands.execute(Command.launch, args)).toBe(tab);
    expect(opener.visit).toHaveBeenCalledWith({ address: "trame/narvi/w/chat/", title: "Chat" });
    expect(opener.launch).not.toHaveBeenCalled();
  });

  it("asks for the service id that its address lacks", async () => {
    const args = { ...page, address: "trame/narvi/w/chat/{id}/", needsId: true };
    dialogs.InputDialog.getText.mockResolvedValueOnce({ value: null });
    expect(await commands.execute(Command.launch, args)).toBeNull();
    expect(opener.visit).not.toHaveBeenCalled();
    dialogs.InputDialog.getText.mockResolvedValueOnce({ value: " a/b " });
    expect(await commands.execute(Command.launch, args)).toBe(tab);
    const visit = { address: "trame/narvi/w/chat/a%2Fb/", title: "Chat a/b" };
    expect(opener.visit).toHaveBeenCalledWith(visit);
  });

  it("is shown again by the layout, and only by its address", async () => {
    await commands.execute(Command.visit, { address: "trame/narvi/w/chat/", title: "Chat" });
    expect(opener.visit).toHaveBeenCalledOnce();
    await expect(commands.execute(Command.visit, { title: "Chat" })).rejects.toThrow("address");
  });
});

describe("the launch command", () => {
  it("launches by name, or lets the user pick", async () => {
    expect(await commands.execute(Command.launch, { name: "one" })).toBe(tab);
    dialogs.InputDialog.getItem.mockResolvedValueOnce({ value: "2. Two" });
    await commands.execute(Command.launch);
    expect(opener.launch.mock.calls.map(([{ name }]) => name)).toEqual(["one", "two"]);
  });

  it("is called after its app, in the palette as what it does", () => {
    const args = { name: "one", title: "One", description: "The first" };
    expect(commands.label(Command.launch, args)).toBe("One");
    expect(commands.caption(Command.launch, args)).toBe("The first");
    expect(commands.label(Command.launch, { ...args, isPalette: true })).toBe("Start One");
  });

  it("has the icon of the app, the same one each time", () => {
    const svg = "<svg id='one'/>";
    const icon = commands.icon(Command.launch, { name: "one", icon: svg });
    expect(icon).toMatchObject({ svgstr: svg });
    expect(commands.icon(Command.launch, { name: "one", icon: svg })).toBe(icon);
    expect(commands.icon(Command.launch, { name: "two" })).not.toMatchObject({ svgstr: svg });
  });

  it("names the command that completes a package, and starts when the user insists", async () => {
    const args = { name: "one", title: "One", install: "pip install vtk" };
    expect(commands.caption(Command.launch, args)).toContain("pip install vtk");
    dialogs.showDialog.mockResolvedValueOnce({ button: { label: "Copy Command" } });
    expect(await commands.execute(Command.launch, args)).toBeNull();
    expect(dialogs.Clipboard.copyToSystem).toHaveBeenCalledWith("pip install vtk");
    expect(opener.launch).not.toHaveBeenCalled();
    dialogs.showDialog.mockResolvedValueOnce({ button: { label: "Start Anyway" } });
    expect(await commands.execute(Command.launch, args)).toBe(tab);
  });
});
