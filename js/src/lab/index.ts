/** The JupyterLab extension: tabs, launcher cards, and what kernels and views ask to be opened. */
import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
} from "@jupyterlab/application";
import { ICommandPalette, type MainAreaWidget, WidgetTracker } from "@jupyterlab/apputils";
import { IConsoleTracker } from "@jupyterlab/console";
import { ILauncher } from "@jupyterlab/launcher";
import { INotebookTracker } from "@jupyterlab/notebook";
import type { ServiceManager } from "@jupyterlab/services";
import { Api } from "./api";
import { bundleLoader, loadAhead } from "./client-bundle";
import { addCards, addCommands, addPaletteEntries } from "./commands";
import { AppOpener } from "./opener";
import type { AppPanel, PanelServices } from "./panel";
import { followEvents, KernelRequests } from "./requests";
import { Command, IAppOpener } from "./tokens";

function watchKernels({ kernels }: ServiceManager.IManager): PanelServices["watchKernels"] {
  return (listener) => {
    const changed = (): void => listener(new Set([...kernels.running()].map(({ id }) => id)));
    kernels.runningChanged.connect(changed);
    changed();
    return () => kernels.runningChanged.disconnect(changed);
  };
}

async function restore(
  restorer: ILayoutRestorer,
  tracker: WidgetTracker<MainAreaWidget<AppPanel>>,
): Promise<void> {
  await restorer.restore(tracker, {
    command: Command.open,
    args: ({ content: { target } }) => JSON.parse(JSON.stringify(target)),
    // An empty name is not saved: a reload does not start what had no kernel yet.
    name: ({ content: { target } }) =>
      target.kernelId ? [target.kernelId, target.slug, target.template ?? "main"].join("/") : "",
  });
}

const opener: JupyterFrontEndPlugin<IAppOpener> = {
  id: "jupyter-trame:opener",
  description: "Opens trame servers in tabs.",
  autoStart: true,
  optional: [ILabShell, ILayoutRestorer, ICommandPalette],
  provides: IAppOpener,
  activate: (
    app: JupyterFrontEnd,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
  ): IAppOpener => {
    const { serviceManager, shell, commands } = app;
    const settings = serviceManager.serverSettings;
    const api = new Api(settings);
    const tracker = new WidgetTracker<MainAreaWidget<AppPanel>>({ namespace: "jupyter-trame" });
    const loadBundle = bundleLoader(settings);
    void app.restored.then(() => loadAhead(loadBundle));
    const services: PanelServices = {
      settings,
      api,
      loadBundle,
      watchKernels: watchKernels(serviceManager),
    };
    const appOpener = new AppOpener({ shell, labShell, tracker, services, api });
    addCommands(commands, appOpener, api);
    if (palette) addPaletteEntries(palette);
    if (restorer) void restore(restorer, tracker);
    followEvents(appOpener);
    return appOpener;
  },
};

const launcher: JupyterFrontEndPlugin<void> = {
  id: "jupyter-trame:launcher",
  description: "A launcher card for each registered trame app.",
  autoStart: true,
  requires: [IAppOpener],
  optional: [ILauncher],
  activate: (app: JupyterFrontEnd, _: IAppOpener, cards: ILauncher | null): void => {
    if (!cards) return;
    const api = new Api(app.serviceManager.serverSettings);
    api
      .apps()
      .then((apps) => addCards(cards, apps))
      .catch((error: unknown) => console.warn("jupyter-trame: no launcher cards", error));
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
export default [opener, launcher, requests];
