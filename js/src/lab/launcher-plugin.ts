import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
} from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { IDefaultFileBrowser } from "@jupyterlab/filebrowser";
import { ILauncher } from "@jupyterlab/launcher";
import { UUID } from "@lumino/coreutils";
import { DisposableDelegate } from "@lumino/disposable";
import { Api } from "./api";
import { addFileCommand } from "./file-commands";
import { LauncherCards } from "./launcher-cards";
import { serverPath } from "./server-paths";
import { ILabSettings, type LabSettings } from "./settings";
import { Command, IAppOpener } from "./tokens";

export const launcherPlugin: JupyterFrontEndPlugin<void> = {
  id: "jupyter-trame:launcher",
  description: "The launcher's section for trame apps, files of apps, and templates.",
  autoStart: true,
  requires: [IAppOpener, ILabSettings],
  optional: [ILauncher, IDefaultFileBrowser, ILabShell, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    opener: IAppOpener,
    settings: LabSettings,
    launcher: ILauncher | null,
    browser: IDefaultFileBrowser | null,
    labShell: ILabShell | null,
    palette: ICommandPalette | null,
  ): void => {
    if (!launcher) return;
    const { contents, serverSettings } = app.serviceManager;
    // Nobody else knows its name: who clicks a card has read what it runs, a link is not a card.
    const runCommand = `${Command.run}-${UUID.uuid4()}`;
    const selected = (): undefined => undefined;
    const services = { opener, settings, selected, mayExecute: () => true, asks: false };
    addFileCommand(app.commands, runCommand, services);
    const cards = new LauncherCards({
      api: new Api(serverSettings),
      runCommand,
      addCard: (card) => launcher.add(card),
      addEntry: (entry) => palette?.addItem(entry) ?? new DisposableDelegate(() => undefined),
    });
    void cards.refresh();
    browser?.model.refreshed.connect((model) =>
      cards.showFiles([...model.items()].flatMap(({ path }) => serverPath(contents, path) ?? [])),
    );
    // Kernels register apps while the lab is open; a launcher that is looked at shows them.
    labShell?.currentChanged.connect((_shell, { newValue }) => {
      if (newValue?.id.startsWith("launcher")) void cards.refresh();
    });
  },
};
