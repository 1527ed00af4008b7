import type { ILabShell, JupyterFrontEnd } from "@jupyterlab/application";
import { MainAreaWidget, Notification, type WidgetTracker } from "@jupyterlab/apputils";
import { UUID } from "@lumino/coreutils";
import type { Api, ServerInfo } from "./api";
import { trameIcon } from "./icon";
import { PagePanel } from "./page-panel";
import { AppPanel, type PanelServices } from "./panel";
import { pageAddress, visitAddress } from "./server-urls";
import type { IAppOpener, OpenMode, Shown, Target, Visit } from "./tokens";

type Tab = MainAreaWidget<AppPanel>;
type PageTab = MainAreaWidget<PagePanel>;

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
  /** Tabs of pages that come as they are. */
  pages: WidgetTracker<PageTab>;
  services: PanelServices;
  api: Api;
}

/** Keeps one tab an app and places it. */
export class AppOpener implements IAppOpener {
  readonly #options: OpenerOptions;
  /** Apps that start and get a window then. */
  readonly #starting = new Set<string>();

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  get hasTabs(): boolean {
    return this.#options.labShell !== null;
  }

  async open(
    target: Target & { kernelId: string; slug: string },
    mode: OpenMode = "tab",
  ): Promise<Shown> {
    if (mode !== "window" && (mode === "right" || this.hasTabs)) return this.#showTab(target, mode);
    this.#openWindow(target);
    return null;
  }

  async launch({ name, title }: { name: string; title: string }): Promise<Shown> {
    const target: Target = { app: name, title };
    const running = await this.#findRunning(name);
    if (running) return this.open({ ...target, kernelId: running.kernelId, slug: running.slug });
    if (this.hasTabs) return this.#showTab(target, "tab");
    this.#startInWindow(name, target);
    return null;
  }

  async visit(visit: Visit): Promise<Shown> {
    const { shell, pages, services } = this.#options;
    if (!this.hasTabs) {
      this.#openPage(visitAddress(services.settings, visit), visit.title);
      return null;
    }
    const known = pages.find((tab) => tab.content.visit.address === visit.address);
    if (known) {
      shell.activateById(known.id);
      return known;
    }
    const content = new PagePanel(visit, services.settings);
    const tab: PageTab = new MainAreaWidget({ content });
    dress(tab, visit.title);
    shell.add(tab, "main", { mode: "tab-after" });
    shell.activateById(tab.id);
    await pages.add(tab);
    return tab;
  }

  /** Where a registered app runs already: the server has its name. One that is shown in a tab comes first. */
  async #findRunning(name: string): Promise<ServerInfo | undefined> {
    try {
      const servers = (await this.#options.api.servers()).filter((server) => server.name === name);
      return servers.find((server) => this.#findTab({ ...server, app: name })) ?? servers[0];
    } catch {
      // Starting it tells the user what is wrong.
      return undefined;
    }
  }

  #startInWindow(name: string, target: Target): void {
    if (this.#starting.has(name)) return;
    this.#starting.add(name);
    const starting = this.#options.api.start(name).finally(() => this.#starting.delete(name));
    const done = starting.then((server) => {
      this.#openWindow({ ...target, ...server });
      return null;
    });
    Notification.promise(done, {
      pending: { message: `Starting ${target.title}…` },
      success: { message: () => `${target.title} is running.` },
      error: { message: (error) => (error instanceof Error ? error.message : String(error)) },
    });
  }

  #findTab(target: Target): Tab | undefined {
    return this.#options.tracker.find((tab) => sameApp(tab.content.target, target));
  }

  /** Resolves once the tracker has the tab: the layout restorer looks for it then. */
  async #showTab(target: Target, mode: "tab" | "right" | "split"): Promise<Shown> {
    const { shell, tracker } = this.#options;
    const known = this.#findTab(target);
    if (known) {
      shell.activateById(known.id);
      void known.content.again(target);
      return known;
    }
    const tab = this.#create(target);
    if (mode === "right") shell.add(tab, "right", { rank: 900 });
    else shell.add(tab, "main", { mode: mode === "split" ? "split-right" : "tab-after" });
    shell.activateById(tab.id);
    void tab.content.run();
    await tracker.add(tab);
    return tab;
  }

  #create(target: Target): Tab {
    const { services, tracker } = this.#options;
    const content = new AppPanel(target, services);
    const tab: Tab = new MainAreaWidget({ content });
    dress(tab, target.title);
    content.onTarget = () => void tracker.save(tab);
    return tab;
  }

  #openWindow(target: Target & { kernelId: string; slug: string }): void {
    const page = new URL(pageAddress(this.#options.services.settings, target));
    if (target.template && target.template !== "main") page.searchParams.set("ui", target.template);
    this.#openPage(page, target.title);
  }

  #openPage(page: URL | string, title: string): void {
    if (window.open(page, "_blank")) return;
    Notification.info(`The browser kept ${title} from opening a window.`, {
      actions: [{ label: "Open", callback: () => void window.open(page, "_blank") }],
    });
  }
}

function dress(tab: Tab | PageTab, title: string): void {
  tab.id = `jupyter-trame-${UUID.uuid4()}`;
  tab.title.label = tab.content.title.label = title;
  tab.title.icon = tab.content.title.icon = trameIcon;
  tab.title.caption = `trame app ${title}`;
  tab.title.closable = true;
  tab.toolbar.hide();
}
