const SIGNATURES: [mime: string, offset: number, bytes: number[]][] = [
  ["image/png", 0, [0x89, 0x50, 0x4e, 0x47]],
  ["image/jpeg", 0, [0xff, 0xd8, 0xff]],
  ["image/gif", 0, [0x47, 0x49, 0x46, 0x38]],
  ["image/webp", 8, [0x57, 0x45, 0x42, 0x50]],
  ["image/bmp", 0, [0x42, 0x4d]],
  ["video/mp4", 4, [0x66, 0x74, 0x79, 0x70]],
  ["video/webm", 0, [0x1a, 0x45, 0xdf, 0xa3]],
  ["application/pdf", 0, [0x25, 0x50, 0x44, 0x46]],
  ["image/svg+xml", 0, [0x3c]],
];

const urls = new WeakMap<object, string>();
/** An address keeps its data alive, so it is given up together with the value it was made for. */
const unused = new FinalizationRegistry<string>((url) => URL.revokeObjectURL(url));

/** An address for bytes, the same one for the same array; anything else is given back. */
export function mediaUrl(value: unknown, mime?: string): unknown {
  if (!isBinary(value)) return value;
  const known = urls.get(value);
  if (known) return known;
  const url = URL.createObjectURL(toBlob(value, mime));
  urls.set(value, url);
  unused.register(value, url);
  return url;
}

function isBinary(value: unknown): value is Blob | ArrayBuffer | ArrayBufferView {
  return value instanceof Blob || value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

function toBlob(value: Blob | ArrayBuffer | ArrayBufferView, mime?: string): Blob {
  if (value instanceof Blob) return value;
  const bytes = ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
  return new Blob([bytes as BlobPart], { type: mime ?? sniff(bytes) });
}

function sniff(bytes: Uint8Array): string {
  const found = SIGNATURES.find(([, offset, signature]) =>
    signature.every((byte, index) => bytes[offset + index] === byte),
  );
  return found?.[0] ?? "application/octet-stream";
}
