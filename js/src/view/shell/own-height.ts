/** What scrolls the outputs of a cell in JupyterLab; the user may drag its lower edge. */
const OUTPUTS = ".jp-Cell-outputArea";
const LEAST = 120;
/** Below an output. */
const EDGE = 12;

/** Layouts that fill a page are as high as this says. */
export const APP_HEIGHT = "--jt-app-height";

export interface GivenHeight {
  /** In pixels, for layouts that fill it; null: everything is as high as its content. */
  height: number | null;
  /** It is the element's own: the app scrolls in it. Else the notebook scrolls what is higher. */
  own: boolean;
}

/** Follows the height that others gave to an element: a widget's layout, or the user who dragged its outputs. */
export function followHeight(
  element: HTMLElement,
  changed: (given: GivenHeight) => void,
): () => void {
  const outputs = element.closest<HTMLElement>(OUTPUTS);
  let last: GivenHeight = { height: null, own: false };
  const check = () => {
    const own = hasHeight(element);
    const room = outputs?.style.height ? roomIn(outputs, element) : null;
    const height = own ? element.clientHeight : room;
    if (height === last.height && own === last.own) return;
    last = { height, own };
    changed(last);
  };
  const styled = new MutationObserver(check);
  const sized = new ResizeObserver(check);
  for (const one of outputs ? [element, outputs] : [element]) {
    styled.observe(one, { attributes: true, attributeFilter: ["style"] });
    sized.observe(one);
  }
  check();
  return () => {
    styled.disconnect();
    sized.disconnect();
  };
}

/** A percentage counts where there is something that it is a part of. */
function hasHeight(element: HTMLElement): boolean {
  const { height } = element.style;
  if (!height || height === "auto") return false;
  if (!height.endsWith("%")) return true;
  const probe = element.ownerDocument.createElement("div");
  probe.style.height = "100%";
  element.append(probe);
  const definite = probe.offsetHeight > 0;
  probe.remove();
  return definite;
}

function roomIn(outputs: HTMLElement, element: HTMLElement): number {
  const above = element.getBoundingClientRect().top - outputs.getBoundingClientRect().top;
  return Math.max(LEAST, Math.floor(outputs.clientHeight - above - outputs.scrollTop) - EDGE);
}
