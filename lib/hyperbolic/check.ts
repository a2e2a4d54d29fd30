import {
  type Matrix,
  type RealArray,
  requireLength,
  requireMatrix,
  requireNumber,
  requireNumbers,
} from "../arrays/mod.ts";

/** Throws unless `c` is positive and finite; the curvature is -c. @throws {TypeError | RangeError} */
export function requireCurvature(name: string, c: number): number {
  return requireNumber(name, c, { above: 0 });
}

/** Throws unless all are vectors of one length. @throws {TypeError | RangeError} */
export function requireVectors(vectors: Record<string, ArrayLike<number>>): void {
  let length: number | undefined;
  for (const [name, vector] of Object.entries(vectors)) {
    requireNumbers(name, vector, { finite: true });
    length ??= vector.length;
    requireLength(name, vector, length);
  }
}

/**
 * Throws unless `u` is a matrix with `columns` columns, of the precision of `like`. @throws {TypeError |
 * RangeError}
 */
export function requireColumns(
  name: string,
  u: Matrix<RealArray>,
  columns: number,
  like: Matrix<RealArray> = u,
): void {
  requireMatrix(name, u);
  if (u.columns !== columns) {
    throw new RangeError(`\`${name}\` must have ${columns} columns, got ${u.columns}`);
  }
  requirePrecision(name, u, like);
}

/** Throws unless the matrix has the precision of `like`. @throws {TypeError} */
export function requirePrecision(name: string, u: Matrix<RealArray>, like: Matrix<RealArray>): void {
  if (u.dtype !== like.dtype) {
    throw new TypeError(`\`${name}\` must be of precision ${like.dtype}, got ${u.dtype}`);
  }
}
