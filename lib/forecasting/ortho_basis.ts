import {
  Matrix,
  type RealArray,
  requireBoolean,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOptions,
  requireSameShape,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { eigh } from "../linalg/mod.ts";

/** An orthonormal basis that diagonalizes a correlation matrix. */
export interface OrthoBasis {
  /** n x n: one basis vector per row, by descending eigenvalue. */
  basis: Matrix;
  /** Eigenvalues, descending. */
  eigenvalues: Float64Array;
}

/**
 * The basis of OrthoTrans (Yue et al. 2025, section 4.1): eigenvectors of a temporal correlation matrix as rows, by
 * descending eigenvalue, so that `basis correlation basis^T` is diagonal. The sign of a row is such that its largest
 * entry is positive, the first one of entries of the same size.
 *
 * @param correlation A symmetric n x n matrix, such as of `windowCorrelation`. Only the lower triangle is read.
 * @returns Basis and eigenvalues.
 * @throws {RangeError} if the matrix is not square, or an entry is not finite.
 * @throws {TypeError} if it is not a matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { orthoBasis } from "refigure/forecasting";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { basis, eigenvalues } = orthoBasis(Matrix.fromRows([[1, 0.3], [0.3, 1]]));
 * assertAlmostEquals(eigenvalues[0], 1.3);
 * assertAlmostEquals(basis.get(1, 0), Math.SQRT1_2);
 * assertAlmostEquals(basis.get(1, 1), -Math.SQRT1_2);
 * ```
 */
export function orthoBasis(correlation: Matrix): OrthoBasis {
  const { values, vectors } = eigh(requireMatrix("correlation", correlation));
  const n = values.length;
  const basis = Matrix.from(n, n, (i, j) => vectors.data[j * n + n - 1 - i]);
  for (let i = 0; i < n; i++) {
    const row = basis.row(i);
    const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    // Rows of a centrosymmetric matrix have pairs of entries of one size, which rounding tells apart.
    const lead = row.find((value) => Math.abs(value) > largest * (1 - 1e-8))!;
    if (lead < 0) { for (let j = 0; j < n; j++) row[j] = -row[j]; }
  }
  return { basis, eigenvalues: values.toReversed() };
}

/** Options of {@linkcode orthoTransform}. */
export interface OrthoTransformOptions {
  /** From coefficients back to values. Default false. */
  inverse?: boolean;
}

/**
 * Windows in an orthonormal basis, `z = basis x`, or back, `x = basis^T z`.
 *
 * @param windows One window per row, m x n.
 * @param basis n x n, one basis vector per row.
 * @param options The direction.
 * @returns m x n.
 * @throws {RangeError} if the basis is not square or of another size than the windows.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { dctBasis, orthoTransform } from "refigure/forecasting";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const z = orthoTransform(Matrix.fromRows([[1, 1, 1, 1]]), dctBasis(4));
 * assertAlmostEquals(z.get(0, 0), 2);
 * assertAlmostEquals(orthoTransform(z, dctBasis(4), { inverse: true }).get(0, 3), 1);
 * ```
 */
export function orthoTransform<Data extends RealArray>(
  windows: Matrix<Data>,
  basis: Matrix<Data>,
  options: OrthoTransformOptions = {},
): Matrix<Data> {
  requireMatrix("windows", windows);
  requireOptions("options", options, ["inverse"]);
  const { inverse = false } = options;
  requireBoolean("inverse", inverse);
  requireBasis("basis", basis, windows.columns);
  return matmul(windows, basis, { transposeB: !inverse });
}

/** Returns `basis` if it is a n x n matrix. @throws {RangeError | TypeError} */
export function requireBasis<Data extends RealArray>(
  name: string,
  basis: Matrix<Data>,
  n: number,
): Matrix<Data> {
  requireSameShape(name, requireMatrix(name, basis), { rows: n, columns: n });
  return basis;
}

/** How well a basis concentrates and decorrelates windows. */
export interface EnergyCompaction {
  /** Variance of each coefficient, the diagonal of `basis correlation basis^T`. */
  variances: Float64Array;
  /** Entry k - 1: share of the variance in the k coefficients of largest variance. */
  cumulative: Float64Array;
  /** Frobenius norm of the off-diagonal part of `basis correlation basis^T` over that of the whole. */
  offDiagonalRatio: number;
  /** Arithmetic over geometric mean of the variances, in dB; infinite if a variance is zero. */
  codingGainDb: number;
}

/**
 * How well a basis concentrates and decorrelates: for every k no orthonormal basis has a larger share of the variance
 * in k coefficients than the eigenvectors of the correlation (Schur-Horn), which also leave no correlation.
 *
 * @param basis n x n, orthonormal, one basis vector per row.
 * @param correlation n x n, symmetric.
 * @returns Variances, their cumulative share, what is left off the diagonal, coding gain.
 * @throws {RangeError} if the sizes do not fit, or n is 0.
 * @throws {TypeError} if an argument is not a matrix.
 *
 * @example
 * ```ts
 * import { energyCompaction, kmsCorrelation, orthoBasis } from "refigure/forecasting";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const correlation = kmsCorrelation(8, 0.9);
 * const { codingGainDb } = energyCompaction(orthoBasis(correlation).basis, correlation);
 * assertAlmostEquals(codingGainDb, 6.3109059917, 1e-9);
 * ```
 */
export function energyCompaction(basis: Matrix, correlation: Matrix): EnergyCompaction {
  requireMatrix("correlation", correlation);
  const n = requireInteger("correlation.rows", correlation.rows, { min: 1 });
  requireSameShape("correlation", correlation, { rows: n, columns: n });
  requireBasis("basis", basis, n);
  const rotated = matmul(matmul(basis, correlation), basis, { transposeB: true });
  const variances = Float64Array.from({ length: n }, (_, i) => rotated.data[i * (n + 1)]);
  let off = 0;
  let all = 0;
  rotated.data.forEach((value, k) => {
    all += value * value;
    if (k % (n + 1) !== 0) off += value * value;
  });
  const trace = variances.reduce((sum, value) => sum + value, 0);
  let sum = 0;
  const cumulative = variances.toSorted((a, b) => b - a).map((value) => (sum += value) / trace);
  const logMean = variances.reduce((total, value) => total + Math.log10(Math.max(value, 0)), 0) / n;
  return {
    variances,
    cumulative,
    offDiagonalRatio: Math.sqrt(off / all),
    codingGainDb: 10 * (Math.log10(trace / n) - logMean),
  };
}

/**
 * The correlation matrix `rho^|i - j|` of a first-order autoregressive process (Kac, Murdock & Szegő 1953).
 *
 * @param n Size.
 * @param rho Correlation of neighbours, in (-1, 1).
 * @returns n x n.
 * @throws {RangeError} if an argument is out of range.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { kmsCorrelation } from "refigure/forecasting";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...kmsCorrelation(3, 0.5).row(0)], [1, 0.5, 0.25]);
 * ```
 */
export function kmsCorrelation(n: number, rho: number): Matrix {
  requireInteger("n", n, { min: 1, max: 2 ** 13 });
  requireNumber("rho", rho, { above: -1, below: 1 });
  return Matrix.from(n, n, (i, j) => rho ** Math.abs(i - j));
}

/**
 * The orthonormal basis of the discrete cosine transform (type 2), one vector per row.
 *
 * @throws {RangeError} if `n` is not a positive integer.
 * @throws {TypeError} if it is not a number.
 *
 * @example
 * ```ts
 * import { dctBasis } from "refigure/forecasting";
 * import { dct } from "refigure/transforms";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(dctBasis(3).get(2, 0), dct(Float64Array.of(1, 0, 0))[2]);
 * ```
 */
export function dctBasis(n: number): Matrix {
  requireInteger("n", n, { min: 1, max: 2 ** 13 });
  return Matrix.from(
    n,
    n,
    (k, j) => Math.sqrt((k === 0 ? 1 : 2) / n) * Math.cos(Math.PI * k * (2 * j + 1) / (2 * n)),
  );
}

/**
 * The real orthonormal Fourier basis, one vector per row: a constant, then cosine and sine by frequency, and for even
 * n the alternating vector at the end.
 *
 * @throws {RangeError} if `n` is not a positive integer.
 * @throws {TypeError} if it is not a number.
 *
 * @example
 * ```ts
 * import { realFourierBasis } from "refigure/forecasting";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const basis = realFourierBasis(4);
 * assertAlmostEquals(basis.get(2, 1), Math.SQRT1_2); // sine
 * assertAlmostEquals(basis.get(3, 1), -0.5);
 * ```
 */
export function realFourierBasis(n: number): Matrix {
  requireInteger("n", n, { min: 1, max: 2 ** 13 });
  return Matrix.from(n, n, (row, j) => {
    const k = (row + 1) >> 1;
    if (row === 0) return Math.sqrt(1 / n);
    if (2 * k === n) return (j % 2 === 0 ? 1 : -1) * Math.sqrt(1 / n);
    const angle = 2 * Math.PI * k * j / n;
    return Math.sqrt(2 / n) * (row % 2 === 1 ? Math.cos(angle) : Math.sin(angle));
  });
}
