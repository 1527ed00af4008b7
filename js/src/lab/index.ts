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
import { addCommands, addPaletteEntries } from "./commands";
import { LauncherCards } from "./launcher-cards";
import { AppOpener } from "./opener";
import type { PagePanel } from "./page-panel";
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

async function restorePages(
  restorer: ILayoutRestorer,
  pages: WidgetTracker<MainAreaWidget<PagePanel>>,
): Promise<void> {
  await restorer.restore(pages, {
    command: Command.visit,
    args: ({ content: { visit } }) => ({ ...visit }),
    name: ({ content: { visit } }) => visit.address,
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
    const pages = new WidgetTracker<MainAreaWidget<PagePanel>>({
      namespace: "jupyter-trame-pages",
    });
    const loadBundle = bundleLoader(settings);
    void app.restored.then(() => loadAhead(loadBundle));
    const services: PanelServices = {
      settings,
      api,
      loadBundle,
      watchKernels: watchKernels(serviceManager),
    };
    const appOpener = new AppOpener({ shell, labShell, tracker, pages, services, api });
    addCommands(commands, appOpener, api);
    if (palette) addPaletteEntries(palette);
    if (restorer) {
      void restore(restorer, tracker);
      void restorePages(restorer, pages);
    }
    followEvents(appOpener);
    return appOpener;
  },
};

const launcher: JupyterFrontEndPlugin<void> = {
  id: "jupyter-trame:launcher",
  description: "A launcher card for each registered trame app.",
  autoStart: true,
  requires: [IAppOpener],
  optional: [ILauncher, ILabShell],
  activate: (
    app: JupyterFrontEnd,
    _: IAppOpener,
    cards: ILauncher | null,
    labShell: ILabShell | null,
  ): void => {
    if (!cards) return;
    const follow = new LauncherCards(cards, new Api(app.serviceManager.serverSettings));
    void follow.refresh();
    // Kernels register apps while the lab is open; a launcher that is looked at shows them.
    labShell?.currentChanged.connect((_shell, { newValue }) => {
      if (newValue?.id.startsWith("launcher")) void follow.refresh();
    });
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
