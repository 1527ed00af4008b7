import { type AppConfig, getCurrentInstance } from "vue";

/** Names and messages hold what viewers write, of any length. */
const LENGTH = 200;

/** A piece of text that may come from a viewer, as a message may hold it. */
export function excerpt(text: string, length = LENGTH): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** The same is said again after this many milliseconds, not with every drawing. */
const AGAIN = 1000;
const said = new WeakMap<AppConfig, Map<string, number>>();

/**
 * Says that a value was left out, where the user looks for errors of the app: `place` is what it was meant for.
 * What has no app, such as a node that a package renders by itself, is said in the console.
 */
export function leaveOut(place: string, error: unknown, config = currentConfig()): void {
  if (config && wasSaid(config, place)) return;
  const reason = new Error(excerpt(error instanceof Error ? error.message : String(error)));
  if (config?.errorHandler) config.errorHandler(reason, null, place);
  else console.warn(`jupyter_trame: ${place}: ${reason.message}`);
}

/** Of the app whose component is being set up or rendered. */
function currentConfig(): AppConfig | undefined {
  return getCurrentInstance()?.appContext.config;
}

function wasSaid(config: AppConfig, place: string): boolean {
  const times = said.get(config) ?? new Map<string, number>();
  said.set(config, times);
  const now = performance.now();
  const before = times.get(place);
  if (before !== undefined && now - before < AGAIN) return true;
  if (times.size > 100) times.clear();
  times.set(place, now);
  return false;
}
