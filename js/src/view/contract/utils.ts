import { toRaw } from "vue";
import { NdArray } from "../../protocol";
import { mediaUrl } from "../guard/media";

/** `trame.utils`: a plain object that packages extend; `vtk` exists before they are installed. */
export interface Utils {
  /** Text, bytes, a Blob or an array as they are, anything else as JSON; or a promise of it. */
  download(filename: string, content: unknown, mime?: string): Promise<void>;
  get(path: string, root?: unknown): unknown;
  safe(value: unknown): unknown;
  tree(value: unknown): TreeNode[];
  /** An address for binary data (`img :src`); anything else is given back. */
  url(value: unknown, mime?: string): unknown;
  vtk: Record<string, unknown>;
  fmt: {
    /** `steps`: how many of a unit make the next one; a list where they differ. */
    number(value: number, units: string[], steps?: number | number[], fixed?: number): string;
    bytes(value: number, fixed?: number): string;
  };
  [name: string]: unknown;
}

export interface TreeNode {
  id: string;
  name: string;
  children?: TreeNode[];
}

const BYTES = ["B", "KB", "MB", "GB", "TB", "PB"];

export function createUtils(): Utils {
  return {
    download,
    get,
    safe,
    tree: (value) => tree(value, ""),
    url: mediaUrl,
    vtk: { event: vtkEvent },
    fmt: { number, bytes: (value, fixed = 2) => number(value, BYTES, 1024, fixed) },
  };
}

async function download(
  filename: string,
  content: unknown,
  mime = "application/octet-stream",
): Promise<void> {
  const data = toRaw(await content);
  if (data === null || data === undefined)
    throw new Error(`there is nothing to save as ${filename}`);
  const blob = data instanceof Blob ? data : new Blob([partOf(data)], { type: mime });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = filename;
  link.click();
  // Firefox reads the address after the click returned.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function partOf(data: unknown): BlobPart {
  if (data instanceof NdArray) return data.data as BlobPart;
  const isBytes = ArrayBuffer.isView(data) || data instanceof ArrayBuffer;
  if (typeof data === "string" || isBytes) return data as BlobPart;
  return JSON.stringify(safe(data), null, 2);
}

/** `"path.to.x"`, or `"path.fn()"` for the result of a call. */
function get(path: string, root: unknown = window): unknown {
  let current: unknown = root;
  for (const part of path.split(".")) {
    if (current === null || current === undefined) return undefined;
    const call = part.endsWith("()");
    const holder = current as Record<string, unknown>;
    const member = holder[call ? part.slice(0, -2) : part];
    current = call && typeof member === "function" ? member.call(holder) : member;
  }
  return current;
}

/** A copy that JSON can hold: functions, cycles and elements are left out. */
function safe(value: unknown): unknown {
  const seen = new WeakSet<object>();
  const copy = (item: unknown): unknown => {
    const raw = toRaw(item);
    if (typeof raw === "function" || typeof raw === "symbol") return undefined;
    if (typeof raw === "bigint") return raw.toString();
    if (typeof raw !== "object" || raw === null) return raw;
    if (seen.has(raw) || raw instanceof Node || raw === window) return undefined;
    seen.add(raw);
    if (raw instanceof Date) return raw;
    if (Array.isArray(raw)) return raw.map(copy);
    if (ArrayBuffer.isView(raw)) return Array.from(raw as Uint8Array);
    return Object.fromEntries(
      Object.entries(raw)
        .map(([key, member]) => [key, copy(member)] as const)
        .filter(([, member]) => member !== undefined),
    );
  };
  return copy(value);
}

/** Ids are positions, so that a tree stays open where its values change. */
function tree(value: unknown, id: string): TreeNode[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).map(([key, member], index) => {
    const name = Array.isArray(value) ? label(member) : `${key}: ${label(member)}`;
    const node = { id: `${id}_${index}`, name };
    const children = tree(member, node.id);
    return children.length > 0 ? { ...node, children } : node;
  });
}

function label(value: unknown): string {
  if (Array.isArray(value)) return "[]";
  return Object.prototype.toString.call(value) === "[object Object]" ? "{}" : String(value);
}

const VTK_EVENT = [
  "type",
  "key",
  "keyCode",
  "controlKey",
  "altKey",
  "shiftKey",
  "position",
  "spinX",
  "spinY",
  "pixelX",
  "pixelY",
];

function vtkEvent(event: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    VTK_EVENT.filter((key) => event[key] !== undefined).map((key) => [key, event[key]]),
  );
}

function number(
  value: number,
  units: string[],
  steps: number | number[] = 1000,
  fixed = 2,
): string {
  let scaled = value;
  let unit = 0;
  const step = () => (Array.isArray(steps) ? (steps[unit] ?? Number.POSITIVE_INFINITY) : steps);
  while (Math.abs(scaled) >= step() && unit < units.length - 1) {
    scaled /= step();
    unit += 1;
  }
  return `${scaled.toFixed(fixed)} ${units[unit] ?? ""}`.trim();
}
