/** Where the user is in an app: what has the focus, the caret in it, and what is scrolled how far. */
export interface Kept {
  focus: { at: Place; caret: Caret | null } | null;
  scrolled: { at: Place; top: number; left: number }[];
}

/** An element as it is found again among others: what it looks like, and how many of these come before it. */
interface Place {
  signature: string;
  index: number;
}

interface Caret {
  start: number;
  end: number;
  direction: "forward" | "backward" | "none";
}

type Field = HTMLInputElement | HTMLTextAreaElement;

/** Remembers it before the elements below `root` are replaced. */
export function keepPlace(root: Element): Kept {
  const active = (root.getRootNode() as Document | ShadowRoot).activeElement;
  const elements = [root, ...root.querySelectorAll("*")];
  const inside = active && active !== root && root.contains(active) ? active : null;
  return {
    focus: inside ? { at: placeOf(root, inside), caret: caretOf(inside) } : null,
    scrolled: elements
      .filter(({ scrollTop, scrollLeft }) => scrollTop !== 0 || scrollLeft !== 0)
      .map((element) => ({
        at: placeOf(root, element),
        top: element.scrollTop,
        left: element.scrollLeft,
      })),
  };
}

/** Brings the user back, as far as the new elements allow. */
export function returnToPlace(root: Element, { focus, scrolled }: Kept): void {
  for (const { at, top, left } of scrolled) {
    const element = find(root, at);
    if (!element) continue;
    element.scrollTop = top;
    element.scrollLeft = left;
  }
  const element = focus ? find(root, focus.at) : null;
  if (!(element instanceof HTMLElement)) return;
  element.focus({ preventScroll: true });
  const { caret } = focus ?? {};
  if (caret) (element as Field).setSelectionRange(caret.start, caret.end, caret.direction);
}

function placeOf(root: Element, element: Element): Place {
  const signature = signatureOf(element);
  return { signature, index: alike(root, element.tagName, signature).indexOf(element) };
}

function find(root: Element, { signature, index }: Place): Element | null {
  const [tag = "*"] = signature.split("|");
  return alike(root, tag, signature)[index] ?? null;
}

function alike(root: Element, tag: string, signature: string): Element[] {
  const found = [...root.querySelectorAll(tag)].filter((other) => signatureOf(other) === signature);
  return signatureOf(root) === signature ? [root, ...found] : found;
}

function signatureOf(element: Element): string {
  const names = ["id", "name", "type", "placeholder", "role"];
  return [element.tagName, ...names.map((name) => element.getAttribute(name) ?? "")].join("|");
}

/** Null for what has no caret; a field of numbers has one that cannot be asked for. */
function caretOf(element: Element): Caret | null {
  if (!(element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement)) return null;
  const { selectionStart: start, selectionEnd: end, selectionDirection: direction } = element;
  if (start === null || end === null) return null;
  return { start, end, direction: direction ?? "none" };
}
