/** What a doctor found, as `jupyter_trame/doctor/report.py` has it. */
export interface Report {
  subject: string;
  environments: Environment[];
  paths: { name: string; reason: string }[];
  round_trips: RoundTrip[];
  limits: { name: string; value: string }[];
  findings: Finding[];
}

export interface Environment {
  place: string;
  /** Of jupyter_trame; empty where it is not known. */
  version: string;
  packages: Record<string, string>;
}

/** In milliseconds. */
export interface RoundTrip {
  between: string;
  /** Questions of each kind. */
  count: number;
  back_to_back: number;
  paused: number;
  slowest: number;
}

export interface Finding {
  severity: "error" | "warning" | "note";
  what: string;
  /** What mends it; empty where nothing that can be typed does. */
  command: string;
  /** Where that is to be typed. */
  where: string;
}

type Fields = Record<string, unknown>;

const SEVERITIES: readonly unknown[] = ["error", "warning", "note"] satisfies Finding["severity"][];

/**
 * The report that a server sent, which may be of another version: what is not as it should be in it is left out. Null
 * for what is no report.
 */
export function readReport(value: unknown): Report | null {
  if (!isFields(value) || typeof value.subject !== "string") return null;
  return {
    subject: value.subject,
    environments: each(value.environments, (one) => ({
      place: text(one.place),
      version: text(one.version),
      packages: texts(one.packages),
    })),
    paths: each(value.paths, (one) => ({ name: text(one.name), reason: text(one.reason) })),
    round_trips: each(value.round_trips, (one) => ({
      between: text(one.between),
      count: number(one.count),
      back_to_back: number(one.back_to_back),
      paused: number(one.paused),
      slowest: number(one.slowest),
    })),
    limits: each(value.limits, (one) => ({ name: text(one.name), value: text(one.value) })),
    findings: each(value.findings, (one) => ({
      severity: SEVERITIES.includes(one.severity) ? (one.severity as Finding["severity"]) : "note",
      what: text(one.what),
      command: text(one.command),
      where: text(one.where),
    })),
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function each<T>(value: unknown, read: (one: Fields) => T): T[] {
  return Array.isArray(value) ? value.filter(isFields).map(read) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function texts(value: unknown): Record<string, string> {
  if (!isFields(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, text(one)]));
}

function number(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
