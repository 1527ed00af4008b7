import { DOCTOR, FORCE_PUSH, REACH, UPLOAD_PIECE } from "../protocol/names";

/** Of a file it is the bar that tells: its pieces are many, and a busy loop takes them. Others are a view's questions. */
const UNCOUNTED = new Set([UPLOAD_PIECE, REACH, DOCTOR]);

/** Whether a call is one that a user may wait for. That of no keys asks whether the server's loop turns. */
export function countsAsWaiting(method: string, args: readonly unknown[]): boolean {
  return !UNCOUNTED.has(method) && !(method === FORCE_PUSH && args.length === 0);
}
