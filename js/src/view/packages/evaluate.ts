import { Recent } from "./recent";
import type { ScopedDocument } from "./scoped";

/** What the evaluated bundles of one app share. */
export interface BundleContext {
  /** `window.trame` and `window.Vue` of this app. */
  trame: object;
  vue: object;
  /** For bundles that see the root as their document. */
  scoped: ScopedDocument;
  /** The app's globals, by name. */
  globals: Map<string, unknown>;
  /** `fetch` of the app, for which the folders of its packages are beside the page. */
  fetch: typeof fetch;
  Worker: typeof Worker;
  XMLHttpRequest: typeof XMLHttpRequest;
  /** Those that bundles look up while they run, when the page's globals are the page's again. */
  late: Record<string, unknown>;
}

const PARAMETERS = [
  "define",
  "exports",
  "module",
  "require",
  "__jt_trame",
  "__jt_vue",
  "__jt_document",
  "__jt_keys",
  "__jt_window",
  "__jt_late",
];

/** What is outside of the script, which may have variables of these names itself. */
const OUTSIDE = ["trame", "Vue", "fetch", "Worker", "XMLHttpRequest"];
type Compiled = (...outside: unknown[]) => (...values: unknown[]) => void;

/** Bundles are large: a text is compiled once for all views that show it about the same time. */
const compiled = new Recent<Compiled>(64);

/**
 * Evaluates the text of a classic script for one app. The script finds no module loader of the page, sees the
 * app's own globals, and what it makes global is the app's alone. Throws what the script throws.
 */
export function evaluateBundle(
  text: string,
  address: string,
  scoped: boolean,
  context: BundleContext,
): void {
  const run = compileBundle(text, address, scoped);
  const { scoped: own } = context;
  const evaluate = () =>
    run(context.trame, context.vue, context.fetch, context.Worker, context.XMLHttpRequest).call(
      window,
      undefined,
      undefined,
      undefined,
      undefined,
      context.trame,
      context.vue,
      own.document,
      own.keys,
      own.window,
      context.late,
    );
  withGlobals(context, () => asScript(address, evaluate));
}

/** Runs `body` as if it were the script at an address: packers take the folder of their other files from it. */
export function asScript<T>(address: string, body: () => T): T {
  const script = document.createElement("script");
  script.src = new URL(address, document.baseURI).href;
  Object.defineProperty(document, "currentScript", { value: script, configurable: true });
  try {
    return body();
  } finally {
    Reflect.deleteProperty(document, "currentScript");
  }
}

/** Runs `body` while the app's globals are the page's; what became global meanwhile is the app's. */
export function withGlobals<T>(context: BundleContext, body: () => T): T {
  const leave = enterGlobals(context);
  try {
    return body();
  } finally {
    leave();
  }
}

/** As `withGlobals`, for what takes turns of the event loop: one app of the page at a time. */
export function withGlobalsLater<T>(context: BundleContext, body: () => Promise<T>): Promise<T> {
  const run = async () => {
    const leave = enterGlobals(context);
    try {
      return await body();
    } finally {
      leave();
    }
  };
  const result = turn.then(run, run);
  turn = result;
  return result;
}

/** What an assignment makes. */
const PLAIN = { configurable: true, writable: true, enumerable: true };

let turn: Promise<unknown> = Promise.resolve();

function enterGlobals({ trame, vue, globals }: BundleContext): () => void {
  const names = new Map<string, unknown>([...globals, ["trame", trame], ["Vue", vue]]);
  const saved = new Map<string, PropertyDescriptor | undefined>();
  for (const [name, value] of names) {
    saved.set(name, Object.getOwnPropertyDescriptor(window, name));
    Object.defineProperty(window, name, { value, ...PLAIN });
  }
  const before = dataProperties(saved);
  return () => {
    for (const [name, value] of dataProperties()) {
      if (names.has(name) ? names.get(name) === value : before.get(name) === value) continue;
      if (name !== "trame" && name !== "Vue") globals.set(name, value);
      if (!saved.has(name) && before.has(name)) {
        saved.set(name, {
          value: before.get(name),
          configurable: true,
          writable: true,
          enumerable: true,
        });
      } else if (!saved.has(name)) saved.set(name, undefined);
    }
    for (const [name, descriptor] of saved) restore(name, descriptor);
  };
}

