import katexPlugin from "@vscode/markdown-it-katex";
import MarkdownIt from "markdown-it";

// MathML, which browsers draw with a font of their own: no font has to come.
const markdown = new MarkdownIt({ html: false, linkify: true, typographer: false }).use(
  (katexPlugin as unknown as { default?: typeof katexPlugin }).default ?? katexPlugin,
  { output: "mathml", throwOnError: false, strict: false, trust: false },
);

/** The HTML of a Markdown text. HTML in the text is text. */
export function rendered(source: string): string {
  return markdown.render(source);
}
