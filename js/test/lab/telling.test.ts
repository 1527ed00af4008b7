import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../src/lab/api";
import { tellFailure } from "../../src/lab/telling";

const apputils = vi.hoisted(() => ({
  Notification: { error: vi.fn() },
  Dialog: { okButton: (options: object) => options },
  Clipboard: { copyToSystem: vi.fn() },
  showDialog: vi.fn(async () => undefined),
}));

vi.mock("@jupyterlab/apputils", () => apputils);
vi.mock("@lumino/widgets", () => ({
  Widget: class {
    readonly node: HTMLElement;

    constructor({ node }: { node: HTMLElement }) {
      this.node = node;
    }
  },
}));

interface Action {
  label: string;
  callback(): void;
}

function told(): [string, { autoClose: unknown; actions: Action[] }] {
  return apputils.Notification.error.mock.lastCall as ReturnType<typeof told>;
}

beforeEach(() => vi.clearAllMocks());

describe("what is told of a failure", () => {
  it("is one line that stays", () => {
    tellFailure("Sales", new Error("no answer"));
    expect(told()).toEqual(["Sales: no answer", { autoClose: false, actions: [] }]);
    tellFailure("Sales", "odd");
    expect(told()[0]).toBe("Sales: odd");
  });

  it("has the command that mends it, and the traceback for who asks for it", () => {
    tellFailure("Sales", new ApiError("no vtk", 500, "Traceback", "pip install vtk"));
    const [text, { actions }] = told();
    expect(text).toBe("Sales: no vtk\npip install vtk");
    expect(actions.map(({ label }) => label)).toEqual(["Copy Command", "Details"]);
    for (const { callback } of actions) callback();
    expect(apputils.Clipboard.copyToSystem).toHaveBeenCalledWith("pip install vtk");
    const [{ body }] = apputils.showDialog.mock.lastCall as unknown as [
      { body: { node: HTMLElement } },
    ];
    expect(body.node.querySelector("pre")?.textContent).toBe("Traceback");
  });
});