function restore(name: string, descriptor: PropertyDescriptor | undefined): void {
  try {
    if (descriptor) Object.defineProperty(window, name, descriptor);
    else delete (window as unknown as Record<string, unknown>)[name];
  } catch {
    // What a script made unchangeable stays.
  }
}

/** Globals that scripts make; the browser's own are accessors, or are no keys. */
function dataProperties(except?: ReadonlyMap<string, unknown>): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const name of Object.keys(window)) {
    if (except?.has(name)) continue;
    const descriptor = Object.getOwnPropertyDescriptor(window, name);
    if (descriptor?.configurable && "value" in descriptor) found.set(name, descriptor.value);
  }
  return found;
}

/** What `evaluateBundle` runs; it may be made ahead. Throws what is wrong with the text. */
export function compileBundle(text: string, address: string, scoped: boolean): Compiled {
  const id = `${scoped} ${address}\n${text}`;
  return compiled.get(id, () => {
    const code = `${rewrite(text, scoped)}\n//# sourceURL=${address}`;
    // In brackets, since a browser would read the text of a function twice that seems to be for later.
    const inner = `return (function (${PARAMETERS.join(", ")}) {${code}\n})`;
    return new Function(...OUTSIDE, inner) as Compiled;
  });
}

/** A top-level variable of a script is a global, of a function it is none. */
const DECLARED =
  /^\s*(?:\/\*[\s\S]*?\*\/\s*|\/\/[^\n]*\n\s*|["']use strict["'];?\s*)*(?:var|let|const)\s+([\w$]+)\s*=/;

const LATE =
  /(?<![\w$.'"])(?:(?:window|self|globalThis)\.)?(regeneratorRuntime|MonacoEnvironment)\b(?!['":])/g;

/** Leaflet's components would make a global of the library when a map is mounted; they have it themselves. */
const GLOBAL_LEAFLET = /(useGlobalLeaflet:\s*\{\s*type:\s*Boolean,\s*default:\s*)(?:!0|true)/;

function rewrite(text: string, scoped: boolean): string {
  let code = text
    .replace(/\b(?:window|globalThis)\.trame\b/g, "__jt_trame")
    .replace(/\b(?:window|globalThis)\.Vue\b/g, "__jt_vue")
    .replace(GLOBAL_LEAFLET, "$1false")
    .replace(LATE, "__jt_late.$1");
  if (scoped) code = scopeDocument(code);
  const name = DECLARED.exec(text)?.[1];
  return name ? `${code}\n;window[${JSON.stringify(name)}] = ${name};` : code;
}

const OWN_MEMBERS =
  /\bdocument\.(activeElement|head|getElementById|querySelector(?:All)?|body\.(?:appendChild|removeChild|contains)|(?:add|remove)EventListener)\b/g;

/** How Mousetrap is given the document that it listens on. */
const LISTENS_ON =
  /(typeof window\s*(?:<|!==?)\s*["'](?:u|undefined)["']\s*\?\s*)document(?=\s*:\s*null)/g;

/** Proxies of the whole document would fail the identity tests of libraries. */
function scopeDocument(text: string): string {
  return text
    .replace(OWN_MEMBERS, (_, member: string) =>
      member.endsWith("EventListener") ? `__jt_keys.${member}` : `__jt_document.${member}`,
    )
    .replace(LISTENS_ON, "$1__jt_keys")
    .replace(/\bwindow\.((?:add|remove)EventListener)\b/g, "__jt_window.$1");
}
