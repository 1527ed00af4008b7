import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { readReport } from "../../../src/view/contract/report";
import { sectionsOf } from "../../../src/view/shell/report-sections";

const FILE = resolve(import.meta.dirname, "../../../../tests/vectors/report.json");
const cases = JSON.parse(readFileSync(FILE, "utf8")) as { report: unknown; sections: unknown }[];

describe("what is shown of a report", () => {
  it.each(cases)("is what Python shows: $report.subject", ({ report, sections }) => {
    const read = readReport(report);
    const shown = read && sectionsOf(read);
    expect(
      shown?.map(([title, rows]) => [
        title,
        rows.map((row) => [row.label, row.text, row.command, row.where]),
      ]),
    ).toEqual(sections);
  });
});
