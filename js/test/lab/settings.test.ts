import type { ISettingRegistry } from "@jupyterlab/settingregistry";
import { Signal } from "@lumino/signaling";
import { describe, expect, it, vi } from "vitest";
import schema from "../../schema/settings.json";
import { LabSettings, SETTINGS } from "../../src/lab/settings";
import { MODES } from "../../src/lab/tokens";

function registry(values: object) {
  const set = vi.fn(async () => undefined);
  const stored = { composite: values, set } as unknown as ISettingRegistry.ISettings;
  const changed = new Signal<ISettingRegistry.ISettings, void>(stored);
  Object.assign(stored, { changed });
  const load = vi.fn(async () => stored);
  const change = (composite: object): void => {
    Object.assign(stored, { composite });
    changed.emit();
  };
  return { set, load, change, registry: { load } as unknown as ISettingRegistry };
}

const values = ({ openIn, confirmFiles, refreshInterval }: LabSettings) => ({
  openIn,
  confirmFiles,
  refreshInterval,
});

describe("the settings", () => {
  const { openIn, confirmFiles, refreshInterval } = schema.properties;
  const defaults = {
    openIn: openIn.default,
    confirmFiles: confirmFiles.default,
    refreshInterval: refreshInterval.default,
  };

  it("begin as their schema says, and offer every place", async () => {
    const settings = new LabSettings();
    await settings.follow(null);
    expect(values(settings)).toEqual(defaults);
    expect(openIn.oneOf.map((one) => one.const)).toEqual([...MODES]);
  });

  it("follow the registry", async () => {
    const { registry: stored, load, change } = registry({ openIn: "right", confirmFiles: false });
    const settings = new LabSettings();
    const told = vi.fn();
    settings.changed.connect(told);
    await settings.follow(stored);
    expect(load).toHaveBeenCalledWith(SETTINGS);
    expect(values(settings)).toEqual({ openIn: "right", confirmFiles: false, refreshInterval: 0 });
    change({ openIn: "split", confirmFiles: true, refreshInterval: 60 });
    expect(values(settings)).toEqual({ openIn: "split", confirmFiles: true, refreshInterval: 60 });
    expect(told).toHaveBeenCalledTimes(2);
  });

  it("that nobody can have mean the first ones", async () => {
    const settings = new LabSettings();
    const wrong = { openIn: "moon", confirmFiles: "no", refreshInterval: "often" };
    await settings.follow(registry(wrong).registry);
    expect(values(settings)).toEqual(defaults);
  });

  it("keep that files are trusted", async () => {
    const { registry: stored, set } = registry({});
    const settings = new LabSettings();
    await settings.follow(stored);
    await settings.trustFiles();
    expect(settings.confirmFiles).toBe(false);
    expect(set).toHaveBeenCalledWith("confirmFiles", false);
  });
});
