import { describe, expect, it, vi } from "vitest";
import type { RunningApps } from "../../src/lab/running-apps";
import { contextOf, detail, RunningSection, serverOfContext } from "../../src/lab/running-section";
import { serverInfo } from "./support";

vi.mock("@jupyterlab/ui-components", () => ({ LabIcon: class {} }));

const open = vi.fn();
const stop = vi.fn();
const stopAll = vi.fn();
const refresh = vi.fn();

function section(...servers: ReturnType<typeof serverInfo>[]): RunningSection {
  const apps = { servers, refresh, changed: "the signal" } as unknown as RunningApps;
  return new RunningSection(apps, { open }, { stop, stopAll });
}

const MINUTE = 60_000;

describe("the section of running apps", () => {
  it("has an item for each, which opens and stops it", () => {
    const server = serverInfo({ title: "Sales", name: "sales", path: "a.ipynb", viewers: 2 });
    const [item] = section(server).running();
    expect(item?.label()).toBe("Sales");
    expect(item?.labelTitle?.()).toBe("Sales\nName: sales\nPath: a.ipynb\nKernel: k");
    expect(item?.detail?.()).toBe("2 viewers");
    item?.open?.();
    item?.shutdown?.();
    const target = { kernelId: "k", slug: "s", title: "Sales" };
    expect([open.mock.lastCall?.[0], stop.mock.lastCall?.[0]]).toEqual([target, server]);
  });

  it("stops all, and says before what that means", () => {
    const servers = [serverInfo(), serverInfo({ slug: "t" })];
    const all = section(...servers);
    expect(all.shutdownAllConfirmationText()).toContain("all 2 trame apps");
    expect(section(serverInfo()).shutdownAllConfirmationText()).toContain("the trame app");
    all.shutdownAll();
    expect(stopAll).toHaveBeenCalledWith(servers);
    all.refreshRunning();
    expect(refresh).toHaveBeenCalledOnce();
    expect(all.runningChanged).toBe("the signal");
  });

  it.each([
    [0, "1 viewer, 0 min"],
    [59 * MINUTE, "1 viewer, 59 min"],
    [60 * MINUTE, "1 viewer, 1 h"],
    [47 * 60 * MINUTE, "1 viewer, 47 h"],
    [50 * 60 * MINUTE, "1 viewer, 2 days"],
    [-MINUTE, "1 viewer, 0 min"],
  ])("says after %d ms: %s", (passed, text) => {
    const started = new Date("2026-01-02T03:04:05Z");
    expect(detail(serverInfo({ viewers: 1, started }), started.getTime() + passed)).toBe(text);
  });

  it("knows an item again, and leaves those of other sections alone", () => {
    const server = { kernelId: "k", slug: "a/b" };
    expect(serverOfContext(contextOf(server))).toEqual(server);
    for (const other of [undefined, "", "k/s", "trame:", "trame:k", "trame:/s"])
      expect(serverOfContext(other)).toBeUndefined();
  });
});
