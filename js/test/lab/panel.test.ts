import { ServerConnection } from "@jupyterlab/services";
import { Widget } from "@lumino/widgets";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../src/lab/api";
import { AppPanel, type PanelServices } from "../../src/lab/panel";
import type { Target } from "../../src/lab/tokens";
import { serverInfo } from "./support";

// Lumino's drag and drop needs the class to be there.
vi.hoisted(() => vi.stubGlobal("DragEvent", class extends MouseEvent {}));

const running: Target = { kernelId: "k1", slug: "demo", title: "Demo" };
const server = serverInfo({ kernelId: "k2", slug: "demo", title: "Demo", name: "demo" });

let panel: AppPanel;
let kernels: (ids: ReadonlySet<string>) => void;
let stopped: number;
const dispose = vi.fn();
const mountAt = vi.fn((_host: HTMLElement, _options: { url: string }) => ({ dispose }));
const check = vi.fn(async () => undefined);
const start = vi.fn(async () => server);
const runFile = vi.fn(async () => server);
const restart = vi.fn(async () => server);
const stop = vi.fn(async () => undefined);
const countKernels = vi.fn(async () => undefined);
const loadBundle = vi.fn(async () => ({ mountAt }));

function show(target: Target): AppPanel {
  const services: PanelServices = {
    settings: ServerConnection.makeSettings({ baseUrl: "http://h/b/", wsUrl: "ws://h/b/" }),
    api: { start, runFile, restart, stop, check },
    loadBundle,
    countKernels,
    watchKernels: (listener) => {
      kernels = listener;
      return () => {
        stopped += 1;
      };
    },
  };
  panel = new AppPanel(target, services);
  Widget.attach(panel, document.body);
  return panel;
}

const button = (label: string): HTMLButtonElement | undefined =>
  [...panel.node.querySelectorAll("button")].find(({ textContent }) => textContent === label);

beforeEach(() => {
  stopped = 0;
  vi.clearAllMocks();
});

afterEach(() => panel.dispose());

