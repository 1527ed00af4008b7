import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
} from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { IDefaultFileBrowser } from "@jupyterlab/filebrowser";
import { ILauncher } from "@jupyterlab/launcher";
import { DisposableDelegate } from "@lumino/disposable";
import { Api } from "./api";
import { LauncherCards } from "./launcher-cards";
import { IAppOpener } from "./tokens";

export const launcherPlugin: JupyterFrontEndPlugin<void> = {
  id: "jupyter-trame:launcher",
  description: "The launcher's section for trame apps, files of apps, and templates.",
  autoStart: true,
  requires: [IAppOpener],
  optional: [ILauncher, IDefaultFileBrowser, ILabShell, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    _: IAppOpener,
    launcher: ILauncher | null,
    browser: IDefaultFileBrowser | null,
    labShell: ILabShell | null,
    palette: ICommandPalette | null,
  ): void => {
    if (!launcher) return;
    const { contents, serverSettings } = app.serviceManager;
    const cards = new LauncherCards({
      api: new Api(serverSettings),
      addCard: (card) => launcher.add(card),
      addEntry: (entry) => palette?.addItem(entry) ?? new DisposableDelegate(() => undefined),
    });
    void cards.refresh();
    browser?.model.refreshed.connect((model) =>
      cards.showFiles([...model.items()].map(({ path }) => contents.localPath(path))),
    );
    // Kernels register apps while the lab is open; a launcher that is looked at shows them.
    labShell?.currentChanged.connect((_shell, { newValue }) => {
      if (newValue?.id.startsWith("launcher")) void cards.refresh();
    });
  },
};
