import { requireFinite, requireInstance, requireLength, requireRealArray } from "../arrays/mod.ts";
import { CsrMatrix } from "./csr_matrix.ts";

/** @throws {TypeError | RangeError} unless the array has float64 numbers and that length. */
export function requireVector(name: string, x: Float64Array, length: number): void {
  requireRealArray(name, x, "float64");
  requireLength(name, x, length);
}

/** @throws {TypeError} unless it is a {@linkcode CsrMatrix}. @throws {RangeError} unless it is square. */
export function requireSquareCsr(name: string, a: CsrMatrix): void {
  requireInstance(name, a, CsrMatrix);
  if (a.rows !== a.columns) throw new RangeError(`\`${name}\` must be square, got ${a.rows} x ${a.columns}`);
  requireFinite(`\`${name}\``, a.values);
}
