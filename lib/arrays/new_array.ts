import type { RealArray } from "./matrix.ts";

/** Zeros, or an error that tells how much memory would be needed. @throws {RangeError} */
export function newArray(isSingle: boolean, length: number): RealArray {
  try {
    return isSingle ? new Float32Array(length) : new Float64Array(length);
  } catch {
    const gigabytes = (length * (isSingle ? 4 : 8) / 1e9).toPrecision(3);
    throw new RangeError(`Cannot allocate ${length} numbers: they need ${gigabytes} GB`);
  }
}
