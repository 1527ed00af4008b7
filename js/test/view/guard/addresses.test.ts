import { describe, expect, it } from "vitest";
import { isCode } from "../../../src/view/guard/addresses";

describe("addresses that are code", () => {
  it.each([
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    " \u0000\u001fjavascript:alert(1)",
    "java\nscript:alert(1)",
    "j\ta\rv\nascript\t:alert(1)",
    "javascript:",
    "vbscript:x",
    "data:text/html,<script>",
    "DATA:TEXT/HTML;base64,PHNj",
    "data: text/html ;charset=utf-8,x",
    "da\nta:te\txt/html,x",
    "data:application/xhtml+xml,x",
    "data:text/xml,x",
    "data:application/xml;x=y,x",
    "data:application/atom+xml,x",
    "data:text/xsl,x",
    "data:image/svg+xml,<svg onload=x>",
    "data:multipart/related,x",
  ])("%j", (address) => expect(isCode(address, true)).toBe(true));

  it.each([
    "",
    "a.html",
    "/lab",
    "#part",
    "?javascript:x",
    "javascript/x",
    "./javascript:x",
    "https://example.org/javascript:alert(1)",
    "mailto:a@b.c",
    "data:text/csv,a",
    "data:,x",
    "data:;base64,PHNj",
    "data:image/png;base64,AAAA",
    "data:application/json,{}",
    "data:application/octet-stream,x",
    "blob:https://host/1",
    "java script:x",
  ])("but not %j", (address) => expect(isCode(address, true)).toBe(false));

  it("a drawing is one where it is opened, and none as an image", () => {
    expect(isCode("data:image/svg+xml,x", false)).toBe(false);
    expect(isCode("data:text/html,x", false)).toBe(true);
  });
});
