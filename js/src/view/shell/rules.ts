/** The class of the wrapper that stands for `body` in an app's style sheets. */
export const ROOT_CLASS = "jt-root";
/** Pop-ups are beside the wrapper, and as wide as the window. */
const OVERLAY_CLASS = "jt-overlay";

const NAMES_THE_PAGE = /html|:root|body/;
const WIDTH = /^\(\s*(?:(?:min|max)-width\s*:|width\s*[<>])[^()]*\)$/i;
/** These have no effect in a shadow root. */
const DOCUMENT_RULE = /^@(?:font-face|property)\b/i;
const MEDIA = /^@media\b/i;

/** A sheet of an app, for a shadow root. */
export interface Adapted {
  css: string;
  /** What of it works only in a sheet of the document: fonts and registered properties. */
  document: string;
}

/**
 * Makes the rules of an app's sheet mean the same in a shadow root as on a page.
 *
 * It works on the text: to build objects for ten thousand rules takes a browser ten times as long.
 */
export function adaptRules(css: string): Adapted {
  const sheet: Sheet = { css, signs: onlySigns(css), document: "" };
  return { css: adaptBlocks(sheet, 0, css.length), document: sheet.document };
}

interface Sheet {
  readonly css: string;
  /** The same text, character by character, without what hides signs. */
  readonly signs: string;
  document: string;
}

/** Comments, strings, unquoted addresses and escaped characters may hold signs that mean nothing. */
const HIDING =
  /\/\*[\s\S]*?(?:\*\/|$)|"(?:[^"\\]|\\[\s\S])*"?|'(?:[^'\\]|\\[\s\S])*'?|url\(\s*[^\s"')][^)]*\)?|\\[\s\S]/gi;
const COMMENT = /\/\*[\s\S]*?\*\//g;
const SIGNS = /[{};]/g;
const OPEN = "{".charCodeAt(0);
const CLOSE = "}".charCodeAt(0);
const END = ";".charCodeAt(0);

function onlySigns(css: string): string {
  return css.replace(HIDING, (text) =>
    text.startsWith("/*") ? " ".repeat(text.length) : text.replace(SIGNS, " "),
  );
}

/** The text from `from` to `to`, with its rules and the rules in them adapted. */
function adaptBlocks(sheet: Sheet, from: number, to: number): string {
  const { css, signs } = sheet;
  let text = "";
  let taken = from;
  let begin = from;
  for (let at = from; at < to; at += 1) {
    const sign = signs.charCodeAt(at);
    if (sign === END || sign === CLOSE) begin = at + 1;
    if (sign !== OPEN) continue;
    const end = endOfBlock(signs, at, to);
    const adapted = adaptBlock(sheet, begin, at, end);
    if (adapted !== null) {
      text += css.slice(taken, begin) + adapted;
      taken = end;
    }
    begin = end;
    at = end - 1;
  }
  return text + css.slice(taken, to);
}

/** Behind the brace that closes the one at `open`. */
function endOfBlock(signs: string, open: number, to: number): number {
  let depth = 0;
  for (let at = open; at < to; at += 1) {
    const sign = signs.charCodeAt(at);
    if (sign === OPEN) depth += 1;
    else if (sign === CLOSE) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return to;
}

/** A rule that begins at `begin`, with its block from `open` to `end`; null where it stays as it is. */
function adaptBlock(sheet: Sheet, begin: number, open: number, end: number): string | null {
  const { css, signs } = sheet;
  const head = signs.slice(begin, open).trim();
  if (DOCUMENT_RULE.test(head)) {
    sheet.document += css.slice(begin, end);
    return null;
  }
  const closed = signs.charCodeAt(end - 1) === CLOSE ? end - 1 : end;
  const old = css.slice(open + 1, closed);
  const inner = signs.slice(open + 1, closed).includes("{")
    ? adaptBlocks(sheet, open + 1, closed)
    : old;
  if (MEDIA.test(head)) {
    const condition = widthCondition(head);
    if (condition !== null) return containerQuery(condition, inner);
  }
  const prelude = css.slice(begin, open);
  const isSelector = !head.startsWith("@") && NAMES_THE_PAGE.test(head);
  const scoped = isSelector ? scopeSelector(prelude.replace(COMMENT, " ")) : prelude;
  return scoped === prelude && inner === old ? null : `${scoped}{${inner}}`;
}

/** `:root`/`html` are the host and `body` is the wrapper; `.text-body-1` stays what it is. */
export function scopeSelector(selector: string): string {
  return selector
    .replace(/(^|[\s,>+~(])html((?:[.#[:][^\s,>+~)]*)?)(?=$|[\s,>+~)])/g, (_, before, rest) =>
      rest ? `${before}:host(${rest})` : `${before}:host`,
    )
    .replace(/:root\b/g, ":host")
    .replace(/(^|[\s,>+~(])body(?=$|[\s,>+~.#[:)])/g, `$1.${ROOT_CLASS}`)
    .replace(/:host\s*>\s*\.jt-root/g, ".jt-root");
}

/** The condition of a media query that asks for the width alone; null for any other. */
function widthCondition(head: string): string | null {
  const conditions = head
    .replace(MEDIA, "")
    .trim()
    .replace(/^(?:only\s+)?(?:screen|all)\s+and\b/i, "")
    .split(/\band\b/i)
    .map((one) => one.trim());
  return conditions.every((one) => WIDTH.test(one)) ? conditions.join(" and ") : null;
}

/** The app is as wide as its wrapper, its pop-ups are as wide as the window. */
function containerQuery(condition: string, body: string): string {
  return `@container ${condition}{${body}}@media ${condition}{.${OVERLAY_CLASS}{${body}}}`;
}
