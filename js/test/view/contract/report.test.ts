import { describe, expect, it } from "vitest";
import { readReport } from "../../../src/view/contract/report";

const EMPTY = {
  subject: "x",
  environments: [],
  paths: [],
  round_trips: [],
  limits: [],
  findings: [],
};

describe("a report of a server", () => {
  it("is taken as it is, with what later versions add", () => {
    expect(readReport({ ...EMPTY, more: 1 })).toMatchObject(EMPTY);
  });

  it.each([
    ["nothing", null],
    ["a text", "report"],
    ["one without a subject", { ...EMPTY, subject: 3 }],
    ["one without a list", { ...EMPTY, findings: undefined }],
    ["one with a list of something else", { ...EMPTY, paths: ["x"] }],
  ])("is not %s", (_, value) => {
    expect(readReport(value)).toBeNull();
  });
});
