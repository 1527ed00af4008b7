import { describe, expect, it } from "vitest";
import { highlighted } from "../../src/ui-chunks/code/highlight";
import { rendered } from "../../src/ui-chunks/markdown/rendered";
import { sanitized } from "../../src/ui-chunks/markup/sanitize";

const clean = (html: string): string => {
  const box = document.createElement("div");
  box.append(sanitized(html));
  return box.innerHTML;
};

describe("markup", () => {
  it("loses what could run, whoever wrote it", () => {
    for (const html of [
      "<script>alert(1)</script>",
      '<img src="x" onerror="alert(1)">',
      '<a href="javascript:alert(1)">a</a>',
      '<iframe srcdoc="<script>1</script>"></iframe>',
      '<form action="/x"><input name="a"><button>b</button></form>',
      '<svg><script>1</script><a xlink:href="javascript:1">a</a></svg>',
      "<math><annotation-xml encoding='text/html'><style><img src=x onerror=1></style></annotation-xml></math>",
    ]) {
      const left = clean(html);
      expect(left).not.toMatch(/script|onerror|<iframe|<form|<input|<button/i);
    }
  });

  it("keeps tables, styles and pictures, and opens links elsewhere", () => {
    const table = "<table><thead><tr><th>a</th></tr></thead></table>";
    expect(clean(table)).toBe(table);
    const corner = "<table><thead><tr><th></th><th>a</th></tr></thead></table>";
    expect(clean(corner)).toContain('<th role="cell"></th><th>a</th>');
    expect(clean("<style>td { color: red }</style><p>a</p>")).toContain("<style>");
    expect(clean('<a href="https://x/">a</a>')).toContain('target="_blank"');
    const old = '<svg><a xlink:href="https://x/" target="_top"><text>a</text></a></svg>';
    expect(clean(old)).toContain('target="_blank"');
    expect(clean('<a href="#part">a</a>')).not.toContain("target");
    expect(clean('<img src="data:image/png;base64,AA==">')).toContain("data:image/png");
  });
});

describe("Markdown", () => {
  it("has tables, formulas as MathML, and no HTML", () => {
    expect(rendered("| a |\n|---|\n| 1 |")).toContain("<td>1</td>");
    expect(rendered("<b onclick='x'>a</b>")).toContain("&lt;b onclick");
    const formula = clean(rendered("$a^2$ and\n\n$$\\frac{1}{2}$$"));
    expect(formula).toContain("<msup>");
    expect(formula).toContain('display="block"');
    expect(formula).toContain("<mfrac>");
    expect(formula, "readers of MathML show the source once").not.toContain("frac{1}");
    expect(rendered("[a](javascript:alert(1))")).not.toContain("href");
  });

  it("shows a formula that is none as it is", () => {
    expect(rendered("$\\nothing{$")).toContain("nothing");
  });
});

describe("code", () => {
  it("has the colours of its language, and is escaped in any", () => {
    expect(highlighted("def f(): pass", "python")).toContain('hljs-keyword">def');
    expect(highlighted("<b>&amp;", "")).toBe("&lt;b&gt;&amp;amp;");
    expect(highlighted("<img onerror=1>", "xml")).not.toContain("<img");
    expect(highlighted("<b>", "constructor")).toBe("&lt;b&gt;");
  });
});
