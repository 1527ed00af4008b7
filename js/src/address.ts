/** What the address of a page says, as trame's client understands it. */
export type Config = Record<string, unknown>;

/** Read by the client itself, so they do not stay in the address bar. */
const CONSUMED = ["sessionURL", "sessionManagerURL", "secret", "application", "remove"];
const WORDS: Record<string, unknown> = { true: true, false: false, null: null, undefined };

/** The parameters of an address; values that look like a number, a word of JavaScript or a list are one. */
export function readConfig(search: string): Config {
  const found = new Map<string, unknown>();
  for (const part of search.replace(/^\?/, "").split("&")) {
    if (!part) continue;
    const [name = "", ...rest] = part.split("=");
    found.set(decode(name), rest.length === 0 ? true : typed(decode(rest.join("="))));
  }
  // As properties of its own, whatever their names.
  return Object.fromEntries(found);
}

function typed(text: string): unknown {
  if (Object.hasOwn(WORDS, text)) return WORDS[text];
  if (text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  if (text.startsWith("[") && text.endsWith("]")) {
    const inner = text.slice(1, -1).trim();
    return inner === "" ? [] : inner.split(",").map((item) => typed(item.trim()));
  }
  return text;
}

function decode(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

/** The address without what was for the client alone, and without the names in `remove`. */
export function cleanAddress(address: URL, { remove }: Config): URL {
  const listed = Array.isArray(remove) ? remove : String(remove ?? "").split(",");
  const gone = new Set([...CONSUMED, ...listed.map((name) => String(name).trim())]);
  const kept = address.search
    .slice(1)
    .split("&")
    .filter((part) => part && !gone.has(decode(part.split("=")[0] ?? "")));
  const clean = new URL(address);
  clean.search = kept.join("&");
  return clean;
}
