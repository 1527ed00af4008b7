import { afterEach } from "vitest";
import { nextTick } from "vue";
import { mediaUrl } from "../../src/view/guard/media";
import { type MountOptions, mountView, type View } from "../../src/view/mount";
import type { CreateResources } from "../../src/view/render/place";
import { MemoryConnection } from "./memory";

// jsdom has neither.
globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};
globalThis.matchMedia ??= () =>
  ({
    matches: false,
    addEventListener() {},
    removeEventListener() {},
  }) as unknown as MediaQueryList;

/** An app without packages. */
export const plainResources: CreateResources = ({ shell }) => ({
  place: {
    window,
    locate: (_tag, _name, value) => mediaUrl(value),
    addStyle: () => shell.styles.add("app"),
    addScript(text, module) {
      const element = document.createElement("script");
      if (module) element.type = "module";
      element.textContent = text;
      document.head.append(element);
      return () => element.remove();
    },
    evaluate: (expression) => new Function(`return (${expression})`)(),
    importModule: async (address) => (await import(address)) as Record<string, unknown>,
  },
  load: () => Promise.resolve(),
  fetchFile: (path) => Promise.reject(new Error(`${path}: 404`)),
  dispose() {},
});

export interface Mounted {
  host: HTMLElement;
  root: ShadowRoot;
  connection: MemoryConnection;
  view: View;
  /** The app's first element that matches. */
  find<T extends HTMLElement = HTMLElement>(selector: string): T;
}

/** Views that a test has left: their timers would go off when its page is gone. */
const left = new Set<View>();
afterEach(() => {
  for (const view of left) view.dispose();
});

export async function mount(
  state: Record<string, unknown> | null,
  options: Partial<MountOptions> = {},
): Promise<Mounted> {
  const connection = new MemoryConnection();
  const host = document.createElement("div");
  document.body.append(host);
  const view = mountView(host, {
    connection,
    mode: "inline",
    resources: plainResources,
    ...options,
  });
  left.add(view);
  const dispose = view.dispose.bind(view);
  view.dispose = () => {
    if (left.delete(view)) dispose();
  };
  if (state) connection.open(state);
  await settled();
  const root = (host.shadowRoot ?? host) as ShadowRoot;
  const find = <T extends HTMLElement>(selector: string): T => {
    const element = root.querySelector<T>(selector);
    if (!element) throw new Error(`no ${selector} in ${root.innerHTML}`);
    return element;
  };
  return { host, root, connection, view, find };
}

/** Vue has rendered, and writes of this turn have left. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTick();
}

export function type(input: HTMLInputElement, value: string): void {
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
}
