import { type ICommandPalette, InputDialog, showErrorMessage } from "@jupyterlab/apputils";
import type { ILauncher } from "@jupyterlab/launcher";
import { LabIcon } from "@jupyterlab/ui-components";
import type { CommandRegistry } from "@lumino/commands";
import type { ReadonlyPartialJSONObject } from "@lumino/coreutils";
import type { Api, AppInfo } from "./api";
import { trameIcon } from "./icon";
import { readRequest } from "./requests";
import { Command, type IAppOpener, type Shown } from "./tokens";

const CATEGORY = "Apps";

function text(args: ReadonlyPartialJSONObject, key: string): string | undefined {
  const value = args[key];
  return typeof value === "string" && value ? value : undefined;
}

/** Lets the user pick one of `items` by title; null when there is none to pick or nothing was picked. */
async function choose<Item extends { title: string }>(
  items: readonly Item[],
  title: string,
  none: string,
): Promise<Item | null> {
  if (items.length === 0) {
    await showErrorMessage(title, none);
    return null;
  }
  const labels = items.map((item, i) => `${i + 1}. ${item.title}`);
  const { value } = await InputDialog.getItem({ title, items: labels });
  return items[labels.indexOf(value ?? "")] ?? null;
}

async function openChosen(opener: IAppOpener, api: Api): Promise<Shown> {
  const none = "No trame app is running. Start one from a cell or from the launcher.";
  const server = await choose(await api.servers(), "Open a running trame app", none);
  return server && opener.open(server);
}

async function launchChosen(opener: IAppOpener, api: Api): Promise<Shown> {
  const none = "No installed package registers a trame app.";
  const app = await choose(await api.apps(), "Start a trame app", none);
  if (app?.address) return visitPage(opener, app.address, app.title, app.needsId);
  return app && opener.launch(app);
}

/** An app whose services are many is asked for one of them. */
async function visitPage(
  opener: IAppOpener,
  address: string,
  title: string,
  needsId: boolean,
): Promise<Shown> {
  if (!needsId) return opener.visit({ address, title });
  const { value } = await InputDialog.getText({
    title: `Which service of ${title}?`,
    label: "Service id",
  });
  const id = value?.trim();
  if (!id) return null;
  return opener.visit({
    address: address.replace("{id}", encodeURIComponent(id)),
    title: `${title} ${id}`,
  });
}

/** Arguments: those of a request (`kernelId`, `slug`, `title`, `mode`, `template`); none lets the user pick. */
export function addCommands(commands: CommandRegistry, opener: IAppOpener, api: Api): void {
  commands.addCommand(Command.open, {
    label: (args) => text(args, "title") ?? "Open Running trame App…",
    caption: "Show a trame app that a kernel runs",
    icon: trameIcon,
    execute: (args) => {
      const request = readRequest(args);
      if (!request) return openChosen(opener, api);
      return opener.open({ ...request.target, app: text(args, "app") }, request.mode);
    },
  });
  commands.addCommand(Command.visit, {
    label: (args) => text(args, "title") ?? "Show Page",
    caption: "Show a page of the Jupyter server",
    icon: trameIcon,
    execute: (args) => {
      const address = text(args, "address");
      if (!address) throw new Error("a page is shown by its address");
      return opener.visit({ address, title: text(args, "title") ?? address });
    },
  });
  commands.addCommand(Command.launch, {
    label: (args) => text(args, "title") ?? "Start trame App…",
    caption: (args) =>
      text(args, "description") ?? "Show a registered trame app; starts it unless it runs",
    icon: (args) => appIcon(text(args, "name"), text(args, "icon")),
    execute: (args) => {
      const name = text(args, "name");
      const address = text(args, "address");
      if (address)
        return visitPage(opener, address, text(args, "title") ?? address, args.needsId === true);
      if (!name) return launchChosen(opener, api);
      return opener.launch({ name, title: text(args, "title") ?? name });
    },
  });
}

export function addPaletteEntries(palette: ICommandPalette): void {
  for (const command of [Command.open, Command.launch])
    palette.addItem({ command, category: "trame" });
}

export type Card = ReturnType<ILauncher["add"]>;

/** One launcher card for each registered app. */
export function addCards(launcher: ILauncher, apps: readonly AppInfo[]): Card[] {
  return apps.map(({ name, title, icon, description, address, needsId }, rank) => {
    const isImage = icon !== "" && !isSvg(icon);
    return launcher.add({
      command: Command.launch,
      args: {
        name,
        title,
        description,
        ...(address && { address, needsId }),
        ...(isSvg(icon) && { icon }),
      },
      category: CATEGORY,
      rank,
      ...(isImage ? { kernelIconUrl: icon } : {}),
    });
  });
}

function isSvg(icon: string): boolean {
  return icon.trimStart().startsWith("<svg");
}

/** By the name of the app. The launcher asks each time it draws; another icon would be drawn anew. */
const icons = new Map<string, LabIcon>();

function appIcon(name: string | undefined, svgstr: string | undefined): LabIcon {
  if (!name || !svgstr) return trameIcon;
  const known = icons.get(name);
  if (known?.svgstr === svgstr) return known;
  const icon = new LabIcon({ name: `jupyter-trame:app-${name}`, svgstr });
  icons.set(name, icon);
  return icon;
}
