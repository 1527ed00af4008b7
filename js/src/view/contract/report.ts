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

const LISTS = ["environments", "paths", "round_trips", "limits", "findings"] as const;

/** The report that a server sent; null for anything else, which a server of another version may send. */
export function readReport(value: unknown): Report | null {
  const map = value as Partial<Record<keyof Report, unknown>> | null;
  if (typeof map !== "object" || map === null || typeof map.subject !== "string") return null;
  const whole = LISTS.every((key) => {
    const list = map[key];
    return Array.isArray(list) && list.every((each) => typeof each === "object" && each !== null);
  });
  return whole ? (map as Report) : null;
}
