type Target = Pick<EventTarget, "addEventListener" | "removeEventListener">;

/** The parts of `document` and `window` that a bundle uses as if the root were the page. */
export interface ScopedDocument {
  document: object;
  /** In place of `document` for listeners. */
  keys: Target;
  /** In place of `window` for listeners. */
  window: Target;
}

/** Key events of the app do not leave it, so their listeners are put on the root; `overlay` is the body of pop-ups. */
export function scopedDocument(root: ShadowRoot, overlay: HTMLElement): ScopedDocument {
  const owner = (): Document => root.ownerDocument;
  const head = {
    appendChild: (node: Node) => root.appendChild(node),
    removeChild: (node: Node) => node.parentNode?.removeChild(node),
    insertBefore: (node: Node, before: Node | null) =>
      root.insertBefore(node, before?.parentNode === root ? before : null),
    append: (...nodes: Node[]) => root.append(...nodes),
    querySelector: (selector: string) => root.querySelector(selector),
    querySelectorAll: (selector: string) => root.querySelectorAll(selector),
    getElementsByTagName: (name: string) => root.querySelectorAll(name),
    contains: (node: Node) => root.contains(node),
  };
  const body = {
    appendChild: (node: Node) => overlay.appendChild(node),
    removeChild: (node: Node) => node.parentNode?.removeChild(node),
    contains: (node: Node) => root.contains(node) || owner().body.contains(node),
  };
  const scoped = {
    head,
    body,
    get activeElement() {
      return deepActiveElement(owner());
    },
    getElementById: (id: string) => root.getElementById(id) ?? owner().getElementById(id),
    querySelector: (selector: string) =>
      root.querySelector(selector) ?? owner().querySelector(selector),
    querySelectorAll: (selector: string) => {
      const own = root.querySelectorAll(selector);
      return own.length > 0 ? own : owner().querySelectorAll(selector);
    },
  };
  return {
    document: scoped,
    keys: keyTarget(root, owner),
    window: keyTarget(root, () => owner().defaultView ?? window),
  };
}

/** The element that has the focus, inside of whatever roots. */
export function deepActiveElement(root: Document | ShadowRoot): Element | null {
  let active = root.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active;
}

function keyTarget(root: ShadowRoot, other: () => EventTarget): Target {
  const choose = (type: string) => (type.startsWith("key") ? root : other());
  return {
    addEventListener: (type, ...rest) => choose(type).addEventListener(type, ...rest),
    removeEventListener: (type, ...rest) => choose(type).removeEventListener(type, ...rest),
  };
}
