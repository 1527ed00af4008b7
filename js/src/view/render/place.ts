import type { App } from "vue";
import type { Report } from "../contract/error-texts";
import type { Trame } from "../contract/trame";
import type { Mode, Shell } from "../shell/shadow";
import type { Locate } from "./address-attributes";

/** Where code and styles of one app live: nothing of it reaches the page around, or another app. */
export interface Place {
  /** `window` as the app sees it: its own globals before the page's. */
  readonly window: object;
  /** Adds a style sheet of the app; the function changes its text, null removes it. */
  addStyle(): (css: string | null) => void;
  /** Runs a script of the app; the function takes it away. Throws what the script throws, if that can be known. */
  addScript(text: string, module: boolean): () => void;
  /** Value of an expression over the app's `trame`, and over the globals that its scripts made. */
  evaluate(expression: string): unknown;
  /** What elements of the app find their files by. */
  readonly locate: Locate;
  /** The ES module at an address relative to the app's page. */
  importModule(address: string): Promise<Record<string, unknown>>;
}

/** What the packages of an app bring: scripts, styles and Vue plugins. */
export interface Resources {
  readonly place: Place;
  /**
   * Loads what the state names and installs the plugins. Called once, with the state filled and before
   * the app is mounted. What fails is reported and left out, so it never rejects. From then on it follows
   * the state: after something was added to a mounted app it calls `trame.state.refresh()`.
   */
  load(app: App): Promise<void>;
  /** The content of a file of the app; a rejection is a sentence for the user. */
  fetchFile(path: string): Promise<Uint8Array<ArrayBuffer>>;
  dispose(): void;
}

export interface ResourcesContext {
  trame: Trame;
  shell: Shell;
  mode: Mode;
  report: Report;
  /** A line for the user while nothing is drawn yet. */
  step(text: string): void;
}

/** Makes the resources of one view, before anything of it is loaded or mounted. */
export type CreateResources = (context: ResourcesContext) => Resources;
