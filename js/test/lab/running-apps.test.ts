import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ServerInfo } from "../../src/lab/models";
import { RunningApps } from "../../src/lab/running-apps";
import { serverInfo } from "./support";

let seen: boolean;
let apps: RunningApps;
const servers = vi.fn(async (): Promise<ServerInfo[]> => [serverInfo()]);

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  seen = true;
  apps = new RunningApps({ servers }, 10, () => seen);
});

afterEach(() => {
  apps.dispose();
  vi.useRealTimers();
});

describe("the running apps", () => {
  it("are looked at in intervals while somebody sees them", async () => {
    await vi.advanceTimersByTimeAsync(1);
    expect(servers).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(servers).toHaveBeenCalledTimes(2);
    apps.interval = 60;
    await vi.advanceTimersByTimeAsync(10_000);
    const before = servers.mock.calls.length;
    await vi.advanceTimersByTimeAsync(59_000);
    expect(servers).toHaveBeenCalledTimes(before);
  });

  it("are asked for only when something is new while nobody sees them", async () => {
    seen = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(servers).not.toHaveBeenCalled();
    await apps.refresh();
    expect(apps.servers).toEqual([serverInfo()]);
  });

  it("are told of after each look, and stay when nobody answers", async () => {
    const told = vi.fn();
    apps.changed.connect(told);
    await apps.refresh();
    expect(apps.servers).toEqual([serverInfo()]);
    expect(told).toHaveBeenCalledOnce();
    servers.mockRejectedValueOnce(new Error("gone"));
    await apps.refresh();
    expect(apps.servers).toEqual([serverInfo()]);
    expect(told).toHaveBeenCalledOnce();
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
