import type { App } from "vue";

/**
 * What is used of Vue that its documentation does not promise. The bundle holds the very Vue that the tests run with,
 * and a test says of each whether it is as it was.
 */

/** How names begin by which Vue knows its own objects. */
export const MARK = "__v_";
/** Vue asks proxies by this name for what is behind them. */
export const RAW = "__v_raw";
/** Objects with this member are never made reactive. */
export const SKIP = "__v_skip";

/** Where an app was mounted; null while that goes on. */
export function containerOf(app: App): Element | null {
  return app._container ?? null;
}
