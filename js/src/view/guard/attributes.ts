import { isCode, isEmbedded, opens } from "./addresses";
import { isDocumentUrl } from "./media";
import { Written } from "./written";

/** What a page in a frame of the app may do, while it is nobody's page: the origin is not among it. */
export const SANDBOX = "allow-scripts allow-forms allow-modals allow-popups allow-downloads";
const LEAVES_SANDBOX = /^allow-(?:same-origin|top-navigation.*|popups-to-escape-sandbox)$/i;

/** Attributes and properties that hold an address which may be followed or loaded as a page. */
const ADDRESSES = new Set(
  "href,xlink:href,src,action,formaction,data,codebase,longdesc,ping".split(","),
);
/** Attributes of animations that may become an address. */
const ANIMATED = new Set("to,from,by,values".split(","));
const ANIMATIONS = /^(?:set|animate.*)$/i;
const EMBEDDING = new Set(["iframe", "frame", "embed", "object"]);
const MARKUP = new Set(["innerhtml", "outerhtml"]);
const OTHERS = new Set(["srcdoc", "sandbox", "http-equiv", "httpequiv", "protocol"]);
/** Properties whose text takes the place of what is in an element. */
const TEXTS = new Set(["textContent", "innerText"]);

/** The name of an attribute or property that may carry code, in lower case; null for all the others. */
export function guarded(key: string): string | null {
  const first = key.charCodeAt(0);
  // `.name` and `^name` say whether it is a property or an attribute.
  const name = (first === 46 || first === 94 ? key.slice(1) : key).toLowerCase();
  if (ADDRESSES.has(name) || ANIMATED.has(name) || MARKUP.has(name) || OTHERS.has(name))
    return name;
  return isHandler(name, key) ? name : null;
}

/** `onclick` takes text as code; Vue's own `onClick` takes functions only. */
function isHandler(name: string, key: string): boolean {
  return name.startsWith("on") && name.length > 2 && !/^on[^a-z]/.test(key);
}

/** Whether `value`, which is none of the author's, is not to be set. `name` is in lower case, `tag` too. */
export function isRefused(tag: string, name: string, value: unknown): boolean {
  if (value === null || value === undefined || value === false) return false;
  if (ADDRESSES.has(name)) return isRefusedAddress(tag, name, value);
  if (ANIMATED.has(name)) return ANIMATIONS.test(tag) && isCodeSomewhere(value);
  if (name === "http-equiv" || name === "httpequiv") return tag === "meta";
  // A part of the address: it makes code of a `href` that is none.
  if (name === "protocol") return opens(tag);
  if (name === "sandbox") return typeof value !== "string" || value !== confined(value);
  if (name === "srcdoc") return false;
  if (MARKUP.has(name)) return true;
  return typeof value !== "function";
}

function isRefusedAddress(tag: string, name: string, value: unknown): boolean {
  if (name === "data" && tag !== "object") return false;
  const address = textOf(value);
  if (address === null) return false;
  // All relative addresses of the page would lead elsewhere, those of scripts too.
  if (tag === "base") return true;
  if (tag === "use") return isEmbedded(address);
  const asPage = name === "action" || name === "formaction" || opens(tag);
  if (isCode(address, asPage)) return true;
  return asPage && tag !== "iframe" && isDocumentUrl(address);
}

/** What the browser makes of a value; null for what is no address. */
function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return null;
  try {
    return String(value);
  } catch {
    return null;
  }
}

function isCodeSomewhere(value: unknown): boolean {
  if (typeof value === "number") return false;
  return typeof value !== "string" || value.split(";").some((one) => isCode(one, true));
}

function confined(tokens: string): string {
  return tokens
    .split(/\s+/)
    .filter((token) => !LEAVES_SANDBOX.test(token))
    .join(" ");
}

/** Elements that hold such a text, and nothing that Vue has put there. */
const holders = new WeakSet<Element>();

/** Whether setting a property would remove from the page what Vue has drawn there, and looks for later. */
export function isStructural(el: Element, key: string): boolean {
  const name = key.replace(/^\./, "");
  if (name === "outerText") return true;
  if (!TEXTS.has(name) || holders.has(el)) return false;
  if (el.hasChildNodes()) return true;
  holders.add(el);
  return false;
}

/** The key under which a property is set: no method of all elements is replaced, so of its name it is an attribute. */
export function settable(el: Element, key: string): string {
  const name = key.replace(/^\./, "");
  if (!METHODS.has(name)) return key;
  // An element of a package may have such a property of its own.
  const { [name]: own } = el as unknown as Record<string, unknown>;
  return typeof own === "function" ? `^${name}` : key;
}

const METHODS = methodsOf(HTMLElement.prototype);

function methodsOf(prototype: object): Set<string> {
  const found = new Set<string>();
  for (let at = prototype; at; at = Object.getPrototypeOf(at)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === "function") found.add(name);
    }
  }
  return found;
}

/** Frames that have their sandbox from here. */
const framed = new WeakSet<Element>();

/**
 * The value that may be set where the name is `guarded`; null, or an empty page, for one that is refused. A frame gets its sandbox
 * before the page that needs it.
 */
export function admit(el: Element, name: string, value: unknown): unknown {
  if (value instanceof Written) return value.text;
  const tag = el.localName.toLowerCase();
  if (tag === "iframe") {
    if (name === "sandbox") return sandboxOf(el, value);
    const isGone = value === null || value === undefined;
    if (name === "srcdoc" && !isGone) confine(el);
    if (name === "src") {
      if (typeof value === "string" && isDocumentUrl(value)) confine(el);
      else release(el);
    }
  }
  if (!isRefused(tag, name, value)) return value;
  tell(tag, name);
  // Without an address these would show the page that they are in.
  return EMBEDDING.has(tag) && (name === "src" || name === "data") ? "about:blank" : null;
}

/** What is no text would take the attribute away, or be none: it gives a frame no right. */
function sandboxOf(el: Element, value: unknown): unknown {
  if (typeof value === "string") return confined(value);
  if (needsSandbox(el)) return SANDBOX;
  return value === null || value === undefined ? value : "";
}

function needsSandbox(el: Element): boolean {
  return framed.has(el) || el.hasAttribute("srcdoc") || isDocumentUrl(el.getAttribute("src") ?? "");
}

function confine(el: Element): void {
  if (el.hasAttribute("sandbox") && !framed.has(el)) return;
  framed.add(el);
  el.setAttribute("sandbox", SANDBOX);
}

function release(el: Element): void {
  if (!framed.has(el) || el.hasAttribute("srcdoc")) return;
  framed.delete(el);
  el.removeAttribute("sandbox");
}

const told = new Set<string>();

function tell(tag: string, name: string): void {
  const place = `<${tag} ${name}>`;
  if (told.has(place) || told.size > 100) return;
  told.add(place);
  console.warn(`jupyter_trame: ${place}: a value that would run as code was not set`);
}
