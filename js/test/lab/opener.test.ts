import type { ILabShell, JupyterFrontEnd } from "@jupyterlab/application";
import type { MainAreaWidget, WidgetTracker } from "@jupyterlab/apputils";
import type { ServerConnection } from "@jupyterlab/services";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ServerInfo } from "../../src/lab/models";
import { AppOpener } from "../../src/lab/opener";
import type { PagePanel } from "../../src/lab/page-panel";
import type { AppPanel, PanelServices } from "../../src/lab/panel";
import type { OpenMode } from "../../src/lab/tokens";
import { serverInfo } from "./support";

const notification = vi.hoisted(() => ({
  info: vi.fn(),
  emit: vi.fn(() => "id"),
  dismiss: vi.fn(),
}));
const tellFailure = vi.hoisted(() => vi.fn());

vi.mock("@jupyterlab/apputils", () => ({
  Notification: notification,
  MainAreaWidget: class {
    readonly content: object;
    readonly title = {};
    readonly toolbar = { hide: () => undefined };
    id = "";

    constructor({ content }: { content: object }) {
      this.content = content;
    }
  },
}));
vi.mock("@jupyterlab/ui-components", () => ({ LabIcon: class {} }));
vi.mock("../../src/lab/telling", () => ({ tellFailure }));
vi.mock("../../src/lab/page-panel", () => ({
  PagePanel: class {
    readonly title = {};
    readonly node = document.createElement("div");
    readonly visit: object;

    constructor(visit: object) {
      this.visit = visit;
    }
  },
}));
vi.mock("../../src/lab/panel", () => ({
  AppPanel: class {
    readonly title = {};
    readonly node = document.createElement("div");
    target: object;
    run = vi.fn();
    again = vi.fn();
    onTarget = () => undefined;

    constructor(target: object) {
      this.target = target;
    }
  },
}));

type Tab = MainAreaWidget<AppPanel>;
type PageTab = MainAreaWidget<PagePanel>;

let tabs: Tab[];
let pageTabs: PageTab[];
/** Where each widget was put last. */
let areas: Map<object, string>;
const shell = {
  add: vi.fn((tab: object, area: string) => void areas.set(tab, area)),
  widgets: (area: string) => [...areas].filter(([, at]) => at === area).map(([tab]) => tab),
  activateById: vi.fn(),
};
const settings: { openIn: OpenMode } = { openIn: "tab" };
const save = vi.fn();
const server = serverInfo({ app: "n" });
const start = vi.fn(async () => server);
const runFile = vi.fn(async () => serverInfo({ path: "d/a.py", owner: "file" }));
const servers = vi.fn(async (): Promise<ServerInfo[]> => []);

function create(labShell: object | null = {}): AppOpener {
  const tracker = {
    find: (match: (tab: Tab) => boolean) => tabs.find(match),
    add: async (tab: Tab) => void tabs.push(tab),
    save,
  };
  const pages = {
    find: (match: (tab: PageTab) => boolean) => pageTabs.find(match),
    add: async (tab: PageTab) => void pageTabs.push(tab),
  };
  return new AppOpener({
    shell: shell as unknown as JupyterFrontEnd.IShell,
    labShell: labShell as ILabShell | null,
    tracker: tracker as unknown as WidgetTracker<Tab>,
    pages: pages as unknown as WidgetTracker<PageTab>,
    services: {
      settings: { baseUrl: "http://h/b/" } as ServerConnection.ISettings,
    } as PanelServices,
    api: { start, runFile, servers },
    settings,
  });
}

const app = { kernelId: "k", slug: "s", title: "T" };
const card = { name: "n", title: "T" };

beforeEach(() => {
  areas = new Map();
  settings.openIn = "tab";
  tabs = [];
  pageTabs = [];
  vi.clearAllMocks();
  vi.stubGlobal(
    "open",
    vi.fn(() => window),
  );
});

