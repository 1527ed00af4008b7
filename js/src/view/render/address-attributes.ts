/** Attributes of elements whose value is the address of a file, several of them, or styles with such in them. */
export const ADDRESSES: ReadonlySet<string> = new Set([
  "src",
  "srcset",
  "href",
  "xlink:href",
  "poster",
  "style",
  "action",
  "formaction",
]);

/**
 * The value of such an attribute of an element as the browser can use it: bytes get an address, and a relative
 * address is one of the app's files wherever the app is shown. Undefined while the file is on its way; what it
 * depends on is tracked by the running effect. Anything else is given back.
 */
export type Locate = (tag: string, name: string, value: unknown) => unknown;

/** Whether an address is followed when the user wants it, and not before. */
export function isFollowed(tag: string, name: string): boolean {
  return tag === "a" || tag === "area" || name.endsWith("action");
}

/** A scheme, a host without one, an absolute path, a part of the document, or nothing: no file of the app. */
const ELSEWHERE = /^(?:[a-z][a-z\d+.-]*:|\/|#|$)/i;

/** Whether an address is relative to the app. */
export function isRelative(address: string): boolean {
  return !ELSEWHERE.test(address.trim());
}

const CSS_URL = /url\(\s*(?:"([^"]*)"|'([^']*)'|([^"')\s][^)\s]*))\s*\)/g;

/** The addresses in styles. */
export function cssAddresses(css: string): string[] {
  const found: string[] = [];
  replaceCssAddresses(css, (address) => {
    found.push(address);
    return undefined;
  });
  return found;
}

/** Styles with other addresses in them; undefined leaves one as it is. */
export function replaceCssAddresses(
  css: string,
  replace: (address: string) => string | undefined,
): string {
  return css.replace(CSS_URL, (all, double, single, bare) => {
    const other = replace(double ?? single ?? bare ?? "");
    return other === undefined ? all : `url("${other}")`;
  });
}

const CANDIDATE = /([^\s,]\S*[^\s,]|[^\s,])(\s+[^\s,]+)?\s*(?:,|$)/g;

/** A `srcset` with other addresses; undefined while one of them is unknown. */
export function replaceCandidates(
  set: string,
  replace: (address: string) => string | undefined,
): string | undefined {
  const candidates = Array.from(set.matchAll(CANDIDATE), ([, address = "", descriptor = ""]) => {
    const other = replace(address);
    return other === undefined ? undefined : `${other}${descriptor}`;
  });
  return candidates.includes(undefined) ? undefined : candidates.join(", ");
}
