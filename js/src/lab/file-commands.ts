import { Dialog, showDialog } from "@jupyterlab/apputils";
import type { CommandRegistry } from "@lumino/commands";
import { argument, modeOf } from "./arguments";
import { trameIcon } from "./icon";
import type { LabSettings } from "./settings";
import { titleOfFile } from "./starting";
import type { IAppOpener } from "./tokens";

export interface FileServices {
  /** Whether users are asked before a file runs, unless their settings say no. */
  asks: boolean;
  opener: IAppOpener;
  settings: Pick<LabSettings, "confirmFiles" | "trustFiles">;
  /** Of the file that is selected, in the contents of the server; undefined where that is not one file of Python. */
  selected(): string | undefined;
  /** Whether this user may run code, as far as it is known. */
  mayExecute(): boolean;
}

/**
 * Arguments: `path` of the file, else the selected one. Whether the user is asked is no argument: a link of a notebook
 * can give those.
 */
export function addFileCommand(
  commands: CommandRegistry,
  id: string,
  services: FileServices,
): void {
  const { opener, settings, asks } = services;
  commands.addCommand(id, {
    label: (args) => {
      const path = argument(args, "path");
      if (path) return titleOfFile(path);
      return args.isPalette ? "Open Selected File as trame App" : "Open as trame App";
    },
    caption: (args) =>
      argument(args, "path") ?? "Run the file in a kernel of its own, and show its app",
    icon: trameIcon,
    isVisible: (args) =>
      services.mayExecute() && Boolean(argument(args, "path") ?? services.selected()),
    execute: async (args) => {
      const path = argument(args, "path") ?? services.selected();
      if (!path || (asks && !(await confirm(path, settings)))) return null;
      return opener.run({ path, title: titleOfFile(path) }, modeOf(args));
    },
  });
}

/** It runs code that the user may only have looked at. */
async function confirm(path: string, settings: FileServices["settings"]): Promise<boolean> {
  if (!settings.confirmFiles) return true;
  const { button, isChecked } = await showDialog({
    title: `Run ${path} as a trame app?`,
    body: "Its code runs in a new kernel, with all rights of yours.",
    checkbox: { label: "Do not ask again for any file" },
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: "Run" })],
  });
  if (button.accept && isChecked) await settings.trustFiles();
  return button.accept;
}
