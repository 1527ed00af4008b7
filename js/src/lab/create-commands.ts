import { InputDialog, showErrorMessage } from "@jupyterlab/apputils";
import type { Contents } from "@jupyterlab/services";
import { notebookIcon } from "@jupyterlab/ui-components";
import type { CommandRegistry } from "@lumino/commands";
import type { Api } from "./api";
import { argument } from "./arguments";
import { chooseListed } from "./choosing";
import { createFile, createFolder } from "./creating";
import { trameIcon } from "./icon";
import { Command } from "./tokens";

const TITLE = "Create from a trame template";

export interface CreateServices {
  api: Pick<Api, "templates" | "template" | "demand">;
  contents: Contents.IManager;
  /** The folder that the user looks at. */
  folder(): string;
}

/** Arguments: `template`, its `title`, and `cwd`, the folder; without a template the user picks. */
export function addCreateCommand(commands: CommandRegistry, services: CreateServices): void {
  const { api } = services;
  commands.addCommand(Command.create, {
    label: (args) => {
      const title = argument(args, "title");
      return title ? `New trame ${title}` : "New from trame Template…";
    },
    caption: (args) =>
      argument(args, "description") ?? "Create files from a template, and open them",
    icon: (args) => (args.template === "notebook" ? notebookIcon : trameIcon),
    execute: async (args) => {
      const name = argument(args, "template") ?? (await pick(api));
      if (!name) return null;
      try {
        const folder = argument(args, "cwd") ?? services.folder();
        const path = await create(services, name, folder);
        return path && (await commands.execute("docmanager:open", { path }));
      } catch (error) {
        await showErrorMessage(TITLE, error instanceof Error ? error.message : String(error));
        return null;
      }
    },
  });
}

/** Gives the path of what is to be opened; null where the user has thought better of it. */
async function create(
  { api, contents }: CreateServices,
  name: string,
  folder: string,
): Promise<string | null> {
  const [first, ...others] = await api.template(name);
  if (!first) throw new Error(`The template ${name} has no files.`);
  if (others.length === 0) return createFile(contents, folder, first);
  const { value } = await InputDialog.getText({
    title: "What is the app to be called?",
    label: "Lower-case letters and digits, with dashes between them",
    text: "my-app",
  });
  const app = value?.trim();
  return app ? createFolder(contents, folder, app, await api.template(name, app)) : null;
}

async function pick(api: CreateServices["api"]): Promise<string | undefined> {
  const none = "This Jupyter server has no templates.";
  return (await chooseListed(api, api.templates(), TITLE, none))?.name;
}
