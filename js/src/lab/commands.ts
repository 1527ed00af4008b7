import { InputDialog } from "@jupyterlab/apputils";
import { LabIcon } from "@jupyterlab/ui-components";
import type { CommandRegistry } from "@lumino/commands";
import type { Api } from "./api";
import { type Arguments, argument, modeOf } from "./arguments";
import { chooseListed } from "./choosing";
import { trameIcon } from "./icon";
import { confirmIncomplete } from "./incomplete";
import type { ServerKey } from "./models";
import { readRequest } from "./requests";
import { targetOf } from "./starting";
import { Command, type IAppOpener, type OpenMode, type Shown, type Target } from "./tokens";

const NONE_RUNS = "No trame app is running. Start one from a cell or from the launcher.";
const LABELS: Record<OpenMode, string> = {
  tab: "Open in a Tab",
  right: "Open on the Right Side",
  split: "Open Beside the Current Tab",
  window: "Open in a Browser Window",
};

export interface CommandServices {
  opener: IAppOpener;
  api: Pick<Api, "servers" | "apps" | "demand">;
  /** The app whose item the context menu was opened on. */
  itemServer(): (ServerKey & { title: string }) | undefined;
}

/** Arguments: those of a request (`kernelId`, `slug`, `title`, `mode`, `template`); none lets the user pick. */
export function addCommands(commands: CommandRegistry, services: CommandServices): void {
  const { opener } = services;
  commands.addCommand(Command.open, {
    label: openLabel,
    caption: "Show a trame app that a kernel runs",
    icon: (args) => (args.item ? undefined : trameIcon),
    execute: async (args) => {
      const request = readRequest(args);
      if (request) {
        const startable = { app: argument(args, "app"), path: argument(args, "path") };
        return opener.open({ ...request.target, ...startable }, request.mode);
      }
      const server = await pickServer(services, args, "Open a running trame app");
      return server && opener.open(server, modeOf(args));
    },
  });
  commands.addCommand(Command.visit, {
    label: (args) => argument(args, "title") ?? "Show Page",
    caption: "Show a page of the Jupyter server",
    icon: trameIcon,
    execute: (args) => {
      const address = argument(args, "address");
      if (!address) throw new Error("a page is shown by its address");
      return opener.visit({ address, title: argument(args, "title") ?? address });
    },
  });
  commands.addCommand(Command.launch, {
    label: launchLabel,
    caption: launchCaption,
    icon: (args) => appIcon(argument(args, "name"), argument(args, "icon")),
    execute: async (args) => {
      const app = argument(args, "name") ? readCard(args) : await pickApp(services);
      return app && launch(opener, app, modeOf(args));
    },
  });
}

/** What the item of a context menu stands for, else what the user picks among all that run. */
export async function pickServer(
  { api, itemServer }: Pick<CommandServices, "api" | "itemServer">,
  args: Arguments,
  title: string,
): Promise<(Target & ServerKey) | null> {
  const servers = api.servers();
  if (!args.item) {
    const server = await chooseListed(api, servers, title, NONE_RUNS);
    return server && targetOf(server);
  }
  const item = itemServer();
  if (!item) return null;
  // What is known of it beyond its item, and nothing where it is gone: who acts on it is told so.
  const known = await servers.catch(() => []);
  const found = known.find(
    ({ kernelId, slug }) => kernelId === item.kernelId && slug === item.slug,
  );
  return found ? targetOf(found) : item;
}

function pickApp({ api }: CommandServices): Promise<Card | null> {
  const none = "No installed package registers a trame app.";
  return chooseListed(api, api.apps(), "Start a trame app", none);
}

/** What a card of the launcher is of. */
interface Card {
  name: string;
  title: string;
  address: string;
  needsId: boolean;
  install: string;
}

function readCard(args: Arguments): Card {
  const name = argument(args, "name") ?? "";
  return {
    name,
    title: argument(args, "title") ?? name,
    address: argument(args, "address") ?? "",
    needsId: args.needsId === true,
    install: argument(args, "install") ?? "",
  };
}

async function launch(opener: IAppOpener, app: Card, mode?: OpenMode): Promise<Shown> {
  if (app.address) return visitPage(opener, app);
  if (app.install && !(await confirmIncomplete(app.title, app.install))) return null;
  return opener.launch({ name: app.name, title: app.title }, mode);
}

/** An app whose services are many is asked for one of them. */
async function visitPage(opener: IAppOpener, { address, title, needsId }: Card): Promise<Shown> {
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

function openLabel(args: Arguments): string {
  const mode = modeOf(args);
  if (args.item && mode) return LABELS[mode];
  return argument(args, "title") ?? "Open Running trame App…";
}

function launchLabel(args: Arguments): string {
  const title = argument(args, "title");
  if (!title) return "Start trame App…";
  return args.isPalette ? `Start ${title}` : title;
}

function launchCaption(args: Arguments): string {
  const install = argument(args, "install");
  const description = argument(args, "description");
  if (install)
    return [description, `Its package is incomplete: ${install}`].filter(Boolean).join("\n");
  return description ?? "Show a registered trame app; starts it unless it runs";
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
