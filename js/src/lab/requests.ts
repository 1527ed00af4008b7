import type { ISessionContext } from "@jupyterlab/apputils";
import type { IConsoleTracker } from "@jupyterlab/console";
import type { INotebookTracker } from "@jupyterlab/notebook";
import type { Kernel, KernelMessage } from "@jupyterlab/services";
import type { ServerKey } from "./models";
import { type IAppOpener, MODES, type OpenMode, type Target } from "./tokens";

/** Opened by `server.open()` in a kernel. */
export const COMM_TARGET = "jupyter_trame.open";
/** Dispatched by the view's open button. */
export const EVENT = "jupyter-trame:open";

export interface Request {
  target: Target & ServerKey;
  /** Undefined where the settings are to say it. */
  mode: OpenMode | undefined;
}

/** A request of a page or a kernel, if it is one; anybody in the page can dispatch the event. */
export function readRequest(data: unknown, kernelId?: string): Request | null {
  if (typeof data !== "object" || data === null) return null;
  const map = data as Record<string, unknown>;
  const kernel = map.kernelId ?? map.kernel_id ?? kernelId;
  const { slug, title, template } = map;
  if (typeof kernel !== "string" || typeof slug !== "string" || !kernel || !slug) return null;
  return {
    target: {
      kernelId: kernel,
      slug,
      title: typeof title === "string" && title ? title : slug,
      template: typeof template === "string" && template ? template : undefined,
    },
    mode: MODES.find((mode) => mode === map.mode),
  };
}

/** Opens what views ask for; left alone where there are no tabs, the view then opens a window itself. */
export function followEvents(opener: IAppOpener): () => void {
  const listener = (event: Event): void => {
    const request = readRequest((event as CustomEvent<unknown>).detail);
    if (!request || !opener.hasTabs || event.defaultPrevented) return;
    event.preventDefault();
    void opener.open(request.target, request.mode);
  };
  document.addEventListener(EVENT, listener);
  return () => document.removeEventListener(EVENT, listener);
}

/** Opens what the kernels of this page's notebooks and consoles ask for. */
export class KernelRequests {
  readonly #opener: IAppOpener;
  readonly #kernels = new Set<Kernel.IKernelConnection>();

  constructor(opener: IAppOpener) {
    this.#opener = opener;
  }

  follow(trackers: readonly (INotebookTracker | IConsoleTracker | null)[]): void {
    const follow = ({ sessionContext }: { sessionContext: ISessionContext }): void => {
      this.add(sessionContext.session?.kernel ?? null);
      sessionContext.kernelChanged.connect((_, { newValue }) => this.add(newValue));
    };
    for (const tracker of trackers) {
      tracker?.forEach(follow);
      tracker?.widgetAdded.connect((_, widget) => follow(widget));
    }
  }

  add(kernel: Kernel.IKernelConnection | null): void {
    if (!kernel || this.#kernels.has(kernel)) return;
    this.#kernels.add(kernel);
    kernel.disposed.connect(() => this.#kernels.delete(kernel));
    kernel.registerCommTarget(COMM_TARGET, (comm, message) => {
      if (this.#isOurs(kernel.id, message)) {
        this.#open(kernel.id, message);
        comm.close({ handled: true });
      } else {
        // Without a word: the kernel would take a close for the answer of the browser it asked.
        comm.dispose();
      }
    });
  }

  #open(kernelId: string, message: KernelMessage.ICommOpenMsg): void {
    const request = readRequest(message.content.data, kernelId);
    if (request) void this.#opener.open(request.target, request.mode);
  }

  /**
   * Every browser hears of the message; only the one whose cell asked is to open a tab. One connection
   * of a page handles the messages for all of them.
   */
  #isOurs(kernelId: string, { parent_header }: KernelMessage.ICommOpenMsg): boolean {
    const session = "session" in parent_header ? parent_header.session : undefined;
    if (!session) return true;
    return [...this.#kernels].some(({ id, clientId }) => id === kernelId && clientId === session);
  }
}
