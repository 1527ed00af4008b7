import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ServerInfo } from "../../src/lab/models";
import { RunningApps } from "../../src/lab/running-apps";
import { serverInfo } from "./support";

let seen: boolean;
let apps: RunningApps;
const servers = vi.fn(async (): Promise<ServerInfo[]> => [serverInfo()]);
const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  seen = true;
  apps = new RunningApps({ servers }, 0, () => seen);
});

afterEach(() => {
  apps.dispose();
  vi.useRealTimers();
});

describe("the running apps", () => {
  it("are asked for when somebody begins to see them, and then only when something may be new", async () => {
    await pass(2);
    expect(servers).toHaveBeenCalledTimes(1);
    await pass(600);
    expect(servers).toHaveBeenCalledTimes(1);
    apps.note();
    await pass(2);
    expect(servers).toHaveBeenCalledTimes(2);
    seen = false;
    await pass(2);
    seen = true;
    await pass(2);
    expect(servers).toHaveBeenCalledTimes(3);
  });

  it("are asked for once a second, however much is new, and not while nobody sees them", async () => {
    await pass(2);
    servers.mockClear();
    for (let viewer = 0; viewer < 100; viewer += 1) apps.note();
    await pass(1.5);
    expect(servers).toHaveBeenCalledTimes(1);
    seen = false;
    apps.note();
    await pass(60);
    expect(servers).toHaveBeenCalledTimes(1);
  });

  it("are asked for in intervals by who wants that", async () => {
    await pass(2);
    servers.mockClear();
    apps.interval = 10;
    await pass(31);
    expect(servers).toHaveBeenCalledTimes(3);
  });

  it("are told of after each look, and when the times that are shown are old", async () => {
    await pass(2);
    const told = vi.fn();
    apps.changed.connect(told);
    await apps.refresh();
    expect(apps.servers).toEqual([serverInfo()]);
    expect(told).toHaveBeenCalledOnce();
    servers.mockClear();
    await pass(33);
    expect(told).toHaveBeenCalledTimes(2);
    expect(servers).not.toHaveBeenCalled();
  });

  it("stay when nobody answers", async () => {
    await apps.refresh();
    servers.mockRejectedValueOnce(new Error("gone"));
    await apps.refresh();
    expect(apps.servers).toEqual([serverInfo()]);
  });

  it("are those of the newer look, whichever is answered last", async () => {
    let answer: (servers: ServerInfo[]) => void = () => undefined;
    servers.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
    const older = apps.refresh();
    await apps.refresh();
    answer([]);
    await older;
    expect(apps.servers).toEqual([serverInfo()]);
  });
});
