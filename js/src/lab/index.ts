/** The JupyterLab extension: tabs, launcher cards, what runs, and what kernels and views ask to be opened. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IConsoleTracker } from "@jupyterlab/console";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { filesPlugin } from "./files-plugin";
import { launcherPlugin } from "./launcher-plugin";
import { openerPlugin } from "./opener-plugin";
import { KernelRequests } from "./requests";
import { runningPlugin } from "./running-plugin";
import { ILabSettings, LabSettings, SETTINGS } from "./settings";
import { IAppOpener } from "./tokens";

const settings: JupyterFrontEndPlugin<LabSettings> = {
  id: SETTINGS,
  description: "What users choose for trame apps in the lab.",
  autoStart: true,
  optional: [ISettingRegistry],
  provides: ILabSettings,
  activate: (_: JupyterFrontEnd, registry: ISettingRegistry | null): LabSettings => {
    const labSettings = new LabSettings();
    labSettings.follow(registry).catch((error) => {
      console.warn("jupyter-trame: the settings cannot be read", error);
    });
    return labSettings;
  },
};

const requests: JupyterFrontEndPlugin<void> = {
  id: "jupyter-trame:requests",
  description: "Lets kernels open their trame servers in tabs.",
  autoStart: true,
  requires: [IAppOpener],
  optional: [INotebookTracker, IConsoleTracker],
  activate: (
    _: JupyterFrontEnd,
    appOpener: IAppOpener,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
  ): void => new KernelRequests(appOpener).follow([notebooks, consoles]),
};

export { IAppOpener } from "./tokens";
export default [settings, openerPlugin, launcherPlugin, runningPlugin, filesPlugin, requests];
