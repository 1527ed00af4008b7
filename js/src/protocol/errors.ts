/** The other side broke the wire; its connection ends with `closeCode`. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly closeCode: number;

  constructor(message: string, closeCode: number, options?: ErrorOptions) {
    super(message, options);
    this.closeCode = closeCode;
  }
}

/** A value that has no form on the wire. */
export class SerializationError extends Error {
  override readonly name = "SerializationError";
}

/** An error response; `code` is stable (-32601 unknown method, -32001 exception, -32004 no answer can come ...). */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  readonly data: unknown;

  constructor(error: ErrorMap) {
    super(error.message);
    this.code = error.code;
    this.data = error.data;
  }
}

export interface ErrorMap {
  code: number;
  message: string;
  data?: unknown;
}

/** Codes of errors that this side makes: the answer to a call can not come any more. */
export const LINK_ERROR = -32004;
/** Too much waits already: the call was not made. */
export const BUSY_ERROR = -32009;
/** The call was made on the snapshot of another life of the server, and never left. */
export const OUTDATED_ERROR = -32010;
