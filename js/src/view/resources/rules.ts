/** The class of the wrapper that stands for `body` in an app's style sheets. */
export const ROOT_CLASS = "jt-root";
/** Pop-ups are beside the wrapper, and as wide as the window. */
const OVERLAY_CLASS = "jt-overlay";

const NAMES_THE_PAGE = /html|:root|body/;
const WIDTH = /^\(\s*(?:(?:min|max)-width\s*:|width\s*[<>])[^()]*\)$/;

/** Kinds of rules by name: a sheet of another window has classes of its own. */
const DOCUMENT_RULES = new Set(["CSSFontFaceRule", "CSSPropertyRule"]);

type Rules = CSSStyleSheet | CSSGroupingRule;

/** Makes the rules of an app's sheet mean the same in a shadow root as on a page. */
export function adaptRules(parent: Rules): void {
  for (let index = 0; index < parent.cssRules.length; index += 1) {
    const rule = parent.cssRules[index] as CSSRule;
    const { selectorText } = rule as CSSStyleRule;
    if (selectorText !== undefined) {
      const scoped = NAMES_THE_PAGE.test(selectorText) ? scopeSelector(selectorText) : selectorText;
      if (scoped !== selectorText) (rule as CSSStyleRule).selectorText = scoped;
    }
    if ((rule as CSSGroupingRule).cssRules?.length) adaptRules(rule as CSSGroupingRule);
    if (isWidthQuery(rule)) index += containerQuery(parent, index, rule);
  }
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

/** What works only in a sheet of the document: fonts and registered properties. */
export function needsDocument(parent: Rules): string {
  let text = "";
  for (const rule of parent.cssRules) {
    // To ask each of ten thousand rules for its text would take longer than all the rest.
    if (DOCUMENT_RULES.has(rule.constructor.name)) text += rule.cssText;
    else if ((rule as CSSGroupingRule).cssRules?.length)
      text += needsDocument(rule as CSSGroupingRule);
  }
  return text;
}

function isWidthQuery(rule: CSSRule): rule is CSSMediaRule {
  const { media } = rule as CSSMediaRule;
  if (!media) return false;
  return media.length === 1 && conditions(media.mediaText).every((one) => WIDTH.test(one));
}

function conditions(media: string): string[] {
  return media.replace(/^(?:only\s+)?(?:screen|all)\s+and\s+/, "").split(/\s+and\s+/);
}

/** The app is as wide as its wrapper, its pop-ups are as wide as the window. Gives how many rules were added. */
function containerQuery(parent: Rules, index: number, rule: CSSMediaRule): number {
  const condition = conditions(rule.media.mediaText).join(" and ");
  const body = Array.from(rule.cssRules, ({ cssText }) => cssText).join("\n");
  const before = parent.cssRules.length;
  parent.deleteRule(index);
  parent.insertRule(`@media ${condition} { .${OVERLAY_CLASS} { ${body} } }`, index);
  parent.insertRule(`@container ${condition} { ${body} }`, index);
  return parent.cssRules.length - before;
}
