import type { App } from "vue";
import type { PutStyle } from "../shell/styles";

type Options = Record<string, unknown>;
type Create = (options?: Options, ...rest: unknown[]) => unknown;

interface ThemeInstance {
  change?(name: string): void;
  global: { name: { value: string } };
}

export interface VuetifyHost {
  /** Pop-ups are put there; null leaves them to Vuetify. */
  attach: HTMLElement | null;
  /** Calls now and at each change. */
  watchTheme(changed: (dark: boolean) => void): void;
}

const adapted = new WeakSet<object>();

/**
 * A library with `createVuetify` that makes instances for this place: pop-ups stay in it, and an app that names
 * no theme of its own follows the page's. Anything else is given back.
 */
export function adaptVuetify(library: unknown, host: VuetifyHost): unknown {
  const create = (library as { createVuetify?: Create } | null | undefined)?.createVuetify;
  if (typeof create !== "function" || adapted.has(library as object)) return library;
  const createVuetify: Create = (options = {}, ...rest) => {
    const instance = create(withDefaults(options, host), ...rest);
    if (followsPage(options)) follow((instance as { theme?: ThemeInstance }).theme, host);
    return instance;
  };
  const copy = { ...(library as object), createVuetify };
  adapted.add(copy);
  return copy;
}

function withDefaults(options: Options, { attach }: VuetifyHost): Options {
  if (!attach) return options;
  const defaults = (options.defaults ?? {}) as Options;
  const global = { attach, ...(defaults.global as Options | undefined) };
  return { ...options, defaults: { ...defaults, global } };
}

function followsPage({ theme }: Options): boolean {
  if (theme === false) return false;
  return (theme as Options | undefined)?.defaultTheme === undefined;
}

function follow(theme: ThemeInstance | undefined, host: VuetifyHost): void {
  if (!theme) return;
  host.watchTheme((dark) => {
    const name = dark ? "dark" : "light";
    if (theme.change) theme.change(name);
    else theme.global.name.value = name;
  });
}

interface HeadEntry {
  style?: { innerHTML?: string; textContent?: string }[];
}
type HeadInput = HeadEntry | (() => HeadEntry);

/** Vuetify hands the theme's style sheet to the app's head manager where there is one. */
export function takeThemeStyles(app: App, put: PutStyle): void {
  const write = (input: HeadInput) => {
    const { style = [] } = typeof input === "function" ? input() : input;
    put(style.map(({ innerHTML, textContent }) => innerHTML ?? textContent ?? "").join("\n"));
  };
  const head = {
    push(input: HeadInput) {
      write(input);
      return { patch: write, dispose: () => put("") };
    },
  };
  app.provide("usehead", head);
}
