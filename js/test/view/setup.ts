import { nextTick } from "vue";
import { type MountOptions, mountView, type View } from "../../src/view/mount";
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

export interface Mounted {
  host: HTMLElement;
  root: ShadowRoot;
  connection: MemoryConnection;
  view: View;
  /** The app's first element that matches. */
  find<T extends HTMLElement = HTMLElement>(selector: string): T;
}

export async function mount(
  state: Record<string, unknown> | null,
  options: Partial<MountOptions> = {},
): Promise<Mounted> {
  const connection = new MemoryConnection();
  const host = document.createElement("div");
  document.body.append(host);
  const view = mountView(host, { connection, mode: "inline", ...options });
  if (state) connection.open(state);
  await settled();
  const root = host.shadowRoot as ShadowRoot;
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
