import { dataAddress } from "../guard/media";
import { cssAddresses, replaceCssAddresses } from "../render/address-attributes";
import type { PutStyle } from "../shell/styles";
import { type Fetcher, isWhole } from "./fetcher";

/** A length in `rem`, where a value may stand: `.size-2rem` and `--x-1rem` are names. */
const REM = /(?<=[\s:,(*/+])(-?(?:\d*\.)?\d+)rem(?![\w-])/g;
const AT_RULE = /@(?:media|container)[^{;]*(?=\{)/g;
/** The page's own size of `rem`, whatever the notebook's is. */
const ROOT_SIZE = 16;

/** Lengths in `rem` follow the app's `--jt-rem`: in a shadow root they would follow the notebook's page. */
export function detachRem(css: string): string {
  // A condition knows no variables.
  return css
    .replace(AT_RULE, (rule) => rule.replace(REM, (_, size) => `${Number(size) * ROOT_SIZE}px`))
    .replace(REM, "calc($1 * var(--jt-rem, 16px))");
}

/** Makes the addresses in a sheet independent of where the sheet is used. */
export async function resolveUrls(css: string, path: string, fetcher: Fetcher): Promise<string> {
  const embed = async (file: string) => dataAddress(await fetcher.fetch(file));
  const sheet = fetcher.address(path);
  const found = new Map<string, string>();
  const fonts = sheet === null ? new Set<string>() : await guardedFonts(css, fetcher);
  const text = sheet === null || fonts.size > 0 ? onlyWoff2(css) : css;
  for (const url of cssAddresses(text)) {
    if (!isWhole(url) && !url.startsWith("#")) found.set(url, "");
  }
  await Promise.all(
    [...found.keys()].map(async (url) => {
      // An address that cannot be had is left alone: the sheet is worth more than one of its pictures.
      const whole = sheet === null ? url : new URL(url, sheet).href;
      const file = sheet === null ? beside(path, url) : fonts.has(url) && whole;
      found.set(url, file ? await embed(file).catch(() => whole) : whole);
    }),
  );
  return replaceCssAddresses(text, (url) => found.get(url));
}

/** Puts sheets whose addresses are relative to the app's page. Of several the last one stays. */
export function putResolved(
  put: PutStyle,
  fetcher: Fetcher,
  adapt: (css: string) => string = (css) => css,
): PutStyle {
  let last = 0;
  return (css) => {
    last += 1;
    const turn = last;
    if (css === null || !css.includes("url(")) {
      put(css === null ? null : adapt(css));
      return;
    }
    void resolveUrls(css, "", fetcher).then((text) => {
      if (turn === last) put(adapt(text));
    });
  };
}

const FONT_FACE = /@font-face\s*\{[^}]*\}/g;

/** The fonts of a sheet that the browser cannot fetch by itself: for them it asks as a script does. */
async function guardedFonts(css: string, fetcher: Fetcher): Promise<Set<string>> {
  const rules = css.match(FONT_FACE) ?? [];
  if (rules.length === 0 || !(await fetcher.guarded?.())) return new Set();
  return new Set(cssAddresses(onlyWoff2(rules.join("\n"))).filter((url) => !isWhole(url)));
}

/** Of the formats of a font only the one that every browser takes: the others would be sent in vain. */
function onlyWoff2(css: string): string {
  return css.replace(FONT_FACE, (rule) =>
    rule.replace(/src\s*:[^;}]*(?:;|(?=\}))/g, (source) => {
      const best = source.match(/url\([^)]*\)\s*format\(\s*["']?woff2["']?\s*\)/);
      if (best) return `src: ${best[0]};`;
      return /woff2/.test(rule) ? "" : source;
    }),
  );
}

/** `../x` beside `prefix/css/file` is `prefix/x`; a query is no part of a file's name. */
function beside(path: string, relative: string): string {
  const url = new URL(relative, new URL(path, "http://app/"));
  return decodeURIComponent(url.pathname.slice(1));
}

const IMPORTS = /@import\s*(?:url\(\s*)?(?:"([^"]+)"|'([^']+)'|([^\s"')]+))\s*\)?\s*([^;]*);/g;

/** Whether a sheet takes another one from elsewhere. */
export function importsForeign(css: string): boolean {
  return Array.from(css.matchAll(IMPORTS)).some(([, double, single, bare]) =>
    isWhole(double ?? single ?? bare ?? ""),
  );
}

/**
 * A constructed sheet takes no imports: their text is put in their place. What fails, and what a package would get
 * from elsewhere, is left out.
 */
export async function inlineImports(
  css: string,
  path: string,
  load: (path: string) => Promise<string>,
): Promise<string> {
  if (!css.includes("@import")) return css;
  const texts = await Promise.all(
    Array.from(css.matchAll(IMPORTS), async ([, double, single, bare, condition]) => {
      const url = double ?? single ?? bare ?? "";
      const foreign = isWhole(url) && !isWhole(path);
      const file = isWhole(url) ? url : beside(path, url);
      const text = foreign ? "" : await load(file).catch(() => "");
      return condition ? `@media ${condition} { ${text} }` : text;
    }),
  );
  return css.replace(IMPORTS, () => texts.shift() ?? "");
}
