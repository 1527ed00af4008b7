import type { Loss } from "./decoder";
import { isMapping, type Mapping } from "./envelope";
import { type ErrorMap, ProtocolError } from "./errors";
import type { ServerErrorEvent, StatusEvent } from "./events";

/** What a hello's answer tells; `own` is null with a stock server. */
export interface Greeting {
  clientId: string;
  maxMsgSize: number;
  own: OwnGreeting | null;
}

export interface OwnGreeting {
  epoch: string;
  resume: string;
  resumed: boolean;
  received: number;
  settled: number;
  got: number;
  /** Of a session that another replica began: the calls whose answers come. */
  calls: string[] | null;
  /** Versions of jupyter_trame at the host and at the server; empty where they are not known. */
  packages: [host: string, server: string];
}

const STATES = new Set(["live", "lost", "restarted", "stopped"]);

function malformed(what: string): ProtocolError {
  return new ProtocolError(`the server sent no proper ${what}`, 1007);
}

function integer(map: Mapping, key: string, what: string): number {
  const value = map[key];
  if (typeof value !== "number" || !Number.isInteger(value)) throw malformed(what);
  return value;
}

function text(map: Mapping, key: string, what: string): string {
  const value = map[key];
  if (typeof value !== "string") throw malformed(what);
  return value;
}

export function readGreeting(result: unknown): Greeting {
  const what = "answer to hello";
  if (!isMapping(result)) throw malformed(what);
  const { jt } = result;
  return {
    clientId: text(result, "clientID", what),
    maxMsgSize: integer(result, "maxMsgSize", what) || Number.MAX_SAFE_INTEGER,
    own: isMapping(jt)
      ? {
          epoch: text(jt, "epoch", what),
          resume: text(jt, "resume", what),
          resumed: jt.resumed === true,
          received: integer(jt, "received", what),
          settled: integer(jt, "settled", what),
          got: integer(jt, "got", what),
          calls: Array.isArray(jt.calls) ? jt.calls.map(String) : null,
          packages: readPackages(jt.packages),
        }
      : null,
  };
}

/** As `jupyter_trame/protocol/package_version.py` has it. */
const VERSION = /^[0-9][0-9A-Za-z.+!_-]{0,63}$/;

/** They are told to users, and nothing depends on them: whatever is no version is not known. */
function readPackages(value: unknown): [string, string] {
  const [host, server] = Array.isArray(value) ? (value as unknown[]) : [];
  const known = (one: unknown) => (typeof one === "string" && VERSION.test(one) ? one : "");
  return [known(host), known(server)];
}

export function readSnapshot(result: unknown): { name: string; state: Mapping } {
  if (!isMapping(result) || !isMapping(result.state)) throw malformed("state");
  return { name: String(result.name ?? ""), state: result.state };
}

export function readStatus(result: unknown): StatusEvent {
  if (!isMapping(result) || !STATES.has(String(result.state))) throw malformed("status");
  const state = result.state as StatusEvent["state"];
  return { type: "status", state, message: String(result.message ?? "") };
}

/** An error publication, tolerant: whatever is known of an error is shown. */
export function readError(result: unknown, where = "", message = ""): ServerErrorEvent {
  const map = isMapping(result) ? result : {};
  return {
    type: "error",
    where: String(map.where ?? where),
    message: String(map.message ?? message),
    trace: typeof map.trace === "string" ? map.trace : null,
    time: typeof map.time === "number" ? map.time : Date.now() / 1000,
    ...(map.hint === true ? { hint: true } : {}),
  };
}

/** How far a message brings its reader. */
export interface Mark {
  epoch: string;
  seq: number;
  /** All own writes up to this number are committed; null where the message settles none. */
  settled: number | null;
}

/** `[epoch, seq]` or `[epoch, seq, n]` of a message, if it has them. */
export function readMark(jt: unknown): Mark | null {
  if (!Array.isArray(jt)) return null;
  const [epoch, seq, settled] = jt as unknown[];
  if (typeof epoch !== "string" || typeof seq !== "number") return null;
  return { epoch, seq, settled: Number.isInteger(settled) ? (settled as number) : null };
}

/** Where a part is that could not be read, and why: `at ["a"][3]: ...`. */
function describeLoss({ path, reason }: Loss): string {
  const at = path.map((step) => `[${JSON.stringify(step)}]`).join("");
  return at ? `at ${at}: ${reason}` : reason;
}

/** A result that is not whole is none. */
export function lostResult(losses: readonly Loss[]): ErrorMap {
  const parts = losses.map(describeLoss).join("; ");
  return { code: -32002, message: `the result cannot be read, ${parts}` };
}

export function lostPublication(topic: string, losses: readonly Loss[]): ServerErrorEvent {
  const parts = losses.map(describeLoss).join("; ");
  return readError({ where: topic, message: `a publication cannot be read, ${parts}` });
}

/** Removes the values from `state` that are not whole; what is said of them. */
export function loseValues(state: Mapping, losses: readonly Loss[]): ServerErrorEvent[] {
  const found = new Map<string, string[]>();
  for (const { path, reason } of losses) {
    const [key, ...inner] = path;
    const name = key === undefined ? "" : String(key);
    const parts = found.get(name) ?? [];
    found.set(name, [...parts, describeLoss({ path: inner, reason })]);
  }
  return [...found].map(([key, parts]) => {
    delete state[key];
    const message = `the value of "${key}" cannot be read, ${parts.join("; ")}`;
    return readError({ where: "state", message });
  });
}
