import type { BundleContext } from "./evaluate";

/** `window` as one app sees it: with the globals of its own scripts before the page's. */
export function appWindow({ trame, vue: ownVue, globals }: BundleContext): object {
  const own = new Map<string, unknown>([
    ["trame", trame],
    ["Vue", ownVue],
  ]);
  const proxy: object = new Proxy(Object.create(null), {
    has: (_, name) => own.has(String(name)) || globals.has(String(name)) || name in window,
    get(_, name) {
      if (typeof name === "string") {
        if (own.has(name)) return own.get(name);
        if (globals.has(name)) return globals.get(name);
      }
      return member(Reflect.get(window, name), proxy);
    },
    set(_, name, value) {
      if (typeof name !== "string") return false;
      if (name in window && !globals.has(name)) return Reflect.set(window, name, value);
      globals.set(name, value);
      return true;
    },
  });
  return proxy;
}

function member(value: unknown, proxy: object): unknown {
  if (value === window) return proxy;
  // Functions of the browser insist on the real window; classes have members of their own.
  if (typeof value === "function" && !Object.hasOwn(value, "prototype")) return value.bind(window);
  return value;
}

/** Value of an expression over an app's globals. Throws what the expression throws. */
export function evaluateWith(context: BundleContext, view: object, expression: string): unknown {
  const { globals, trame, vue: ownVue } = context;
  const scope = new Proxy(Object.create(null), {
    has: (_, name) => typeof name === "string" && globals.has(name),
    get: (_, name) => (typeof name === "string" ? globals.get(name) : undefined),
  });
  const run = new Function(
    "scope",
    "window",
    "trame",
    "Vue",
    `with (scope) return (${expression}\n)`,
  );
  return run(scope, view, trame, ownVue);
}
