import type { ILauncher } from "@jupyterlab/launcher";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AppInfo } from "../../src/lab/api";
import { LauncherCards } from "../../src/lab/launcher-cards";

vi.mock("@jupyterlab/apputils", () => ({}));
vi.mock("@jupyterlab/ui-components", () => ({ LabIcon: class {} }));

const app = (name: string): AppInfo => {
  const rest = { icon: "", description: "", address: "", needsId: false, install: "" };
  return { name, title: name, ...rest };
};

let shown: string[];
const add = vi.fn((item: ILauncher.IItemOptions) => {
  const name = String(item.args?.name);
  shown.push(name);
  return { isDisposed: false, dispose: () => void shown.splice(shown.indexOf(name), 1) };
});
const launcher = { add } as unknown as ILauncher;

beforeEach(() => {
  shown = [];
  vi.clearAllMocks();
});

describe("the launcher's cards", () => {
  it("follow what is registered, and stay where that is the same", async () => {
    const apps = vi.fn(async () => [app("a"), app("b")]);
    const cards = new LauncherCards(launcher, { apps });
    await cards.refresh();
    await cards.refresh();
    expect(shown).toEqual(["a", "b"]);
    expect(add).toHaveBeenCalledTimes(2);
    apps.mockResolvedValueOnce([app("c")]);
    await cards.refresh();
    expect(shown).toEqual(["c"]);
  });

  it("are asked for once at a time, and stay when nobody answers", async () => {
    const apps = vi.fn(async () => [app("a")]);
    const cards = new LauncherCards(launcher, { apps });
    await Promise.all([cards.refresh(), cards.refresh()]);
    expect(apps).toHaveBeenCalledOnce();
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    apps.mockRejectedValueOnce(new Error("gone"));
    await cards.refresh();
    expect(warn).toHaveBeenCalledOnce();
    expect(shown).toEqual(["a"]);
  });
});
