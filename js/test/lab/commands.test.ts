import type { ILauncher } from "@jupyterlab/launcher";
import { CommandRegistry } from "@lumino/commands";
import type { ReadonlyPartialJSONObject } from "@lumino/coreutils";
import type { Widget } from "@lumino/widgets";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Api } from "../../src/lab/api";
import { addCards, addCommands } from "../../src/lab/commands";
import { Command, type IAppOpener } from "../../src/lab/tokens";

const dialogs = vi.hoisted(() => ({
  InputDialog: { getItem: vi.fn(), getText: vi.fn() },
  showErrorMessage: vi.fn(async () => undefined),
}));

vi.mock("@jupyterlab/apputils", () => dialogs);
vi.mock("@jupyterlab/ui-components", () => ({
  LabIcon: class {
    readonly svgstr: string;

    constructor({ svgstr }: { svgstr: string }) {
      this.svgstr = svgstr;
    }
  },
}));

const servers = [
  { kernelId: "k1", slug: "a", title: "Same", name: "a" },
  { kernelId: "k2", slug: "b", title: "Same", name: "b" },
];
const apps = [
  {
    name: "one",
    title: "One",
    icon: " <svg id='one'/>",
    description: "The first",
    address: "",
    needsId: false,
    install: "",
  },
  {
    name: "two",
    title: "Two",
    icon: "/img.png",
    description: "",
    address: "",
    needsId: false,
    install: "",
  },
];

let commands: CommandRegistry;
/** What the launcher closes itself for. */
const tab = {} as Widget;
const opener = {
  hasTabs: true,
  open: vi.fn<IAppOpener["open"]>(async () => tab),
  launch: vi.fn<IAppOpener["launch"]>(async () => tab),
  visit: vi.fn<IAppOpener["visit"]>(async () => tab),
};
const api = { servers: vi.fn(async () => servers), apps: vi.fn(async () => apps) };

beforeEach(() => {
  vi.clearAllMocks();
  commands = new CommandRegistry();
  addCommands(commands, opener, api as unknown as Api);
});

describe("the open command", () => {
  it("opens what its arguments name, the registered app included", async () => {
    const args = { kernelId: "k", slug: "s", title: "T", mode: "right", app: "demo" };
    await commands.execute(Command.open, args);
    const target = { kernelId: "k", slug: "s", title: "T", app: "demo" };
    expect(opener.open).toHaveBeenCalledWith(target, "right");
  });

  it("without arguments lets the user pick, also among equal titles", async () => {
    dialogs.InputDialog.getItem.mockResolvedValueOnce({ value: "2. Same" });
    await commands.execute(Command.open);
    expect(opener.open).toHaveBeenCalledWith(servers[1]);
  });

  it("opens nothing when nothing was picked, and says when nothing runs", async () => {
    dialogs.InputDialog.getItem.mockResolvedValueOnce({ value: null });
    await commands.execute(Command.open);
    api.servers.mockResolvedValueOnce([]);
    await commands.execute(Command.open);
    expect(opener.open).not.toHaveBeenCalled();
    expect(dialogs.showErrorMessage).toHaveBeenCalledOnce();
  });
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
});

describe("the cards", () => {
  it("show the app's own icon, be it a drawing or an image", () => {
    const items: ILauncher.IItemOptions[] = [];
    const launcher = { add: (item: ILauncher.IItemOptions) => items.push(item) };
    addCards(launcher as unknown as ILauncher, apps);
    expect(items.map(({ kernelIconUrl, rank }) => [kernelIconUrl, rank])).toEqual([
      [undefined, 0],
      ["/img.png", 1],
    ]);
    const [first, second] = items.map(({ args }) => args as ReadonlyPartialJSONObject);
    expect(commands.label(Command.launch, first)).toBe("One");
    expect(commands.caption(Command.launch, first)).toBe("The first");
    expect(commands.icon(Command.launch, first)).toMatchObject({ svgstr: apps[0]?.icon });
    expect(commands.icon(Command.launch, first)).toBe(commands.icon(Command.launch, first));
    expect(commands.icon(Command.launch, second)).not.toMatchObject({ svgstr: apps[0]?.icon });
  });
});
