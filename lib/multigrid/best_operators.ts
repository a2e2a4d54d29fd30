import { Matrix, requireFinite, requireInteger, requireMatrix } from "../arrays/mod.ts";
import { sumOfSquares } from "../blas/mod.ts";
import { svd } from "../linalg/mod.ts";

/**
 * The inverse of the tridiagonal matrix -1, 2, -1: Green's function of `-u'' = f` on n interior points with
 * zero boundary values, in units in which the mesh size is 1. Entry (i, j) is `(i + 1) (n - j) / (n + 1)` for
 * i <= j.
 *
 * @throws {RangeError} if `n` is not an integer from 1 to 8191.
 *
 * @example
 * ```ts
 * import { poissonGreen } from "refigure/multigrid";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(poissonGreen(3).times(4).toRows(), [[3, 2, 1], [2, 4, 2], [1, 2, 3]]);
 * ```
 */
export function poissonGreen(n: number): Matrix {
  requireInteger("n", n, { min: 1, max: 8191 });
  return Matrix.from(n, n, (i, j) => (Math.min(i, j) + 1) * (n - Math.max(i, j)) / (n + 1));
}

/** The best approximation of a matrix in a family. */
export interface BestOperator {
  /** The approximation. */
  matrix: Matrix;
  /** Frobenius norm of the difference over that of the matrix. */
  error: number;
  /** Numbers that describe a member of the family. */
  parameters: number;
}

/**
 * The circulant matrix that is nearest to a square one in the Frobenius norm: all that a single periodic
 * convolution, or Fourier multiplier, can express. Its n entries are means over wrapped diagonals.
 *
 * @throws {RangeError} if the matrix is not square, or an entry is not finite.
 * @throws {TypeError} if it is not a matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { bestCirculant } from "refigure/multigrid";
 * import { assertEquals } from "@std/assert";
 *
 * const { matrix, parameters } = bestCirculant(Matrix.fromRows([[1, 4], [0, 3]]));
 * assertEquals(matrix.toRows(), [[2, 2], [2, 2]]);
 * assertEquals(parameters, 2);
 * ```
 */
export function bestCirculant(g: Matrix): BestOperator {
  return bestConstantOnClasses(g, (i, j, n) => (i - j + n) % n, (n) => n);
}

/**
 * The Toeplitz matrix that is nearest to a square one in the Frobenius norm: all that a single convolution
 * with zero padding can express. Its 2n - 1 entries are means over diagonals.
 *
 * @throws {RangeError} if the matrix is not square, or an entry is not finite.
 * @throws {TypeError} if it is not a matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { bestToeplitz } from "refigure/multigrid";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(bestToeplitz(Matrix.fromRows([[1, 4], [0, 3]])).matrix.toRows(), [[2, 4], [0, 2]]);
 * ```
 */
export function bestToeplitz(g: Matrix): BestOperator {
  return bestConstantOnClasses(g, (i, j, n) => i - j + n - 1, (n) => Math.max(0, 2 * n - 1));
}

/**
 * The matrix of a rank that is nearest in the Frobenius norm, by the singular value decomposition (Eckart &
 * Young 1936). Two factors describe it: (rows + columns) times the rank numbers.
 *
 * @param g Any matrix.
 * @param rank At most the smaller of its sizes.
 * @throws {RangeError} if the rank is out of range, or an entry is not finite.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { bestRank } from "refigure/multigrid";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(bestRank(Matrix.diagonal([4, 3]), 1).error, 3 / 5);
 * ```
 */
export function bestRank(g: Matrix, rank: number): BestOperator {
  requireMatrix("g", g);
  requireInteger("rank", rank, { max: Math.min(g.rows, g.columns) });
  const { u, s, vt } = svd(g);
  const matrix = Matrix.from(g.rows, g.columns, (i, j) => {
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += u.get(i, k) * s[k] * vt.get(k, j);
    return sum;
  });
  return { matrix, error: relativeError(matrix, g), parameters: rank * (g.rows + g.columns) };
}

function bestConstantOnClasses(
  g: Matrix,
  classOf: (i: number, j: number, n: number) => number,
  classes: (n: number) => number,
): BestOperator {
  requireMatrix("g", g);
  if (g.rows !== g.columns) throw new RangeError(`\`g\` must be square, got ${g.rows} x ${g.columns}`);
  requireFinite("Cannot approximate `g`", g.data, g.columns);
  const n = g.rows;
  const sums = new Float64Array(classes(n));
  const counts = new Float64Array(classes(n));
  g.data.forEach((value, k) => {
    const at = classOf(Math.floor(k / n), k % n, n);
    sums[at] += value;
    counts[at]++;
  });
  const matrix = Matrix.from(n, n, (i, j) => {
    const at = classOf(i, j, n);
    return sums[at] / counts[at];
  });
  return { matrix, error: relativeError(matrix, g), parameters: classes(n) };
}

/** |a - b| / |b|; the error of zero for zero is zero. */
function relativeError(a: Matrix, b: Matrix): number {
  const size = sumOfSquares(b.data);
  return size > 0 ? Math.sqrt(sumOfSquares(a.minus(b).data) / size) : 0;
}
