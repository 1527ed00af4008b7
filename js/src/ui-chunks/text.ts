/** A value as indented JSON. */
export function written(value: unknown): string {
  return JSON.stringify(value, plain, 2) ?? "null";
}

/** A value as text: any client may have put something else into the key. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? written(value) : String(value);
}

/** What JSON has no form for is described. */
function plain(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return ArrayBuffer.isView(value) ? `(${value.byteLength} bytes)` : value;
}
