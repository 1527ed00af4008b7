import type { ReadonlyPartialJSONObject } from "@lumino/coreutils";
import { MODES, type OpenMode } from "./tokens";

/** What commands are given. */
export type Arguments = ReadonlyPartialJSONObject;

/** An argument that is a text with something in it. */
export function argument(args: Arguments, key: string): string | undefined {
  const value = args[key];
  return typeof value === "string" && value ? value : undefined;
}

/** Where an app is to be shown; undefined where no argument says it. */
export function modeOf({ mode }: Arguments): OpenMode | undefined {
  return MODES.find((each) => each === mode);
}
