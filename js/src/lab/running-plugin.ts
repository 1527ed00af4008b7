import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { NotebookActions } from "@jupyterlab/notebook";
import { IRunningSessionManagers } from "@jupyterlab/running";
import type { ServiceManager } from "@jupyterlab/services";
import { Api } from "./api";
import { AppActions } from "./app-actions";
import { RunningApps } from "./running-apps";
import { RunningSection } from "./running-section";
import { ILabSettings, type LabSettings } from "./settings";
import { IAppOpener } from "./tokens";

/** The lab's list of what runs. */
const LIST = ".jp-RunningSessions";
/** How the schemas of our events begin: of apps and of viewers. */
const EVENTS = "https://events.jupyter.org/jupyter_trame/";

function isListSeen(): boolean {
  return [...document.querySelectorAll(LIST)].some((list) => list.checkVisibility());
}

/** Calls `changed` when apps start and end: the Jupyter server says so, and kernels come and go. */
function followServer({ events, kernels }: ServiceManager.IManager, changed: () => void): void {
  events.stream.connect((_, { schema_id }) => {
    if (schema_id.startsWith(EVENTS)) changed();
  });
  let known: string | undefined;
  kernels.runningChanged.connect(() => {
    const ids = [...kernels.running()].map(({ id }) => id).join();
    if (ids !== known) changed();
    known = ids;
  });
}

export const runningPlugin: JupyterFrontEndPlugin<void> = {
  id: "jupyter-trame:running",
  description: "A section for trame apps in the list of what runs.",
  autoStart: true,
  requires: [IAppOpener, ILabSettings],
  optional: [IRunningSessionManagers],
  activate: (
    app: JupyterFrontEnd,
    opener: IAppOpener,
    settings: LabSettings,
    managers: IRunningSessionManagers | null,
  ): void => {
    if (!managers) return;
    const { serviceManager } = app;
    const api = new Api(serviceManager.serverSettings);
    const apps = new RunningApps(api, settings.refreshInterval, isListSeen);
    settings.changed.connect(({ refreshInterval }) => {
      apps.interval = refreshInterval;
    });
    followServer(serviceManager, () => apps.note());
    // What a cell starts, nobody tells.
    NotebookActions.executed.connect(() => apps.note());
    const actions = new AppActions(api, () => {
      void apps.refresh();
      void serviceManager.kernels.refreshRunning();
    });
    managers.add(new RunningSection(apps, opener, actions));
  },
};
