import { DOCTOR, FORCE_PUSH } from "../../protocol/names";
import type { ViewConnection } from "./connection-status";
import { type Finding, type Report, type RoundTrip, readReport } from "./report";

export interface ExaminationOptions {
  connection: ViewConnection;
  /** Whether the app runs in a kernel. */
  inKernel: boolean;
  /**
   * Asks the Jupyter server for its report, which is null where that has none; null where there is no way to it.
   * Rejected with a sentence for the user.
   */
  fetchReport: (() => Promise<unknown>) | null;
}

const SEVERITIES = { major: "error", minor: "warning", patch: "note" } as const;
const IN_PAGE = "in the page";
/** Questions of each kind. */
const COUNT = 10;
/** Milliseconds between two questions as users ask them. */
const PAUSE = 50;
/** How long the server may take for its report, and the host for an answer, in milliseconds. */
const PATIENCE = 10_000;
/** The same for the loop: one that is at work does not answer, and nobody is to wait for it. */
const LOOP_PATIENCE = 2500;

/** What this page knows by itself, at once. */
export function ownReport({ connection, inKernel }: ExaminationOptions): Report {
  const { page, host, server } = connection.packages;
  const known = ({ version }: { version: string }) => version !== "";
  return {
    subject: "this view",
    environments: [
      { place: hostName(connection, inKernel), version: host, packages: {} },
      { place: inKernel ? "kernel" : "program", version: server, packages: {} },
      { place: "page", version: page, packages: {} },
    ].filter(
      (each, index, all) =>
        known(each) && all.findIndex(({ place }) => place === each.place) === index,
    ),
    paths: [ownPath(connection)],
    round_trips: [],
    limits: [],
    findings: ownFindings(connection, inKernel),
  };
}

/**
 * All that can be found out, asked at the same time: what is slow is no reason to wait with the rest. `onStep` gets what is
 * known so far. Nothing more is asked once `signal` says so.
 */
export async function examine(
  options: ExaminationOptions,
  onStep: (report: Report) => void,
  signal: AbortSignal,
): Promise<Report> {
  const { connection, inKernel } = options;
  const report = ownReport(options);
  const host = hostName(connection, inKernel);
  const owner = inKernel ? "the kernel's loop" : "the program's loop";
  const step = async (part: Promise<void>) => {
    await part;
    onStep(report);
  };
  const time = (between: string, patience: number, ask: () => Promise<unknown>) =>
    step(addTime(report, between, () => within(patience, signal, ask)));
  const parts = [
    time(`page and ${host}`, PATIENCE, () => connection.ping()),
    step(addReport(report, options, signal)),
  ];
  if (connection.state === "live") {
    parts.push(time(`page and ${owner}`, LOOP_PATIENCE, () => connection.call(FORCE_PUSH)));
  }
  onStep(report);
  await Promise.all(parts);
  return report;
}

/** How far two versions are apart, as `jupyter_trame/doctor/versions.py` has it. */
function skew(one: string, other: string): keyof typeof SEVERITIES {
  const [a, b] = [one, other].map((version) =>
    version.split(".").map((part) => Number.parseInt(part, 10) || 0),
  );
  if (a?.[0] !== b?.[0]) return "major";
  return (a?.[1] ?? 0) === (b?.[1] ?? 0) ? "patch" : "minor";
}

/** Who answers a page at once: it has the replica. */
function hostName({ kind }: ViewConnection, inKernel: boolean): string {
  if (!inKernel) return "program";
  return kind === "comm" ? "kernel" : "Jupyter server";
}

function ownPath({ kind, passedOver }: ViewConnection): Report["paths"][number] {
  if (kind === null) return { name: "page: not connected", reason: "see above" };
  if (kind === "websocket") return { name: "page: websocket", reason: "" };
  const reason = passedOver
    ? `the websocket was refused: ${passedOver}`
    : "this page knows of no Jupyter server with the extension jupyter_trame";
  return { name: "page: comm of the widget", reason };
}

function ownFindings(connection: ViewConnection, inKernel: boolean): Finding[] {
  const { state, message, packages, kind, passedOver } = connection;
  const found: Finding[] = [];
  if (state !== "live") {
    const severity = state === "connecting" ? "note" : "error";
    const what =
      message || (state === "connecting" ? "the app does not answer yet" : "not connected");
    found.push({ severity, what, command: "", where: "" });
  }
  if (packages.host !== "" && packages.host !== packages.page) {
    const host = hostName(connection, inKernel);
    const what = `this page has jupyter_trame ${packages.page}, the ${host} ${packages.host}: it was loaded before`;
    const severity = SEVERITIES[skew(packages.page, packages.host)];
    found.push({ severity, what, command: "Ctrl+Shift+R", where: IN_PAGE });
  }
  if (kind === "comm" && passedOver) {
    const what = `the view uses the kernel's messages, since the websocket was refused: ${passedOver}`;
    found.push({ severity: "warning", what, command: "", where: "" });
  }
  return found;
}

async function addReport(
  report: Report,
  options: ExaminationOptions,
  signal: AbortSignal,
): Promise<void> {
  try {
    const other = await serversReport(options, signal);
    if (other) merge(report, other);
  } catch (error) {
    const what = `the server's own report is not to be had: ${describe(error)}`;
    report.findings.push({ severity: "note", what, command: "", where: "" });
  }
}

/** That of the Jupyter server, else the app's own; null of releases that have none. */
async function serversReport(
  { connection, fetchReport }: ExaminationOptions,
  signal: AbortSignal,
): Promise<Report | null> {
  const found = fetchReport && readReport(await within(PATIENCE, signal, fetchReport));
  if (found || connection.state !== "live" || !connection.packages.server) return found;
  return readReport(await within(PATIENCE, signal, () => connection.call(DOCTOR)));
}

/** What the server says of the same thing is better: it knows the command. */
function merge(report: Report, other: Report): void {
  const places = new Set(other.environments.map(({ place }) => place));
  const own = report.environments.filter(({ place }) => !places.has(place));
  report.environments = [...other.environments, ...own];
  report.paths.push(...other.paths);
  report.round_trips.push(...other.round_trips);
  report.limits.push(...other.limits);
  const said = other.findings.some(({ where }) => where === IN_PAGE);
  report.findings = [
    ...report.findings.filter(({ where }) => !said || where !== IN_PAGE),
    ...other.findings,
  ];
}

async function addTime(
  report: Report,
  between: string,
  ask: () => Promise<unknown>,
): Promise<void> {
  try {
    report.round_trips.push(await measure(between, ask));
  } catch (error) {
    const what = `no round trip between ${between} was measured: ${describe(error)}`;
    report.findings.push({ severity: "note", what, command: "", where: "" });
  }
}

async function measure(between: string, ask: () => Promise<unknown>): Promise<RoundTrip> {
  const close: number[] = [];
  const apart: number[] = [];
  for (let n = 0; n < COUNT; n += 1) close.push(await timed(ask));
  for (let n = 0; n < COUNT; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    apart.push(await timed(ask));
  }
  const slowest = Math.max(...close, ...apart);
  return { between, count: COUNT, back_to_back: median(close), paused: median(apart), slowest };
}

async function timed(ask: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await ask();
  return performance.now() - begun;
}

/** The answer to `ask`, unless it takes longer than `ms`, or nobody waits for it any more. */
async function within<T>(ms: number, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let give: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop);
    give = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    };
  });
  try {
    return await Promise.race([ask(), late]);
  } finally {
    give();
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