describe("AppPanel", () => {
  it("has a width to be read at a side of the lab, and none of its own elsewhere", () => {
    show(running);
    expect(panel.node.style.minWidth).toBe("");
    Widget.detach(panel);
    const side = document.createElement("div");
    side.className = "jp-SideArea";
    document.body.append(side);
    Widget.attach(panel, side);
    expect(panel.node.style.minWidth).toBe("320px");
    Widget.detach(panel);
    side.remove();
    Widget.attach(panel, document.body);
    expect(panel.node.style.minWidth).toBe("");
  });

  it("mounts a running app in the page", async () => {
    const done = show(running).run();
    expect(panel.node.querySelector("[role=status]")?.textContent).toBe("Connecting to Demo…");
    await done;
    expect(start).not.toHaveBeenCalled();
    expect(mountAt.mock.calls[0]?.[1]).toMatchObject({
      url: expect.stringMatching(/^ws:\/\/h\/b\/trame\/k1\/demo\/ws/),
      mode: "tab",
      title: "Demo",
    });
    expect(panel.node.querySelector("[role]")).toBeNull();
  });

  it("starts a registered app first, and tells which kernel has it", async () => {
    const told = vi.fn();
    show({ app: "demo", title: "Demo" }).onTarget = told;
    const done = panel.run();
    expect(panel.node.querySelector("[role=status]")?.textContent).toBe("Starting Demo…");
    await done;
    expect(told).toHaveBeenCalledWith({ app: "demo", title: "Demo", kernelId: "k2", slug: "demo" });
    expect(countKernels).toHaveBeenCalledOnce();
    expect(mountAt).toHaveBeenCalledOnce();
  });

  it("runs a file, and again when it is gone", async () => {
    await show({ path: "d/a.py", title: "a" }).run();
    expect(runFile).toHaveBeenCalledExactlyOnceWith("d/a.py", expect.any(AbortSignal));
    expect(panel.target).toMatchObject({ path: "d/a.py", kernelId: "k2" });
    check.mockRejectedValueOnce(new ApiError("The Jupyter server answered with 404.", 404));
    await panel.run();
    restart.mockRejectedValueOnce(new ApiError("no server runs there", 404));
    button("Start again")?.click();
    await vi.waitFor(() => expect(runFile).toHaveBeenCalledTimes(2));
  });

  it("stops an app that the user does not wait for, as soon as it is there", async () => {
    let started: (info: typeof server) => void = () => undefined;
    start.mockReturnValueOnce(new Promise((resolve) => (started = resolve)));
    const done = show({ app: "demo", title: "Demo" }).run();
    button("Stop")?.click();
    expect(panel.node.textContent).toContain("The start of Demo was stopped.");
    expect(stop).not.toHaveBeenCalled();
    started(server);
    await done;
    await vi.waitFor(() => expect(stop).toHaveBeenCalledExactlyOnceWith(server));
    expect(mountAt).not.toHaveBeenCalled();
    expect(panel.target.kernelId).toBeUndefined();
    button("Start again")?.click();
    await vi.waitFor(() => expect(mountAt).toHaveBeenCalledOnce());
  });

  it("has the server stop a start that the user does not wait for", async () => {
    let signal: AbortSignal | undefined;
    start.mockImplementationOnce(((_: string, given: AbortSignal) => {
      signal = given;
      return new Promise((_resolve, reject) =>
        given.addEventListener("abort", () => reject(new ApiError("it was stopped", 409))),
      );
    }) as never);
    const done = show({ app: "demo", title: "Demo" }).run();
    expect(signal?.aborted).toBe(false);
    button("Stop")?.click();
    expect(signal?.aborted).toBe(true);
    await done;
    expect(panel.node.textContent).toContain("The start of Demo was stopped.");
    expect(stop).not.toHaveBeenCalled();
  });

  it("names the command that mends what keeps an app from starting", async () => {
    start.mockRejectedValueOnce(new ApiError("no vtk", 500, "", "pip install vtk"));
    await show({ app: "demo", title: "Demo" }).run();
    expect(panel.node.querySelector("[role=alert] code")?.textContent).toBe("pip install vtk");
  });

  it("shows why an app did not start, with its traceback, and tries again", async () => {
    start.mockRejectedValueOnce(new ApiError("ImportError: no vtk", 500, "Traceback ..."));
    await show({ app: "demo", title: "Demo" }).run();
    const alert = panel.node.querySelector("[role=alert]");
    expect(alert?.textContent).toContain("ImportError: no vtk");
    expect(alert?.querySelector("pre")?.textContent).toBe("Traceback ...");
    expect(button("Start again")).toBeUndefined();
    button("Try again")?.click();
    await vi.waitFor(() => expect(mountAt).toHaveBeenCalledOnce());
  });

  it("says that a notebook's app is gone, and what to do", async () => {
    check.mockRejectedValueOnce(new ApiError("The Jupyter server answered with 404.", 404));
    await show(running).run();
    expect(panel.node.textContent).toContain(
      "The app is not running. Run the cell that starts it, then try again.",
    );
    expect(button("Start again")).toBeUndefined();
    button("Try again")?.click();
    await vi.waitFor(() => expect(mountAt).toHaveBeenCalledOnce());
  });

  it("offers to start a registered app again when it is gone", async () => {
    check.mockRejectedValueOnce(new ApiError("The Jupyter server answered with 404.", 404));
    restart.mockRejectedValueOnce(new ApiError("no server 'demo' runs there", 404));
    await show({ ...running, app: "demo" }).run();
    button("Start again")?.click();
    await vi.waitFor(() => expect(mountAt).toHaveBeenCalledOnce());
    expect(panel.target.kernelId).toBe("k2");
    expect(start).toHaveBeenCalledWith("demo", expect.any(AbortSignal));
  });

  it("starts it again at its address, where the kernel is still there", async () => {
    check.mockRejectedValueOnce(new ApiError("The Jupyter server answered with 404.", 404));
    restart.mockRejectedValueOnce(new ApiError("demo raises", 500, "trace"));
    restart.mockResolvedValueOnce({ ...server, kernelId: "k1" });
    await show({ ...running, app: "demo" }).run();
    button("Start again")?.click();
    await vi.waitFor(() => expect(panel.node.textContent).toContain("demo raises"));
    button("Try again")?.click();
    await vi.waitFor(() => expect(mountAt).toHaveBeenCalledOnce());
    expect(restart.mock.calls).toEqual([
      [{ kernelId: "k1", slug: "demo" }, expect.any(AbortSignal)],
      [{ kernelId: "k1", slug: "demo" }, expect.any(AbortSignal)],
    ]);
    expect(panel.target.kernelId).toBe("k1");
    expect(start).not.toHaveBeenCalled();
  });

  it("takes the app away when its kernel is shut down", async () => {
    await show({ ...running, app: "demo" }).run();
    kernels(new Set(["other"]));
    expect(dispose).not.toHaveBeenCalled();
    kernels(new Set(["other", "k1"]));
    kernels(new Set(["other"]));
    expect(dispose).toHaveBeenCalledOnce();
    expect(panel.node.textContent).toContain("The kernel of this app was shut down.");
    button("Start again")?.click();
    await vi.waitFor(() => expect(start).toHaveBeenCalledOnce());
    expect(restart).not.toHaveBeenCalled();
  });

  it("is tried again only if it failed, with the kernel that it runs in now", async () => {
    await show({ ...running, app: "demo" }).run();
    await panel.again({ ...running, kernelId: "k9" });
    expect(mountAt).toHaveBeenCalledOnce();
    kernels(new Set(["k1"]));
    kernels(new Set());
    const told = vi.fn();
    panel.onTarget = told;
    await panel.again({ ...running, kernelId: "k9" });
    expect(told).toHaveBeenCalledWith({ ...running, kernelId: "k9", app: "demo" });
    expect(mountAt.mock.calls[1]?.[1].url).toContain("/k9/");
    kernels(new Set(["k9"]));
    kernels(new Set());
    await panel.again({ title: "Demo", app: "demo" });
    expect(start).toHaveBeenCalledOnce();
  });

  it("says that the client could not be loaded", async () => {
    loadBundle.mockRejectedValueOnce(new TypeError("Failed to fetch"));
    await show(running).run();
    expect(panel.node.textContent).toContain("The code of the view could not be loaded");
  });

  it("mounts nothing after it was closed", async () => {
    const done = show(running).run();
    panel.dispose();
    await done;
    expect(mountAt).not.toHaveBeenCalled();
    expect(stopped).toBe(1);
  });

  it("ends the view when it is closed", async () => {
    await show(running).run();
    panel.dispose();
    expect(dispose).toHaveBeenCalledOnce();
  });
});
