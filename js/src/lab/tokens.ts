import { Token } from "@lumino/coreutils";
import type { Widget } from "@lumino/widgets";

export type OpenMode = "tab" | "right" | "split" | "window";

/** A running server, or a registered app that is to run. */
export interface Target {
  kernelId?: string | undefined;
  slug?: string | undefined;
  title: string;
  /** Name of the registered app that it is, if any: then it can be started again. */
  app?: string | undefined;
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
  /** Shows a running server; one that is shown already is brought to the front. */
  open(target: Target & { kernelId: string; slug: string }, mode?: OpenMode): Promise<Shown>;
  /** Shows a registered app; starts it in a kernel of its own unless it runs already. */
  launch(app: { name: string; title: string }): Promise<Shown>;
  /** Shows a page of the Jupyter server; one that is shown already is brought to the front. */
  visit(page: Visit): Promise<Shown>;
  /** Whether there are tabs here to open apps in. */
  readonly hasTabs: boolean;
}

export const IAppOpener = new Token<IAppOpener>(
  "jupyter-trame:IAppOpener",
  "Opens trame servers of kernels, and registered trame apps, in the lab.",
);

export const Command = {
  open: "jupyter-trame:open",
  launch: "jupyter-trame:launch",
  visit: "jupyter-trame:visit",
} as const;
