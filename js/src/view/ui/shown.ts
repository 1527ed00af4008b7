import { asText } from "./texts";

/** The entry that says what kind of thing a map is (`jupyter_trame/showing/kinds.py`). */
const SHOWN = "trame__shown";

/** Said in place of what only a later client can show. */
export const TOO_OLD =
  "This page is older than the jupyter-trame of the kernel: reload it, or run pip install -U jupyter-trame where Jupyter runs.";

/** What an output shows. */
export type Shown =
  | { kind: "picture"; data: unknown; width?: number; height?: number; alt: string }
  | { kind: "text"; text: string; isCode: boolean }
  | { kind: "html" | "page"; html: string }
  | { kind: "markdown"; source: string }
  | { kind: "plot"; library: string; figure: string }
  | { kind: "chart"; spec: string }
  | { kind: "widget"; model: string };

/** How a value of the state is shown; null for nothing. What is of no known form is shown as its text. */
export function readShown(value: unknown): Shown | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return { kind: "text", text: value, isCode: false };
  if (ArrayBuffer.isView(value) || value instanceof Blob)
    return { kind: "picture", data: value, alt: "" };
  const known = typeof value === "object" ? ofMap(value as Record<string, unknown>) : null;
  return known ?? { kind: "text", text: asText(value), isCode: true };
}

function ofMap(map: Record<string, unknown>): Shown | null {
  const text = (name: string): string => (typeof map[name] === "string" ? map[name] : "");
  switch (map[SHOWN]) {
    case "picture":
      return { kind: "picture", data: map.data, alt: text("alt"), ...sizeOf(map) };
    case "text":
      return { kind: "text", text: text("text"), isCode: true };
    case "html":
      return { kind: "html", html: text("html") };
    case "page":
      return { kind: "page", html: text("html") };
    case "markdown":
      return { kind: "markdown", source: text("source") };
    case "plot":
      return { kind: "plot", library: text("library"), figure: text("figure") };
    case "chart":
      return { kind: "chart", spec: text("spec") };
    case "widget":
      return { kind: "widget", model: text("model") };
    default:
      return typeof map[SHOWN] === "string" ? { kind: "text", text: TOO_OLD, isCode: false } : null;
  }
}

function sizeOf({ width, height }: Record<string, unknown>): { width?: number; height?: number } {
  return typeof width === "number" && typeof height === "number" ? { width, height } : {};
}
