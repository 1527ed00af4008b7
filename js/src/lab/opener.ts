import type { ILabShell, JupyterFrontEnd } from "@jupyterlab/application";
import { MainAreaWidget, Notification, type WidgetTracker } from "@jupyterlab/apputils";
import { UUID } from "@lumino/coreutils";
import type { Api } from "./api";
import { trameIcon } from "./icon";
import type { ServerInfo, ServerKey } from "./models";
import { PagePanel } from "./page-panel";
import { AppPanel, type PanelServices } from "./panel";
import { pageAddress, visitAddress } from "./server-urls";
import { isRunning, sameApp, start } from "./starting";
import { tellFailure } from "./telling";
import type { IAppOpener, OpenMode, Shown, Target, Visit } from "./tokens";

export type Tab = MainAreaWidget<AppPanel>;
export type PageTab = MainAreaWidget<PagePanel>;
type Place = Exclude<OpenMode, "window">;

/** Behind what else is there: the lab's own come first. */
const SIDE_RANK = 900;

export interface OpenerOptions {
  shell: JupyterFrontEnd.IShell;
  /** Null where there is no lab around, as in Notebook 7: pages open in the browser then. */
  labShell: ILabShell | null;
  tracker: WidgetTracker<Tab>;
  /** Tabs of pages that come as they are. */
  pages: WidgetTracker<PageTab>;
  services: PanelServices;
  api: Pick<Api, "servers" | "start" | "runFile">;
  settings: { readonly openIn: OpenMode };
}

/** Keeps one tab an app and places it. */
export class AppOpener implements IAppOpener {
  readonly #options: OpenerOptions;
  /** Apps that start and get a window then, by name or path. */
  readonly #starting = new Set<string>();

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  get hasTabs(): boolean {
    return this.#options.labShell !== null;
  }

  async open(target: Target & ServerKey, mode?: OpenMode): Promise<Shown> {
    const known = mode ? undefined : this.#findTab(target);
    const where = this.#where(mode);
    if (known || where !== "window") return this.#showTab(target, where, mode !== undefined);
    this.#openWindow(target);
    return null;
  }

  launch({ name, title }: { name: string; title: string }, mode?: OpenMode): Promise<Shown> {
    return this.#start({ app: name, title }, mode);
  }

  run({ path, title }: { path: string; title: string }, mode?: OpenMode): Promise<Shown> {
    return this.#start({ path, title }, mode);
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

  /** Shows what runs already, else starts it where it is to be shown. */
  async #start(target: Target, mode?: OpenMode): Promise<Shown> {
    const running = await this.#findRunning(target);
    if (running) {
      const { kernelId, slug } = running;
      return this.open({ ...target, kernelId, slug }, mode);
    }
    const known = mode ? undefined : this.#findTab(target);
    const where = this.#where(mode);
    if (known || where !== "window") return this.#showTab(target, where, mode !== undefined);
    this.#startInWindow(target);
    return null;
  }

  /** Where an app is to open; without tabs only who asks for the side gets it. */
  #where(mode: OpenMode | undefined): OpenMode {
    if (this.hasTabs) return mode ?? this.#options.settings.openIn;
    return mode === "right" ? mode : "window";
  }

  /** What runs already of what would be started. One that is shown in a tab comes first. */
  async #findRunning(target: Target): Promise<ServerInfo | undefined> {
    try {
      const servers = await this.#options.api.servers();
      const running = servers.filter((server) => isRunning(server, target));
      const shown = running.find(({ kernelId, slug }) =>
        this.#findTab({ ...target, kernelId, slug }),
      );
      return shown ?? running[0];
    } catch {
      // Starting it tells the user what is wrong.
      return undefined;
    }
  }

  #startInWindow(target: Target): void {
    const key = target.app ?? target.path ?? "";
    if (this.#starting.has(key)) return;
    this.#starting.add(key);
    const id = Notification.emit(`Starting ${target.title}…`, "in-progress", { autoClose: false });
    start(this.#options.api, target)
      .then(({ kernelId, slug }) => this.#openWindow({ ...target, kernelId, slug }))
      .catch((error) => tellFailure(target.title, error))
      .finally(() => {
        Notification.dismiss(id);
        this.#starting.delete(key);
      });
  }

  #findTab(target: Target): Tab | undefined {
    return this.#options.tracker.find((tab) => sameApp(tab.content.target, target));
  }

  /** Resolves once the tracker has the tab: the layout restorer looks for it then. */
  async #showTab(target: Target, where: OpenMode, moves: boolean): Promise<Shown> {
    const place = where === "window" ? "tab" : where;
    const { shell, tracker } = this.#options;
    const known = this.#findTab(target);
    if (known) {
      if (moves) this.#move(known, place);
      shell.activateById(known.id);
      void known.content.again(target);
      return known;
    }
    const tab = this.#create(target);
    this.#place(tab, place);
    shell.activateById(tab.id);
    void tab.content.run();
    await tracker.add(tab);
    return tab;
  }

  /** Between the sides and the middle: where it is in the middle is the user's. */
  #move(tab: Tab, place: Place): void {
    const isInMiddle = [...this.#options.shell.widgets("main")].includes(tab);
    if (isInMiddle === (place === "right")) this.#place(tab, place);
  }

  #place(tab: Tab, place: Place): void {
    const { shell } = this.#options;
    if (place === "right") shell.add(tab, "right", { rank: SIDE_RANK });
    else shell.add(tab, "main", { mode: place === "split" ? "split-right" : "tab-after" });
  }

  #create(target: Target): Tab {
    const { services, tracker } = this.#options;
    const content = new AppPanel(target, services);
    const tab: Tab = new MainAreaWidget({ content });
    dress(tab, target.title);
    content.onTarget = () => void tracker.save(tab);
    return tab;
  }

  #openWindow(target: Target & ServerKey): void {
    const page = new URL(pageAddress(this.#options.services.settings, target));
    if (target.template && target.template !== "main") page.searchParams.set("ui", target.template);
    this.#openPage(page, target.title);
  }

  #openPage(page: URL | string, title: string): void {
    if (window.open(page, "_blank")) return;
    Notification.info(`The browser kept ${title} from opening a window.`, {
      autoClose: false,
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
  // The container has given it a name that all of them share.
  tab.content.node.setAttribute("aria-label", tab.title.caption);
  tab.toolbar.hide();
}
