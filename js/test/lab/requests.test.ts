import type { INotebookTracker } from "@jupyterlab/notebook";
import type { Kernel, KernelMessage } from "@jupyterlab/services";
import { describe, expect, it, vi } from "vitest";
import {
  COMM_TARGET,
  EVENT,
  followEvents,
  KernelRequests,
  readRequest,
} from "../../src/lab/requests";
import type { IAppOpener } from "../../src/lab/tokens";

function opener(hasTabs = true) {
  const open = vi.fn<IAppOpener["open"]>(async () => null);
  const launch = vi.fn(async () => null);
  return { hasTabs, open, launch, run: launch, visit: vi.fn(async () => null) };
}

type Target = (comm: Kernel.IComm, message: KernelMessage.ICommOpenMsg) => void;

class FakeKernel {
  readonly disposed = { connect: () => true };
  target: Target = () => undefined;
  names: string[] = [];
  readonly id: string;
  readonly clientId: string;

  constructor(id: string, clientId: string) {
    this.id = id;
    this.clientId = clientId;
  }

  registerCommTarget(name: string, target: Target): void {
    this.names.push(name);
    this.target = target;
  }

  /** The kernel opens a comm because of a request that `session` made. */
  ask(data: object, session?: string) {
    const comm = { close: vi.fn(), dispose: vi.fn() };
    const message = { content: { data }, parent_header: session ? { session } : {} };
    this.target(comm as unknown as Kernel.IComm, message as unknown as KernelMessage.ICommOpenMsg);
    return comm;
  }

  get connection(): Kernel.IKernelConnection {
    return this as unknown as Kernel.IKernelConnection;
  }
}

describe("readRequest", () => {
  it("reads what views and kernels send", () => {
    expect(
      readRequest({ kernelId: "k", slug: "s", title: "T", mode: "split", template: "t" }),
    ).toEqual({
      target: { kernelId: "k", slug: "s", title: "T", template: "t" },
      mode: "split",
    });
    expect(readRequest({ kernel_id: null, slug: "s" }, "k")).toMatchObject({
      target: { kernelId: "k", title: "s" },
      mode: undefined,
    });
  });

  it.each([[null], ["text"], [{}], [{ slug: "s" }], [{ kernelId: "k", slug: 5 }]])(
    "reads nothing from %j",
    (data) => expect(readRequest(data)).toBeNull(),
  );
});

describe("followEvents", () => {
  const dispatch = (detail: unknown): boolean =>
    document.body.dispatchEvent(
      new CustomEvent(EVENT, { detail, cancelable: true, bubbles: true, composed: true }),
    );

  it("opens what a view asks for, and says that it did", () => {
    const own = opener();
    const stop = followEvents(own);
    expect(dispatch({ kernelId: "k", slug: "s", title: "T", mode: "right" })).toBe(false);
    expect(own.open).toHaveBeenCalledWith({ kernelId: "k", slug: "s", title: "T" }, "right");
    expect(dispatch({ odd: 1 })).toBe(true);
    stop();
    expect(dispatch({ kernelId: "k", slug: "s" })).toBe(true);
  });

  it("leaves it to the view where there are no tabs", () => {
    const own = opener(false);
    const stop = followEvents(own);
    expect(dispatch({ kernelId: "k", slug: "s" })).toBe(true);
    expect(own.open).not.toHaveBeenCalled();
    stop();
  });
});

describe("KernelRequests", () => {
  it("opens what a kernel asks for, and answers it", () => {
    const own = opener();
    const kernel = new FakeKernel("k", "me");
    const requests = new KernelRequests(own);
    requests.add(kernel.connection);
    requests.add(kernel.connection);
    requests.add(null);
    expect(kernel.names).toEqual([COMM_TARGET]);
    const comm = kernel.ask({ slug: "s", title: "T", mode: "tab" }, "me");
    expect(own.open).toHaveBeenCalledWith({ kernelId: "k", slug: "s", title: "T" }, "tab");
    expect(comm.close).toHaveBeenCalledWith({ handled: true });
  });

  it("leaves what another browser's cell asked for to that browser", () => {
    const own = opener();
    const kernel = new FakeKernel("k", "me");
    new KernelRequests(own).add(kernel.connection);
    const comm = kernel.ask({ slug: "s" }, "somebody else");
    expect(own.open).not.toHaveBeenCalled();
    expect(comm.close).not.toHaveBeenCalled();
    expect(comm.dispose).toHaveBeenCalledOnce();
  });

  it("opens for a console of this page that shares the notebook's kernel, and without a cell", () => {
    const own = opener();
    const notebook = new FakeKernel("k", "notebook");
    const requests = new KernelRequests(own);
    requests.add(notebook.connection);
    requests.add(new FakeKernel("k", "console").connection);
    requests.add(new FakeKernel("k2", "other kernel").connection);
    notebook.ask({ slug: "s" }, "console");
    notebook.ask({ slug: "s" });
    notebook.ask({ slug: "s" }, "other kernel");
    expect(own.open).toHaveBeenCalledTimes(2);
  });

  it("follows notebooks that are open already, new ones, and their new kernels", () => {
    const requests = new KernelRequests(opener());
    const kernels = ["a", "b", "c"].map((id) => new FakeKernel(id, "me"));
    const [first, second, third] = kernels.map(({ connection }) => connection);
    let added: (tracker: null, widget: object) => void = () => undefined;
    let changed: (context: null, change: object) => void = () => undefined;
    const widget = (kernel: unknown) => ({
      sessionContext: {
        session: { kernel },
        kernelChanged: {
          connect: (listener: typeof changed) => {
            changed = listener;
          },
        },
      },
    });
    const tracker = {
      forEach: (run: (widget: object) => void) => run(widget(first)),
      widgetAdded: {
        connect: (listener: typeof added) => {
          added = listener;
        },
      },
    };
    requests.follow([tracker as unknown as INotebookTracker, null]);
    added(null, widget(second));
    changed(null, { newValue: third });
    expect(kernels.map(({ names }) => names)).toEqual(Array(3).fill([COMM_TARGET]));
  });
});
