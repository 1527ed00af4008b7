/** Targets that are the place of the app itself, or of the page around it. */
const HERE = new Set(["", "_self", "_parent", "_top"]);
const OWN_PAGE = "[data-jupyter-trame='page']";
const NEW_TAB = "_blank";

const known = new WeakSet<Element>();

/**
 * A form that the app makes: without an address to go to it goes nowhere, whoever submits it, and its handlers run;
 * with one it opens that in a new tab, unless the page is the app's own.
 */
export function guardForm(element: Element): void {
  if (!(element instanceof HTMLFormElement) || known.has(element)) return;
  known.add(element);
  element.addEventListener("submit", holdSubmit, { capture: true });
  // It submits without an event.
  const submit = () => {
    if (mayGo(element, null)) HTMLFormElement.prototype.submit.call(element);
  };
  Object.defineProperty(element, "submit", { value: submit, configurable: true, writable: true });
}

/**
 * Nothing below `root` takes the page away: forms that others put there, as markup or by script, behave as those of
 * the app, and links open a new tab. The function ends it.
 */
export function stayHere(root: EventTarget): () => void {
  root.addEventListener("submit", holdSubmit, { capture: true });
  root.addEventListener("click", holdLink);
  return () => {
    root.removeEventListener("submit", holdSubmit, { capture: true });
    root.removeEventListener("click", holdLink);
  };
}

/** Comes before the handlers of the app, which may stop the event. */
function holdSubmit(event: Event): void {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  if (!mayGo(form, (event as SubmitEvent).submitter ?? null)) event.preventDefault();
}

/** Comes after the handlers of the app: what they prevented leads nowhere, and routers follow their links themselves. */
function holdLink(event: Event): void {
  if (event.defaultPrevented) return;
  const link = event.composedPath().find((node) => node instanceof Element && isLink(node));
  if (!(link instanceof Element) || link.hasAttribute("download")) return;
  const { ownerDocument } = link;
  const address = addressOf(link.getAttribute("href") ?? "", ownerDocument);
  // A part of the page, or a program: neither takes it away.
  if (!address?.protocol.startsWith("http") || isDocument(address, ownerDocument)) return;
  if (isAppPage(ownerDocument) || !isHere(link.getAttribute("target"))) return;
  link.setAttribute("target", NEW_TAB);
}

/** Whether the browser may do what it does with a submitted form; one that leads elsewhere is told to go to a new tab. */
function mayGo(form: HTMLFormElement, submitter: HTMLElement | null): boolean {
  const chosen = (name: string) =>
    submitter?.getAttribute(`form${name}`) ?? form.getAttribute(name);
  // Closes its dialog.
  if (chosen("method")?.trim().toLowerCase() === "dialog") return true;
  const { ownerDocument } = form;
  const address = addressOf(chosen("action") ?? "", ownerDocument);
  if (!address || isDocument(address, ownerDocument)) return false;
  if (isAppPage(ownerDocument) || !isHere(chosen("target"))) return true;
  if (submitter?.hasAttribute("formtarget")) submitter.setAttribute("formtarget", NEW_TAB);
  else form.setAttribute("target", NEW_TAB);
  return true;
}

function isLink(element: Element): boolean {
  return (
    (element.localName === "a" || element.localName === "area") && element.hasAttribute("href")
  );
}

function isHere(target: string | null): boolean {
  return HERE.has(target?.toLowerCase() ?? "");
}

/** Null for what is no address, or none but the document's. */
function addressOf(text: string, { baseURI }: Document): URL | null {
  const trimmed = text.trim();
  try {
    return trimmed === "" ? null : new URL(trimmed, baseURI);
  } catch {
    return null;
  }
}

/** Whether an address is the document itself, whatever is asked of it. */
function isDocument({ origin, pathname }: URL, { baseURI }: Document): boolean {
  const own = new URL(baseURI);
  return origin === own.origin && pathname === own.pathname;
}

/** Whether the app is all there is in the document, and the document has an address: a frame of ours has none. */
function isAppPage(document: Document): boolean {
  return document.URL !== "about:srcdoc" && document.querySelector(OWN_PAGE) !== null;
}
