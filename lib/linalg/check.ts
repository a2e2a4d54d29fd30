import {
  ComplexMatrix,
  describeValue,
  Matrix,
  type RealArray,
  requireComplexMatrix,
  requireFinite,
  requireMatrix,
} from "../arrays/mod.ts";
import { requireSamePrecision } from "../blas/check.ts";

/** Throws unless every entry is finite; `what` reads like "compute the SVD of `a`". @throws {RangeError} */
export function requireFiniteMatrix(what: string, a: Matrix<RealArray> | ComplexMatrix<RealArray>): void {
  const sentence = `Cannot ${what}`;
  if (a instanceof Matrix) return requireFinite(sentence, a.data, a.columns);
  for (let k = 0; k < a.data.length; k++) {
    if (!Number.isFinite(a.data[k])) {
      const entry = k >> 1;
      const part = k % 2 === 0 ? "real" : "imaginary";
      throw new RangeError(
        `${sentence}: the ${part} part of entry (${Math.floor(entry / a.columns)}, ${entry % a.columns}) is ${
          a.data[k]
        }`,
      );
    }
  }
}

/** Throws unless `a` is a matrix, real or complex, that still has its memory. @throws {TypeError} */
export function requireEitherMatrix(name: string, a: Matrix<RealArray> | ComplexMatrix<RealArray>): void {
  if (a instanceof Matrix) requireMatrix(name, a);
  else if (a instanceof ComplexMatrix) requireComplexMatrix(name, a);
  else throw new TypeError(`\`${name}\` must be a Matrix or a ComplexMatrix, got ${describeValue(a)}`);
}

/** A vector as a matrix of one column. @throws {TypeError} if it is not a vector. */
export function asColumn<Data extends RealArray>(b: Data): Matrix<Data> {
  requireVector(b);
  return new Matrix(b.length, 1, b);
}

/** A complex vector as a matrix of one column. @throws {TypeError} if it is not one. */
export function asComplexColumn<Data extends RealArray>(b: Data): ComplexMatrix<Data> {
  requireVector(b);
  if (b.length % 2 !== 0) {
    throw new RangeError(`\`b\` must hold pairs (re, im), got an array of length ${b.length}`);
  }
  return new ComplexMatrix(b.length / 2, 1, b);
}

function requireVector(b: RealArray): void {
  if (b instanceof Float64Array || b instanceof Float32Array) return;
  throw new TypeError(`\`b\` must be a matrix, a Float64Array or a Float32Array, got ${describeValue(b)}`);
}

/** Throws unless `a` is square. @throws {RangeError} */
export function requireSquare(name: string, a: { rows: number; columns: number }): void {
  if (a.rows !== a.columns) {
    throw new RangeError(`\`${name}\` must be square, got ${a.rows} x ${a.columns}`);
  }
}

/** Throws unless `a` is square, finite and symmetric up to rounding. @throws {TypeError | RangeError} */
export function requireSymmetric(name: string, a: Matrix<RealArray>): void {
  requireMatrix(name, a);
  requireSquare(name, a);
  requireFinite(`\`${name}\` must be finite`, a.data, a.columns);
  let largest = 0;
  for (const entry of a.data) largest = Math.max(largest, Math.abs(entry));
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < i; j++) {
      const [below, above] = [a.get(i, j), a.get(j, i)];
      if (Math.abs(below - above) <= 1e-12 * largest) continue;
      throw new RangeError(
        `\`${name}\` must be symmetric, got ${below} at (${i}, ${j}) and ${above} at (${j}, ${i})`,
      );
    }
  }
}

/** Throws unless `a` has as many rows as `b`, and its precision. @throws {RangeError | TypeError} */
export function requireSameRows(
  name: string,
  a: Matrix<RealArray>,
  other: string,
  b: Matrix<RealArray>,
): void {
  requireSamePrecision(name, a.data, other, b.data);
  if (a.rows !== b.rows) {
    throw new RangeError(`\`${name}\` must have ${b.rows} rows as \`${other}\` has, got ${a.rows}`);
  }
}
