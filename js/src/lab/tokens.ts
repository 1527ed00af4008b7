import { Token } from "@lumino/coreutils";
import type { Widget } from "@lumino/widgets";
import type { ServerKey } from "./models";

export const MODES = ["tab", "right", "split", "window"] as const;
/** Where an app is shown: a tab, the right side, beside the current tab, a window of the browser. */
export type OpenMode = (typeof MODES)[number];

/** A running server, or what is to run: a registered app, or a file. */
export interface Target {
  kernelId?: string | undefined;
  slug?: string | undefined;
  title: string;
  /** Name of the registered app that it is, if any: then it can be started again. */
  app?: string | undefined;
  /** Of the file that it is, if any, in the contents of the server: then it can be started again. */
  path?: string | undefined;
  /** Name of the template to show. Default `main`. */
  template?: string | undefined;
}

/** A page below the base URL. */
export interface Visit {
  address: string;
  title: string;
}

/** The tab, which the launcher puts in its own place; null where something opens in the browser. */
export type Shown = Widget | null;

export interface IAppOpener {
  /**
   * Shows a running server. Without a mode, one that is shown already is brought to the front, and another opens
   * where the settings say; with a mode, one that is shown elsewhere moves there.
   */
  open(target: Target & ServerKey, mode?: OpenMode): Promise<Shown>;
  /** Shows a registered app; starts it in a kernel of its own unless it runs already. */
  launch(app: { name: string; title: string }, mode?: OpenMode): Promise<Shown>;
  /** Shows a file of the contents as an app; runs it in a kernel of its own unless it runs already. */
  run(file: { path: string; title: string }, mode?: OpenMode): Promise<Shown>;
  /** Shows a page of the Jupyter server; one that is shown already is brought to the front. */
  visit(page: Visit): Promise<Shown>;
  /** Whether there are tabs here to open apps in. */
  readonly hasTabs: boolean;
}

export const IAppOpener = new Token<IAppOpener>(
  "jupyter-trame:IAppOpener",
  "Opens trame servers of kernels, registered trame apps and files, in the lab.",
);

export const Command = {
  open: "jupyter-trame:open",
  launch: "jupyter-trame:launch",
  visit: "jupyter-trame:visit",
  run: "jupyter-trame:run-file",
  stop: "jupyter-trame:stop",
  restart: "jupyter-trame:restart",
  create: "jupyter-trame:create",
} as const;

/** Under which the palette and the launcher list what is ours. */
export const CATEGORY = "Trame";
