import type { ILabShell, JupyterFrontEnd } from "@jupyterlab/application";
import { MainAreaWidget, Notification, type WidgetTracker } from "@jupyterlab/apputils";
import { UUID } from "@lumino/coreutils";
import { pageAddress } from "./addresses";
import type { Api } from "./api";
import { trameIcon } from "./icon";
import { AppPanel, type PanelServices } from "./panel";
import type { IAppOpener, OpenMode, Target } from "./tokens";

type Tab = MainAreaWidget<AppPanel>;

/** What is enough to show the same thing once more. */
export function sameApp(a: Target, b: Target): boolean {
  if ((a.template ?? "main") !== (b.template ?? "main")) return false;
  if (a.kernelId && b.kernelId) return a.kernelId === b.kernelId && a.slug === b.slug;
  return a.app !== undefined && a.app === b.app;
}

export interface OpenerOptions {
  shell: JupyterFrontEnd.IShell;
  /** Null where there is no lab around, as in Notebook 7: pages open in the browser then. */
  labShell: ILabShell | null;
  tracker: WidgetTracker<Tab>;
  services: PanelServices;
  api: Api;
}

/** Keeps one tab an app and places it. */
export class AppOpener implements IAppOpener {
  readonly #options: OpenerOptions;

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  get hasTabs(): boolean {
    return this.#options.labShell !== null;
  }

  open(target: Target & { kernelId: string; slug: string }, mode: OpenMode = "tab"): Promise<void> {
    if (mode !== "window" && (mode === "right" || this.hasTabs)) return this.#showTab(target, mode);
    this.#openWindow(target);
    return Promise.resolve();
  }

  launch({ name, title }: { name: string; title: string }): Promise<void> {
    const target: Target = { app: name, title };
    if (this.hasTabs) return this.#showTab(target, "tab");
    const starting = this.#options.api.start(name);
    const done = starting.then((server) => {
      this.#openWindow({ ...target, ...server });
      return null;
    });
    Notification.promise(done, {
      pending: { message: `Starting ${title}…` },
      success: { message: () => `${title} is running.` },
      error: { message: (error) => (error instanceof Error ? error.message : String(error)) },
    });
    return Promise.resolve();
  }

  /** Resolves once the tracker has the tab: the layout restorer looks for it then. */
  async #showTab(target: Target, mode: "tab" | "right" | "split"): Promise<void> {
    const { shell, tracker } = this.#options;
    const known = tracker.find((tab) => sameApp(tab.content.target, target));
    if (known) {
      shell.activateById(known.id);
      return;
    }
    const tab = this.#create(target);
    if (mode === "right") shell.add(tab, "right", { rank: 900 });
    else shell.add(tab, "main", { mode: mode === "split" ? "split-right" : "tab-after" });
    shell.activateById(tab.id);
    void tab.content.run();
    await tracker.add(tab);
  }

  #create(target: Target): Tab {
    const { services, tracker } = this.#options;
    const content = new AppPanel(target, services);
    const tab: Tab = new MainAreaWidget({ content });
    tab.id = `jupyter-trame-${UUID.uuid4()}`;
    tab.title.label = content.title.label = target.title;
    tab.title.icon = content.title.icon = trameIcon;
    tab.title.caption = `trame app ${target.title}`;
    tab.title.closable = true;
    tab.toolbar.hide();
    content.onTarget = () => void tracker.save(tab);
    return tab;
  }

  #openWindow(target: Target & { kernelId: string; slug: string }): void {
    const page = new URL(pageAddress(this.#options.services.settings, target));
    if (target.template && target.template !== "main") page.searchParams.set("ui", target.template);
    if (window.open(page, "_blank")) return;
    Notification.info(`The browser kept ${target.title} from opening a window.`, {
      actions: [{ label: "Open", callback: () => void window.open(page, "_blank") }],
    });
  }
}
