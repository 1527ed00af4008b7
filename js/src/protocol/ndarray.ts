/** Extension type of a numpy array: the letter N. */
export const ARRAY_TYPE = 78;

export type ArrayData =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

type ArrayConstructor = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayData;
};

const CONSTRUCTORS: Record<string, ArrayConstructor> = {
  "|b1": Uint8Array,
  "|i1": Int8Array,
  "|u1": Uint8Array,
  "<i2": Int16Array,
  "<u2": Uint16Array,
  "<i4": Int32Array,
  "<u4": Uint32Array,
  "<i8": BigInt64Array,
  "<u8": BigUint64Array,
  "<f4": Float32Array,
  "<f8": Float64Array,
};

/** Times and spans of time, in the unit that the dtype names. */
const TIMES = /^<[Mm]8/;

/** A numpy array: C order. `data` is bytes for a dtype that JavaScript has no array of (`<c16`, `<U5` ...). */
export class NdArray {
  /** numpy's `dtype.str`, such as `<f8`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: ArrayData;

  constructor(dtype: string, shape: readonly number[], data: ArrayData) {
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
  }
}

/** Payload of the extension type, as PROTOCOL.md, "Values", lays it out. */
export function packArray({ dtype, shape, data }: NdArray): Uint8Array {
  const head = 2 + dtype.length + 4 * shape.length;
  const start = head + (-head & 7);
  const bytes = new Uint8Array(start + data.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, dtype.length);
  for (let i = 0; i < dtype.length; i++) view.setUint8(1 + i, dtype.charCodeAt(i));
  view.setUint8(1 + dtype.length, shape.length);
  shape.forEach((size, i) => {
    view.setUint32(2 + dtype.length + 4 * i, size, true);
  });
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return bytes;
}

/** Throws RangeError for bytes that cannot be an array. The data is copied, since it may lie unaligned. */
export function unpackArray(bytes: Uint8Array): NdArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint8(0);
  const dtype = String.fromCharCode(...bytes.subarray(1, 1 + length));
  const ndim = view.getUint8(1 + length);
  const shape = Array.from({ length: ndim }, (_, i) => view.getUint32(2 + length + 4 * i, true));
  const head = 2 + length + 4 * ndim;
  const data = bytes.slice(head + (-head & 7));
  const Data = CONSTRUCTORS[dtype] ?? (TIMES.test(dtype) ? BigInt64Array : undefined);
  if (!Data) return new NdArray(dtype, shape, data);
  const items = shape.reduce((count, size) => count * size, 1);
  if (items * Data.BYTES_PER_ELEMENT !== data.byteLength) {
    throw new RangeError(`${data.byteLength} bytes are no ${dtype} array of shape [${shape}]`);
  }
  return new NdArray(dtype, shape, new Data(data.buffer, 0, items));
}
