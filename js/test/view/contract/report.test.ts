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
    expect(readReport({ ...EMPTY, more: 1 })).toEqual(EMPTY);
  });

  it.each([
    ["nothing", null],
    ["a text", "report"],
    ["a list", []],
    ["one without a subject", { ...EMPTY, subject: 3 }],
  ])("is not %s", (_, value) => {
    expect(readReport(value)).toBeNull();
  });

  it("of another version is read as far as it is understood", () => {
    const odd = {
      subject: "x",
      environments: [{ place: "page", packages: null }, "x"],
      round_trips: [{ between: "a", count: "10", slowest: null }],
      limits: undefined,
      findings: [{ severity: "fatal", what: 3, command: {} }],
    };
    expect(readReport(odd)).toEqual({
      ...EMPTY,
      environments: [{ place: "page", version: "", packages: {} }],
      round_trips: [{ between: "a", count: 0, back_to_back: 0, paused: 0, slowest: 0 }],
      findings: [{ severity: "note", what: "", command: "", where: "" }],
    });
  });
});
