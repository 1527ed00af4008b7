import type { Config } from "vega-lite";

/** What a chart has where its author says nothing else: the view's colours, which change with its theme. */
export function themed(font: string): Config {
  // Colours are attributes of SVG, so the browser looks the properties up; letters are measured, so the font is its name.
  const [text, soft, line] = ["var(--jt-fg)", "var(--jt-fg-soft)", "var(--jt-border)"];
  const words = { labelColor: soft, titleColor: text, titleFontWeight: 500 } as const;
  return {
    font,
    background: "transparent",
    axis: { ...words, gridColor: line, domainColor: soft, tickColor: soft },
    header: words,
    legend: words,
    rule: { color: text },
    text: { color: text },
    title: { color: text, subtitleColor: soft },
    view: { stroke: line },
  };
}
