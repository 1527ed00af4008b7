import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
} from "@jupyterlab/application";
import { ICommandPalette, WidgetTracker } from "@jupyterlab/apputils";
import type { ServiceManager } from "@jupyterlab/services";
import { Api } from "./api";
import { AppActions } from "./app-actions";
import { addAppCommands } from "./app-commands";
import { bundleLoader, loadAhead } from "./client-bundle";
import { addCommands } from "./commands";
import { AppOpener, type PageTab, type Tab } from "./opener";
import type { PanelServices } from "./panel";
import { followEvents } from "./requests";
import { serverOfContext } from "./running-section";
import { ILabSettings, type LabSettings } from "./settings";
import { CATEGORY, Command, IAppOpener } from "./tokens";

function watchKernels({ kernels }: ServiceManager.IManager): PanelServices["watchKernels"] {
  return (listener) => {
    const changed = (): void => listener(new Set([...kernels.running()].map(({ id }) => id)));
    kernels.runningChanged.connect(changed);
    changed();
    return () => kernels.runningChanged.disconnect(changed);
  };
}

async function restore(restorer: ILayoutRestorer, tracker: WidgetTracker<Tab>): Promise<void> {
  await restorer.restore(tracker, {
    command: Command.open,
    // Whatever the settings say, a tab comes back as one; the layout puts it at its place.
    args: ({ content: { target } }) => ({ ...JSON.parse(JSON.stringify(target)), mode: "tab" }),
    // An empty name is not saved: a reload does not start what had no kernel yet.
    name: ({ content: { target } }) =>
      target.kernelId ? [target.kernelId, target.slug, target.template ?? "main"].join("/") : "",
  });
}

async function restorePages(
  restorer: ILayoutRestorer,
  pages: WidgetTracker<PageTab>,
): Promise<void> {
  await restorer.restore(pages, {
    command: Command.visit,
    args: ({ content: { visit } }) => ({ ...visit }),
    name: ({ content: { visit } }) => visit.address,
  });
}

/** The app of the item that the context menu was opened on. */
function itemServer(
  app: JupyterFrontEnd,
): { kernelId: string; slug: string; title: string } | undefined {
  const isItem = ({ dataset }: HTMLElement): boolean => Boolean(serverOfContext(dataset.context));
  const node = app.contextMenuHitTest(isItem);
  const server = serverOfContext(node?.dataset.context);
  const label = node?.querySelector(".jp-RunningSessions-itemLabel")?.textContent;
  return server && { ...server, title: label || server.slug };
}

export const openerPlugin: JupyterFrontEndPlugin<IAppOpener> = {
  id: "jupyter-trame:opener",
  description: "Opens trame servers in tabs, stops them and starts them again.",
  autoStart: true,
  requires: [ILabSettings],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette],
  provides: IAppOpener,
  activate: (
    app: JupyterFrontEnd,
    labSettings: LabSettings,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
  ): IAppOpener => {
    const { serviceManager, shell, commands } = app;
    const settings = serviceManager.serverSettings;
    const api = new Api(settings);
    const tracker = new WidgetTracker<Tab>({ namespace: "jupyter-trame" });
    const pages = new WidgetTracker<PageTab>({ namespace: "jupyter-trame-pages" });
    const loadBundle = bundleLoader(settings);
    void app.restored.then(() => loadAhead(loadBundle));
    const countKernels = () => serviceManager.kernels.refreshRunning();
    const services: PanelServices = {
      settings,
      api,
      loadBundle,
      watchKernels: watchKernels(serviceManager),
      countKernels,
    };
    const options = { shell, labShell, tracker, pages, services, api, settings: labSettings };
    const opener = new AppOpener(options);
    const forCommands = { opener, api, itemServer: () => itemServer(app) };
    addCommands(commands, forCommands);
    // Kernels come and go with apps: tabs are to hear of it before the lab counts them again by itself.
    const actions = new AppActions(api, countKernels);
    addAppCommands(commands, forCommands, actions);
    for (const command of [Command.open, Command.launch, Command.stop, Command.restart])
      palette?.addItem({ command, category: CATEGORY });
    if (restorer) {
      void restore(restorer, tracker);
      void restorePages(restorer, pages);
    }
    followEvents(opener);
    return opener;
  },
};
