const UNITS: [seconds: number, name: string][] = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];

/** `seconds` in their two largest units: "2 h 5 min". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const first = UNITS.findIndex(([size]) => whole >= size);
  if (first < 0) return "0 s";
  const [size, name] = UNITS[first] as [number, string];
  const large = `${Math.floor(whole / size)} ${name}`;
  const [small, unit] = UNITS[first + 1] ?? [1, ""];
  const rest = Math.floor((whole % size) / small);
  return rest > 0 ? `${large} ${rest} ${unit}` : large;
}

/** "1 session", "2 sessions". */
export function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

const LARGE: [size: number, name: string][] = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e4, "k"],
];

/** A number with `places` decimals, or the two at most that it has; large ones are shortened: "12.35k", "1.5G". */
export function figure(value: number, places?: number): string {
  const digits = Math.min(Math.max(Math.round(places ?? 2), 0), 20);
  const [size, name] = LARGE.find(([size]) => Math.abs(value) >= size) ?? [1, ""];
  const divisor = name === "k" ? 1e3 : size;
  const text = (value / divisor).toFixed(digits);
  return `${places === undefined ? Number(text) : text}${name}`;
}
