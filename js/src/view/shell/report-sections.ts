import type { Finding, Report, RoundTrip } from "../contract/report";

export interface Row {
  label: string;
  text: string;
  /** What is to be typed, and where; empty for nothing. */
  command: string;
  where: string;
}

const ORDER = ["error", "warning", "note"];

/** What is shown of a report, as `Report.sections` of `jupyter_trame/doctor/report.py` has it: titles with rows. */
export function sectionsOf(report: Report): [string, Row[]][] {
  const findings = [...report.findings].sort(
    (a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity),
  );
  const all: [string, Row[]][] = [
    ["Findings", findings.length > 0 ? findings.map(findingRow) : [HEALTHY]],
    ["Versions", report.environments.map((each) => row(each.place, versions(each)))],
    ["Path", report.paths.map(({ name, reason }) => row(name, reason || BEST))],
    ["Round trips", report.round_trips.map((each) => row(each.between, times(each)))],
    ["Limits", report.limits.map(({ name, value }) => row(name, value))],
  ];
  return all.filter(([, rows]) => rows.length > 0);
}

const HEALTHY = row("healthy", "nothing is wrong, as far as can be told from here");
const BEST = "nothing faster is to be had";

function row(label: string, text: string): Row {
  return { label, text, command: "", where: "" };
}

function findingRow({ severity, what, command, where }: Finding): Row {
  return { label: severity, text: what, command, where };
}

function versions({ version, packages }: Report["environments"][number]): string {
  const others = Object.entries(packages).map(([name, each]) => `${name} ${each}`);
  return [`jupyter_trame ${version || "of an unknown version"}`, ...others].join(", ");
}

function times({ back_to_back, paused, slowest, count }: RoundTrip): string {
  const ms = (value: number) => `${Number(value.toPrecision(3))} ms`;
  return `${ms(back_to_back)} back to back, ${ms(paused)} with pauses (medians of ${count}), ${ms(slowest)} the slowest`;
}
