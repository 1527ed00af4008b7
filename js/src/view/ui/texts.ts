/** Any value of the state as text: any client may have written it, and some objects are none by themselves. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  const whole = (_: string, one: unknown) => (typeof one === "bigint" ? String(one) : one);
  return JSON.stringify(value, whole, 2) ?? "";
}
