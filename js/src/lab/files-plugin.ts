import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { IDefaultFileBrowser, IFileBrowserFactory } from "@jupyterlab/filebrowser";
import { Api } from "./api";
import { addCreateCommand } from "./create-commands";
import { addFileCommand } from "./file-commands";
import { serverPath } from "./server-paths";
import { ILabSettings, type LabSettings } from "./settings";
import { CATEGORY, Command, IAppOpener } from "./tokens";

export const filesPlugin: JupyterFrontEndPlugin<void> = {
  id: "jupyter-trame:files",
  description: "Runs files as trame apps, and makes new ones.",
  autoStart: true,
  requires: [IAppOpener, ILabSettings],
  optional: [IFileBrowserFactory, IDefaultFileBrowser, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    opener: IAppOpener,
    settings: LabSettings,
    browsers: IFileBrowserFactory | null,
    browser: IDefaultFileBrowser | null,
    palette: ICommandPalette | null,
  ): void => {
    const { commands, serviceManager } = app;
    const { contents, serverSettings } = serviceManager;
    const api = new Api(serverSettings);
    const selected = (): string | undefined => {
      const items = [...(browsers?.tracker.currentWidget?.selectedItems() ?? [])];
      const [item] = items;
      if (items.length !== 1 || item?.type !== "file" || !item.path.endsWith(".py"))
        return undefined;
      return serverPath(contents, item.path);
    };
    let mayExecute = true;
    const hide = (may: boolean): void => {
      mayExecute = may;
      commands.notifyCommandChanged(Command.run);
    };
    // Without an answer the command stays: the server decides, and says why.
    void api.mayExecute().then(hide, () => undefined);
    const services = { opener, settings, selected, mayExecute: () => mayExecute };
    addFileCommand(commands, Command.run, { ...services, asks: true });
    addCreateCommand(commands, { api, contents, folder: () => browser?.model.path ?? "" });
    palette?.addItem({ command: Command.run, category: CATEGORY, args: { isPalette: true } });
    palette?.addItem({ command: Command.create, category: CATEGORY });
  },
};
