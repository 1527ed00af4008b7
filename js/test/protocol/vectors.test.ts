import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import {
  Assembler,
  type Changes,
  ClientSession,
  NdArray,
  type Packed,
  pack,
  type SessionEvent,
  split,
  unpack,
} from "../../src/protocol";
import { CommBuffers, carried } from "../../src/transports";
import type { Carried } from "../../src/transports/comm-buffers";

const FOLDER = resolve(import.meta.dirname, "../../../tests/vectors");

function read<Case>(file: string): Case[] {
  return JSON.parse(readFileSync(resolve(FOLDER, file), "utf8")) as Case[];
}

const bytes = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");

interface TaggedArray {
  dtype: string;
  shape: number[];
  data: string;
}

/** Values with JSON's gaps filled, as tests/vectors/README.md tags them. */
function untag(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(untag);
  const map = value as Record<string, unknown>;
  if ("$bytes" in map) return bytes(String(map.$bytes));
  if ("$bigint" in map) return BigInt(String(map.$bigint));
  if ("$float" in map) return Number(String(map.$float).replace("inf", "Infinity"));
  if ("$array" in map) {
    const { dtype, shape, data } = map.$array as TaggedArray;
    return new NdArray(dtype, shape, bytes(data));
  }
  if ("$timestamp" in map) {
    const [seconds, nanoseconds] = map.$timestamp as [number, number];
    return new Date(seconds * 1000 + nanoseconds / 1e6);
  }
  return Object.fromEntries(Object.entries(map).map(([key, member]) => [key, untag(member)]));
}

/** Typed data as its bytes, so that arrays compare by dtype, shape and content. */
function plainArrays(value: unknown): unknown {
  if (!(value instanceof NdArray)) return value;
  const { buffer, byteOffset, byteLength } = value.data;
  return { ...value, data: hex(new Uint8Array(buffer, byteOffset, byteLength)) };
}

interface ChunkCase {
  name: string;
  payload: string;
  id: number;
  limit: number;
  frames: string[];
}

describe("chunks.json", () => {
  it.each(read<ChunkCase>("chunks.json"))("$name", ({ payload, id, limit, frames }) => {
    expect(split(bytes(payload), id, limit).map(hex)).toEqual(frames);
    const assembler = new Assembler(1000);
    const payloads = frames.map((frame) => assembler.feed(bytes(frame))).filter((it) => it);
    expect(payloads.map((it) => hex(it as Uint8Array))).toEqual(frames.length ? [payload] : []);
  });
});

interface StreamCase {
  name: string;
  limit: number;
  incomplete: number;
  frames: string[];
  whole: string[];
  closes: number | null;
}

describe("streams.json", () => {
  it.each(read<StreamCase>("streams.json"))("$name", (stream) => {
    const assembler = new Assembler(stream.limit, stream.incomplete);
    const whole: string[] = [];
    const feed = () => {
      for (const frame of stream.frames) {
        const payload = assembler.feed(bytes(frame));
        if (payload) whole.push(hex(payload));
      }
    };
    if (stream.closes === null) feed();
    else expect(feed).toThrow(expect.objectContaining({ closeCode: stream.closes }));
    expect(whole).toEqual(stream.whole);
  });
});

interface CommCase {
  name: string;
  frames: string[];
  content: Carried;
  buffers: string[];
}

describe("comm.json", () => {
  it.each(read<CommCase>("comm.json"))("$name", ({ frames, content, buffers }) => {
    const path = new CommBuffers(content.text === undefined);
    const [text, carrying] = path.carry(frames.map((frame) => bytes(frame).slice().buffer));
    expect(text).toEqual(content);
    expect(carrying.map((buffer) => hex(new Uint8Array(buffer)))).toEqual(buffers);
    const views = buffers.map((buffer) => new DataView(bytes(buffer).slice().buffer));
    expect(carried(content, views).map(hex)).toEqual(frames);
  });
});

interface ValueCase {
  name: string;
  value: unknown;
  packed: string;
  decodeOnly?: boolean;
}

describe.each(["values.json", "envelopes.json"])("%s", (file) => {
  it.each(read<ValueCase>(file))("$name", ({ value, packed, decodeOnly }) => {
    const expected = untag(value);
    expect(plainArrays(unpack(bytes(packed)))).toEqual(plainArrays(expected));
    if (!decodeOnly && file === "values.json") expect(hex(pack(expected))).toBe(packed);
  });
});

interface Step {
  do: "connected" | "disconnected" | "leave" | "write" | "call" | "receive";
  payload?: string;
  changes?: Changes;
  method?: string;
  args?: unknown[];
  sends: unknown[];
  events: unknown[];
  pending: Record<string, number>;
  seq: number;
}

/** Events under the names that the vectors have, without what only this side adds. */
function named(event: SessionEvent): unknown {
  switch (event.type) {
    case "ready":
      return { event: "Ready", resumed: event.resumed, name: event.name };
    case "state":
      return { event: "StateChanged", changes: event.changes, snapshot: event.snapshot };
    case "settled":
      return { event: "Settled", number: event.number };
    case "reply":
      return { event: "Replied", id: event.id, result: event.result ?? null, error: event.error };
    case "publish":
      return { event: "Published", topic: event.topic, data: event.data };
    case "status":
      return { event: "StatusChanged", state: event.state, message: event.message };
    case "dropped":
      return { event: "WritesDropped", keys: event.keys };
    case "refused":
      return { event: "Refused", error: event.error };
    default:
      return event;
  }
}

function perform(session: ClientSession, step: Step): [Packed[], SessionEvent[]] {
  switch (step.do) {
    case "connected":
      return [session.connected(), []];
    case "disconnected":
      session.disconnected();
      return [[], []];
    case "leave":
      return [session.leave(), []];
    case "write":
      return [session.write(untag(step.changes) as Changes), []];
    case "call":
      return [session.call(step.method ?? "", step.args).frames, []];
    case "receive": {
      const events = split(bytes(step.payload ?? ""), 1, 1 << 20).flatMap((frame) =>
        session.receive(frame),
      );
      return [session.takeOutput(), events];
    }
  }
}

describe("sessions.json", () => {
  it.each(read<{ name: string; steps: Step[] }>("sessions.json"))("$name", ({ steps }) => {
    const session = new ClientSession({ secret: "s" });
    for (const step of steps) {
      const [frames, events] = perform(session, step);
      const assembler = new Assembler(1 << 20);
      const sent = frames.map((frame) => unpack(assembler.feed(frame) as Uint8Array));
      expect(sent).toEqual(untag(step.sends));
      expect(events.map(named)).toEqual(untag(step.events));
      expect(Object.fromEntries(session.pending)).toEqual(step.pending);
      expect(session.seq).toBe(step.seq);
    }
  });
});
