import { isActive, isDrawing } from "./addresses";

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
const unused = new FinalizationRegistry<string>(revokeUrl);
/** Addresses of what may run scripts when it is opened as a page: it would be one of the page's own origin. */
const documents = new Set<string>();

/** Whether an address was made here for a document that may run scripts. */
export function isDocumentUrl(url: string): boolean {
  return documents.size > 0 && documents.has(url.split("#", 1)[0] ?? "");
}

/** An address for the bytes of a file; `revokeUrl` gives it up. */
export function objectUrl(bytes: Uint8Array, type: string): string {
  // Of an origin of its own, wherever it is opened; browsers open none as a page.
  if (isDrawing(type)) return dataAddress({ bytes, type });
  return blobUrl(new Blob([bytes as BlobPart], { type }));
}

export function revokeUrl(url: string): void {
  documents.delete(url);
  URL.revokeObjectURL(url);
}

function blobUrl(blob: Blob): string {
  const url = URL.createObjectURL(blob);
  if (isActive(blob.type)) documents.add(url);
  return url;
}

/** An address that needs no request and no permission for blobs. */
export function dataAddress({ bytes, type }: { bytes: Uint8Array; type: string }): string {
  let binary = "";
  const step = 1 << 15;
  for (let start = 0; start < bytes.length; start += step) {
    binary += String.fromCharCode(...bytes.subarray(start, start + step));
  }
  return `data:${type || "application/octet-stream"};base64,${btoa(binary)}`;
}

/** An address for bytes, the same one for the same array; anything else is given back. */
export function mediaUrl(value: unknown, mime?: string): unknown {
  if (!isBinary(value)) return value;
  const known = urls.get(value);
  if (known) return known;
  const url = value instanceof Blob ? blobUrl(value) : addressOf(value, mime);
  urls.set(value, url);
  unused.register(value, url);
  return url;
}

function isBinary(value: unknown): value is Blob | ArrayBuffer | ArrayBufferView {
  return value instanceof Blob || value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

function addressOf(value: ArrayBuffer | ArrayBufferView, mime?: string): string {
  const bytes = ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
  return objectUrl(bytes, mime ?? sniff(bytes));
}

function sniff(bytes: Uint8Array): string {
  const found = SIGNATURES.find(([, offset, signature]) =>
    signature.every((byte, index) => bytes[offset + index] === byte),
  );
  return found?.[0] ?? "application/octet-stream";
}
