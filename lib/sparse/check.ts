import {
  describeValue,
  requireFinite,
  requireInstance,
  requireLength,
  requireNumber,
  requireRealArray,
} from "../arrays/mod.ts";
import { CsrMatrix } from "./csr_matrix.ts";
import { FivePointStencil } from "./five_point_stencil.ts";

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

/** A square matrix that the solvers take. */
export type SquareMatrix = CsrMatrix | FivePointStencil;

/**
 * Checks a matrix for a method that divides by its diagonal, and returns its order.
 *
 * @throws {TypeError} unless it is a {@linkcode CsrMatrix} or a {@linkcode FivePointStencil}.
 * @throws {RangeError} unless it is square with a positive diagonal.
 */
export function requirePositiveDiagonal(name: string, a: SquareMatrix): number {
  if (a instanceof FivePointStencil) {
    if (a.centre > 0) return a.order;
    throw new RangeError(`\`${name}\` must have a positive diagonal, got ${a.centre}`);
  }
  if (!(a instanceof CsrMatrix)) {
    throw new TypeError(`\`${name}\` must be a CsrMatrix or a FivePointStencil, got ${describeValue(a)}`);
  }
  requireSquareCsr(name, a);
  if (a.rows === 0) throw new RangeError(`\`${name}\` must have at least one row, got 0`);
  const diagonal = a.diagonal();
  const bad = diagonal.findIndex((entry) => !(entry > 0));
  if (bad !== -1) {
    throw new RangeError(`\`${name}\` must have a positive diagonal, got ${diagonal[bad]} in row ${bad}`);
  }
  return a.rows;
}

/** Checks the relaxation parameter of SOR and SSOR. @throws {RangeError} unless it lies in (0, 2). */
export function requireOmega(name: string, omega: number): void {
  requireNumber(name, omega, { above: 0, below: 2 });
}

/** Where each row's diagonal entry is in `values`; all of them must be there. */
export function diagonalPlaces(a: CsrMatrix): Int32Array {
  const places = new Int32Array(a.rows);
  for (let i = 0; i < a.rows; i++) {
    places[i] = a.rowPointers[i];
    while (a.columnIndices[places[i]] < i) places[i]++;
  }
  return places;
}
