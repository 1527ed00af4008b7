/** Bytes of one call: an engine's stack holds no more arguments. */
const STEP = 0x8000;

/** Bytes as text that every JSON message takes. */
export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += STEP) {
    parts.push(String.fromCharCode(...bytes.subarray(start, start + STEP)));
  }
  return btoa(parts.join(""));
}

/** Throws for what is no base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
