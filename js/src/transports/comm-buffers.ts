import { fromBase64, toBase64 } from "./base64";

/** What a message of a model brings, or takes along. */
export interface Carried {
  /** Of a message whose bytes travel as base64: one for each buffer that it would have. */
  text?: string[] | undefined;
}

/** No text in any encoding: who takes a message for text loses it, or his connection. */
const PROBE = Uint8Array.of(0, 255, ...new TextEncoder().encode(" jupyter_trame"));

/**
 * Whether bytes pass between a page and its kernel as buffers of messages; else they travel as base64.
 *
 * On the way through a Jupyter server to a gateway a buffer ends the connection between the two. So nothing that has one
 * is sent to a kernel which knows that it is behind a gateway. Where it does not know, a message of the page with a
 * buffer goes first, and the kernel sends none before that arrived.
 */
export class CommBuffers {
  /** null while it is not known. */
  pass: boolean | null;
  /** Whether the kernel answers the message that opens a connection; one of an older version does not. */
  readonly answers: boolean;

  /** `told`: what the model says of its kernel; undefined for one of an older version, which knows no text. */
  constructor(told: unknown) {
    this.answers = typeof told === "boolean";
    this.pass = this.answers ? (told === false ? false : null) : true;
  }

  /** What is to be sent so that `buffers` arrive. */
  carry(buffers: ArrayBuffer[]): [Carried, ArrayBuffer[]] {
    if (this.pass !== false) return [{}, buffers];
    return [{ text: buffers.map((buffer) => toBase64(new Uint8Array(buffer))) }, []];
  }
}

export function probe(): ArrayBuffer {
  return PROBE.slice().buffer;
}

/** Whether the answer to a probe has what was sent. */
export function isProbe(buffers: readonly DataView[]): boolean {
  const [bytes, ...more] = carried({}, buffers);
  return (
    more.length === 0 &&
    bytes?.length === PROBE.length &&
    PROBE.every((byte, i) => byte === bytes[i])
  );
}

/** The bytes of a message that came. Throws for text that is no base64. */
export function carried({ text }: Carried, buffers: readonly DataView[]): Uint8Array[] {
  if (Array.isArray(text)) return text.map(fromBase64);
  return buffers.map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
}
