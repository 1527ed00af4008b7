import DOMPurify from "dompurify";

const purifier = DOMPurify(window);

/** Where links lead: in SVG the old name counts where the other is missing. */
const ADDRESSES = ["href", "xlink:href"];

// A link would leave the page that the app is in.
purifier.addHook("afterSanitizeAttributes", (node) => {
  const leads = (name: string) =>
    node.hasAttribute(name) && !node.getAttribute(name)?.startsWith("#");
  if (!ADDRESSES.some(leads)) return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
});

/** What of `html` may be in a page, whoever wrote it: no scripts, no handlers, no frames, no forms. */
export function sanitized(html: string): DocumentFragment {
  const clean = purifier.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    ADD_ATTR: ["target"],
    FORBID_TAGS: ["form", "input", "button", "select", "textarea"],
    // The source of a formula, which readers of MathML would show beside it.
    FORBID_CONTENTS: ["annotation", "script", "template", "iframe", "noscript"],
    FORCE_BODY: true,
  });
  // Without a word it is the heading of nothing, as the corner of a DataFrame.
  for (const corner of clean.querySelectorAll("th:empty")) corner.setAttribute("role", "cell");
  return clean;
}