describe("AppOpener", () => {
  it("opens a tab, which is known once the promise resolves", async () => {
    await create().open(app);
    expect(tabs.map(({ content }) => content.target)).toEqual([app]);
    expect(shell.add).toHaveBeenCalledWith(tabs[0], "main", { mode: "tab-after" });
    expect(tabs[0]?.content.run).toHaveBeenCalledOnce();
  });

  it("brings an app to the front that is shown already", async () => {
    const opener = create();
    const shown = await opener.open(app);
    expect(await opener.open({ ...app })).toBe(shown);
    await opener.open({ ...app, slug: "other" });
    expect(tabs).toHaveLength(2);
    expect(shell.activateById.mock.calls[1]).toEqual([tabs[0]?.id]);
  });

  it("places it on the right or beside the current tab", async () => {
    const opener = create();
    await opener.open(app, "right");
    await opener.open({ ...app, slug: "other" }, "split");
    expect(shell.add.mock.calls.map(([, ...where]) => where)).toEqual([
      ["right", { rank: 900 }],
      ["main", { mode: "split-right" }],
    ]);
  });

  it("moves what is shown elsewhere, but not within the middle", async () => {
    const opener = create();
    const tab = await opener.open(app, "right");
    await opener.open(app);
    expect(areas.get(tab as object)).toBe("right");
    await opener.open(app, "tab");
    expect(areas.get(tab as object)).toBe("main");
    await opener.open(app, "split");
    expect(shell.add).toHaveBeenCalledTimes(2);
    await opener.open(app, "right");
    expect(areas.get(tab as object)).toBe("right");
    expect(tabs).toHaveLength(1);
  });

  it("opens where the settings say, unless it is asked for another place or shown already", async () => {
    settings.openIn = "right";
    const opener = create();
    const tab = await opener.open(app);
    expect(areas.get(tab as object)).toBe("right");
    settings.openIn = "window";
    expect(await opener.open(app)).toBe(tab);
    expect(open).not.toHaveBeenCalled();
    await opener.open({ ...app, slug: "other" });
    expect(open).toHaveBeenCalledOnce();
    await opener.open({ ...app, slug: "third" }, "tab");
    expect(tabs).toHaveLength(2);
  });

  it("names the tab for who does not see it", async () => {
    await create().open(app);
    expect(tabs[0]?.content.node.getAttribute("aria-label")).toBe("trame app T");
  });

  it("runs a file once, and shows it from then on", async () => {
    const file = { path: "d/a.py", title: "a" };
    const opener = create();
    expect(await opener.run(file)).toBe(tabs[0]);
    expect(tabs[0]?.content.target).toEqual(file);
    servers.mockResolvedValueOnce([serverInfo({ path: "d/a.py", owner: "file" })]);
    expect(await opener.run(file)).toBe(tabs[0]);
    expect(tabs).toHaveLength(1);
  });

  it("opens a window, or offers it where the browser forbids that", async () => {
    const opener = create();
    expect(await opener.open({ ...app, template: "side" }, "window")).toBeNull();
    expect(String(vi.mocked(open).mock.calls[0]?.[0])).toBe("http://h/b/trame/k/s/?ui=side");
    expect(notification.info).not.toHaveBeenCalled();
    vi.mocked(open).mockReturnValue(null);
    await opener.open(app, "window");
    expect(notification.info).toHaveBeenCalledOnce();
    expect(tabs).toEqual([]);
  });

  it("opens windows where there are no tabs", async () => {
    const opener = create(null);
    await opener.open(app);
    await Promise.all([opener.launch(card), opener.launch(card)]);
    await opener.run({ path: "d/a.py", title: "a" });
    await vi.waitFor(() => expect(open).toHaveBeenCalledTimes(3));
    expect(start).toHaveBeenCalledExactlyOnceWith("n", undefined);
    expect(runFile).toHaveBeenCalledExactlyOnceWith("d/a.py", undefined);
    await opener.open(app, "right");
    expect(shell.add).toHaveBeenCalledOnce();
  });

  it("says why an app did not start where there is no tab to say it in", async () => {
    const error = new Error("no vtk");
    start.mockRejectedValueOnce(error);
    await create(null).launch(card);
    await vi.waitFor(() => expect(tellFailure).toHaveBeenCalledExactlyOnceWith("T", error));
    expect(notification.dismiss).toHaveBeenCalledWith("id");
    expect(open).not.toHaveBeenCalled();
  });

  it("launches in a tab, and saves which kernel it got", async () => {
    expect(await create().launch(card)).toBe(tabs[0]);
    expect(tabs[0]?.content.target).toEqual({ app: "n", title: "T" });
    tabs[0]?.content.onTarget({ ...app, app: "n" });
    expect(save).toHaveBeenCalledWith(tabs[0]);
  });

  it("launches what runs already by showing it, also without tabs", async () => {
    const other = { ...server, kernelId: "k0", app: "other" };
    servers.mockResolvedValue([other, server]);
    await create().launch(card);
    expect(tabs[0]?.content.target).toEqual({ ...app, app: "n" });
    tabs = [];
    await create(null).launch(card);
    expect(String(vi.mocked(open).mock.calls[0]?.[0])).toBe("http://h/b/trame/k/s/");
    expect(start).not.toHaveBeenCalled();
    servers.mockResolvedValue([]);
  });

  it("prefers the one of several that has a tab", async () => {
    const opener = create();
    await opener.open({ ...app, kernelId: "k2" });
    servers.mockResolvedValueOnce([server, { ...server, kernelId: "k2" }]);
    await opener.launch(card);
    expect(tabs).toHaveLength(1);
  });

  it("launches once for two clicks, and again what has failed in its tab", async () => {
    const opener = create();
    await Promise.all([opener.launch(card), opener.launch(card)]);
    expect(tabs).toHaveLength(1);
    expect(tabs[0]?.content.again).toHaveBeenCalledExactlyOnceWith({ app: "n", title: "T" });
  });

  it("launches where nobody knows what runs", async () => {
    servers.mockRejectedValueOnce(new Error("no answer"));
    await create().launch(card);
    expect(tabs[0]?.content.target).toEqual({ app: "n", title: "T" });
  });

  it("shows a page in a tab of its own, once, and in a window where there are no tabs", async () => {
    const opener = create();
    const visit = { address: "trame/narvi/w/chat/index.html", title: "Chat" };
    const shown = await opener.visit(visit);
    expect(await opener.visit({ ...visit })).toBe(shown);
    expect(pageTabs).toEqual([shown]);
    expect(pageTabs.map((tab) => tab.content.visit)).toEqual([visit]);
    expect(shell.activateById).toHaveBeenLastCalledWith(pageTabs[0]?.id);
    await create(null).visit(visit);
    const address = "http://h/b/trame/narvi/w/chat/index.html";
    expect(String(vi.mocked(open).mock.calls[0]?.[0])).toBe(address);
  });
});
