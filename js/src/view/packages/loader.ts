import type { App } from "vue";
import type { Place } from "../render/place";

/** The methods of a loader by what they load. */
export type Kind = "style" | "script" | "module";

/** Puts the files of packages where an app lives. Each method rejects with the reason. */
export interface Loader extends Place {
  /** Gets what will be asked for soon, as far as that changes nothing. What fails here is not told. */
  ahead(kind: Kind, path: string): void;
  style(path: string): Promise<void>;
  /** A classic script: what it makes global is found by `evaluate`. */
  script(path: string): Promise<void>;
  module(path: string): Promise<void>;
  /** Called once, before any plugin is installed. */
  prepare(app: App): void;
  /** An option of a plugin, as it is for this place. */
  option(value: unknown): unknown;
  dispose(): void;
}
