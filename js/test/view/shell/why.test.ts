import { afterEach, describe, expect, it, vi } from "vitest";
import type { Report } from "../../../src/view/contract/report";
import { type Examine, WhyPanel } from "../../../src/view/shell/why";

const REPORT: Report = {
  subject: "this view",
  environments: [{ place: "page", version: "1.2.3", packages: { Vue: "3.5" } }],
  paths: [{ name: "page: websocket", reason: "" }],
  round_trips: [
    { between: "page and kernel", count: 10, back_to_back: 0.412, paused: 12.345, slowest: 1234.5 },
  ],
  limits: [],
  findings: [
    { severity: "note", what: "fine", command: "", where: "" },
    { severity: "error", what: "<b>old</b>", command: "%pip install x", where: "in a cell" },
  ],
};

afterEach(() => {
  document.body.replaceChildren();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function panel(examine: Examine = async () => REPORT) {
  const opener = document.createElement("button");
  document.body.append(opener);
  const opened: boolean[] = [];
  const why = new WhyPanel(document.body, examine, (open) => opened.push(open));
  const element = document.body.querySelector<HTMLElement>(".jt-why") as HTMLElement;
  element.scrollIntoView = () => undefined;
  return { why, opener, opened, element };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

describe("why", () => {
  it("shows what is known, the worst first, as text and never as markup", async () => {
    const { why, opener, opened, element } = panel();
    expect(element.hidden).toBe(true);
    why.toggle(opener);
    await settled();
    expect(opened).toEqual([true]);
    expect(element.hidden).toBe(false);
    expect([...element.querySelectorAll("dt")].map((each) => each.textContent)).toEqual([
      "error",
      "note",
      "page",
      "page: websocket",
      "page and kernel",
    ]);
    expect(element.querySelector("b")).toBeNull();
    expect(element.textContent).toContain("<b>old</b>");
    expect(element.querySelector("code")?.textContent).toBe("%pip install x");
    expect(element.textContent).toContain("0.412 ms back to back, 12.3 ms with pauses");
    expect(element.textContent).toContain("jupyter_trame 1.2.3, Vue 3.5");
    expect(element.textContent).not.toContain("Limits");
  });

  it("shows what is known so far, and says that it measures", async () => {
    let finish: (report: Report) => void = () => undefined;
    const { why, opener, element } = panel((onStep) => {
      onStep({ ...REPORT, findings: [] });
      return new Promise((resolve) => {
        finish = resolve;
      });
    });
    why.toggle(opener);
    expect(element.querySelector(".jt-why-state")?.textContent).toBe("Measuring…");
    expect(element.textContent).toContain("nothing is wrong");
    finish(REPORT);
    await settled();
    expect(element.querySelector(".jt-why-state")?.textContent).toBe("");
  });

  it("closes by its button and by Escape, and gives the focus back", async () => {
    const { why, opener, opened, element } = panel();
    opener.focus();
    why.toggle(opener);
    await settled();
    expect(document.activeElement).toBe(element);
    element.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(element.hidden).toBe(true);
    expect(document.activeElement).toBe(opener);
    why.toggle(opener);
    await settled();
    element.querySelector<HTMLElement>(".jt-why-close")?.click();
    expect(opened).toEqual([true, false, true, false]);
  });

  it("shows nothing of an examination that nobody looks at any more", async () => {
    const reports: ((report: Report) => void)[] = [];
    const { why, opener, element } = panel(() => new Promise((resolve) => reports.push(resolve)));
    why.toggle(opener);
    why.toggle(opener);
    why.toggle(opener);
    reports[0]?.({ ...REPORT, subject: "old", findings: [] });
    await settled();
    expect(element.querySelector("dl")).toBeNull();
    reports[1]?.(REPORT);
    await settled();
    expect(element.querySelector("dl")).not.toBeNull();
    why.dispose();
    expect(element.isConnected).toBe(false);
  });

  it("copies the command, and the report as text", async () => {
    const written: string[] = [];
    const clipboard = { writeText: async (text: string) => void written.push(text) };
    vi.stubGlobal("navigator", { clipboard });
    const { why, opener, element } = panel();
    why.toggle(opener);
    await settled();
    const [report, command] = element.querySelectorAll<HTMLElement>(".jt-why-copy");
    command?.click();
    report?.click();
    await settled();
    expect(written[0]).toBe("%pip install x");
    expect(written[1]).toContain("  error: <b>old</b>\n    in a cell: %pip install x");
    expect(report?.textContent).toBe("Copied");
  });

  it("says so where a page may not write to the clipboard", async () => {
    vi.stubGlobal("navigator", {});
    const { why, opener, element } = panel();
    why.toggle(opener);
    await settled();
    const [report] = element.querySelectorAll<HTMLElement>(".jt-why-copy");
    report?.click();
    await settled();
    expect(report?.textContent).toBe("Select and copy");
  });

  it("ends the examination when it closes", async () => {
    const signals: AbortSignal[] = [];
    const { why, opener } = panel((_, signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    why.toggle(opener);
    expect(signals[0]?.aborted).toBe(false);
    why.close();
    expect(signals[0]?.aborted).toBe(true);
    why.toggle(opener);
    why.dispose();
    expect(signals[1]?.aborted).toBe(true);
  });

  it("says that it went wrong", async () => {
    const { why, opener, element } = panel(() => Promise.reject(new Error("no")));
    why.toggle(opener);
    await settled();
    expect(element.textContent).toContain("This went wrong: Error: no");
  });

  it("has no button to copy what is pressed", async () => {
    const finding = { severity: "note", what: "x", command: "Ctrl+Shift+R", where: "" } as const;
    const { why, opener, element } = panel(async () => ({ ...REPORT, findings: [finding] }));
    why.toggle(opener);
    await settled();
    expect(element.querySelector(".jt-why-command button")).toBeNull();
  });
});
