import {
  describeValue,
  Matrix,
  requireFinite,
  requireFunction,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumber,
  requireOptions,
  requireRealArray,
  requireRng,
  requireSameShape,
  type Rng,
} from "../arrays/mod.ts";
import { gram, matmul, matvec } from "../blas/mod.ts";
import { blockedResidualAdjoint } from "../streaming/blocked_pass.ts";
import { pack, unpack, weightPacked } from "./packing.ts";

/** A gradient, with the size of the residual that it was computed from. */
export interface Residual {
  /** `A*(score(A(matrix) - y))`, rows x columns. */
  gradient: Matrix;
  /** `||A(matrix) - y||`. */
  norm: number;
  /** `sum_i |A(matrix)_i - y_i|`. */
  absolute: number;
}

/**
 * A linear map from matrices to `measurements` numbers, `A(M)_i = <A_i, M>`, with its adjoint `A*(w) = sum_i
 * w_i A_i`.
 */
export interface MeasurementOperator {
  /** Rows of the matrices that are measured. */
  readonly rows: number;
  /** Columns of the matrices that are measured. */
  readonly columns: number;
  /** How many numbers are measured; infinite for {@linkcode populationOperator}. */
  readonly measurements: number;
  /**
   * `A(matrix)`. @throws {RangeError} if the shape is not rows x columns, or there are infinitely many
   * measurements.
   */
  apply(matrix: Matrix): Float64Array;
  /** `A*(weights)`. @throws {RangeError} if there is not one weight per measurement. */
  adjoint(weights: Float64Array): Matrix;
  /** `A*(A(matrix))`, the normal operator. */
  normal(matrix: Matrix): Matrix;
  /**
   * Residual and gradient together, in one pass over the measurement matrices.
   *
   * @param matrix rows x columns.
   * @param y What was measured.
   * @param options The score.
   */
  residualAdjoint(matrix: Matrix, y: Float64Array, options?: ResidualOptions): Residual;
}

/** Options of {@linkcode MeasurementOperator.residualAdjoint}. */
export interface ResidualOptions {
  /**
   * Applied to every residual before the adjoint: none (the default) for the squared loss, `Math.sign` for
   * the absolute one.
   */
  score?: (residual: number) => number;
}

/** The names of {@linkcode OperatorOptions}, for checks. */
export const OPERATOR_OPTIONS = ["rows", "columns", "measurements", "rng"] as const;

/** Checks the sizes of an operator and its stream. @throws {TypeError | RangeError} */
export function requireSizes(
  { rows, columns, measurements, rng }: { rows: number; columns: number; measurements: number; rng: Rng },
): void {
  requireInteger("rows", rows, { min: 1 });
  requireInteger("columns", columns, { min: 1 });
  requireInteger("measurements", measurements, { min: 1 });
  requireRng("rng", rng);
}

/** Checks what is measured. @throws {TypeError | RangeError} */
export function requireMeasured(matrix: Matrix, shape: { rows: number; columns: number }): void {
  requireMatrix("matrix", matrix);
  requireRealArray("matrix.data", matrix.data, "float64");
  requireSameShape("matrix", matrix, shape);
}

/** Checks a vector of one number per measurement. @throws {TypeError | RangeError} */
export function requirePerMeasurement(name: string, values: Float64Array, measurements: number): void {
  requireLength(name, requireRealArray(name, values, "float64"), measurements);
}

/** The score in checked options. @throws {TypeError} */
export function requireScore(options: ResidualOptions): ResidualOptions["score"] {
  requireOptions("options", options, ["score"]);
  const { score } = options;
  return score === undefined ? undefined : requireFunction("score", score);
}

/** Options of every operator that draws its measurements. */
export interface OperatorOptions {
  /** Rows of the matrices that are measured. */
  rows: number;
  /** Their columns. Default: as many as rows. */
  columns?: number;
  /** How many measurements. */
  measurements: number;
  /** Where the measurements come from. */
  rng: Rng;
}

/** Options of {@linkcode gaussianOperator}. */
export interface GaussianOperatorOptions extends OperatorOptions {
  /**
   * Standard deviation of an entry of `A_i`. Default `1 / sqrt(measurements)`, so that `A* A` is the identity
   * on average.
   */
  scale?: number;
}

/**
 * Gaussian measurements: the entries of every `A_i` are independent normal numbers. The matrices are stored,
 * `8 rows columns measurements` bytes.
 *
 * @throws {RangeError} if a size is not a positive integer or the scale not positive.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { gaussianOperator } from "refigure/sensing";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const operator = gaussianOperator({ rows: 3, measurements: 5, rng: new Rng(0) });
 * const m = Matrix.identity(3);
 * const w = new Float64Array([1, 2, 3, 4, 5]);
 * const left = operator.apply(m).reduce((sum, x, i) => sum + x * w[i], 0);
 * const adjoint = operator.adjoint(w);
 * assertAlmostEquals(left, adjoint.get(0, 0) + adjoint.get(1, 1) + adjoint.get(2, 2), 1e-12);
 * ```
 */
export function gaussianOperator(options: GaussianOperatorOptions): MeasurementOperator {
  requireOptions("options", options, [...OPERATOR_OPTIONS, "scale"]);
  const { rows, columns = rows, measurements, rng, scale = 1 / Math.sqrt(measurements) } = options;
  requireSizes({ rows, columns, measurements, rng });
  requireNumber("scale", scale, { above: 0 });
  const vectors = rng.normalMatrix(measurements, rows * columns, scale);
  return operator(rows, columns, vectors, (m) => m.data, (v) => new Matrix(rows, columns, v));
}

/**
 * Symmetric Gaussian measurements, packed: `<A_i, M> = sum over i <= j of w_ij M_ij` with weights of variance
 * 1 on the diagonal and 2 beside it, times `scale`, so that `<A_i, M>` is normal with standard deviation
 * `scale ||M||_F` for a symmetric M. Half the memory and half the work of {@linkcode gaussianOperator}. Of a
 * matrix that is not symmetric, the symmetric part is measured.
 *
 * @throws {RangeError} if a size is not a positive integer, `columns` differs from `rows`, or the scale is
 * not positive.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { symmetricGaussianOperator } from "refigure/sensing";
 * import { assertEquals } from "@std/assert";
 *
 * const operator = symmetricGaussianOperator({ rows: 4, measurements: 6, rng: new Rng(0) });
 * const gradient = operator.normal(Matrix.from(4, 4, (i, j) => i + j));
 * assertEquals(gradient.get(1, 3), gradient.get(3, 1));
 * ```
 */
export function symmetricGaussianOperator(options: GaussianOperatorOptions): MeasurementOperator {
  requireOptions("options", options, [...OPERATOR_OPTIONS, "scale"]);
  const { rows: n, columns = n, measurements, rng, scale = 1 / Math.sqrt(measurements) } = options;
  requireSizes({ rows: n, columns, measurements, rng });
  requireNumber("scale", scale, { above: 0 });
  if (columns !== n) throw new RangeError(`\`columns\` must equal \`rows\` = ${n}, got ${columns}`);
  const vectors = rng.normalMatrix(measurements, n * (n + 1) / 2, scale);
  weightPacked(n, vectors);
  return operator(n, n, vectors, pack, (v) => unpack(n, v));
}

/** Options of {@linkcode explicitOperator}. */
export interface ExplicitOperatorOptions {
  /** The measurement matrices `A_i`, all of one shape; at least one. */
  matrices: readonly Matrix[];
}

/**
 * Measurements with given matrices.
 *
 * @throws {RangeError} if there is none, their shapes differ, or an entry is not finite.
 * @throws {TypeError} if one is not a matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { explicitOperator } from "refigure/sensing";
 * import { assertEquals } from "@std/assert";
 *
 * const trace = explicitOperator({ matrices: [Matrix.identity(2)] });
 * assertEquals(trace.apply(Matrix.fromRows([[1, 2], [3, 4]])), new Float64Array([5]));
 * ```
 */
export function explicitOperator(options: ExplicitOperatorOptions): MeasurementOperator {
  requireOptions("options", options, ["matrices"]);
  const { matrices } = options;
  if (!Array.isArray(matrices)) {
    throw new TypeError(`\`matrices\` must be an array, got ${describeValue(matrices)}`);
  }
  requireInteger("matrices.length", matrices.length, { min: 1 });
  const { rows, columns } = requireMatrix("matrices[0]", matrices[0]);
  matrices.forEach((matrix: Matrix, i: number) => {
    requireMatrix(`matrices[${i}]`, matrix);
    requireSameShape(`matrices[${i}]`, matrix, { rows, columns });
    requireFinite(`Cannot measure with \`matrices[${i}]\``, matrix.data, columns);
  });
  const vectors = Matrix.fromRows(matrices.map(({ data }) => data));
  return operator(rows, columns, vectors, (m) => m.data, (v) => new Matrix(rows, columns, v));
}

/**
 * The operator whose measurement vectors are the rows of `vectors`; `toVector` and `toMatrix` lay out a
 * matrix as a vector and back.
 */
function operator(
  rows: number,
  columns: number,
  vectors: Matrix,
  toVector: (m: Matrix) => Float64Array,
  toMatrix: (v: Float64Array) => Matrix,
): MeasurementOperator {
  const measurements = vectors.rows;
  const shape = { rows, columns };
  // With many measurements, the normal operator as one square matrix is the smaller thing to read (made when
  // first asked for).
  let square: Matrix | undefined;
  const readSquare = measurements > vectors.columns / 2;
  return {
    rows,
    columns,
    measurements,
    apply(matrix) {
      requireMeasured(matrix, shape);
      return matvec(vectors, toVector(matrix));
    },
    adjoint(weights) {
      requirePerMeasurement("weights", weights, measurements);
      return toMatrix(matvec(vectors, weights, { transpose: true }));
    },
    normal(matrix) {
      requireMeasured(matrix, shape);
      const v = toVector(matrix);
      if (!readSquare) return toMatrix(blockedResidualAdjoint(vectors, v).gradient);
      square ??= gram(vectors);
      return toMatrix(matvec(square, v));
    },
    residualAdjoint(matrix, y, options = {}) {
      requireMeasured(matrix, shape);
      requirePerMeasurement("y", y, measurements);
      const score = requireScore(options);
      const { gradient, norm, absolute } = blockedResidualAdjoint(vectors, toVector(matrix), y, score);
      return { gradient: toMatrix(gradient), norm, absolute };
    },
  };
}

/**
 * Infinitely many Gaussian measurements: `A* A` is the identity. Gradient descent with it never forms the
 * matrix (see {@linkcode asymmetricGradientDescent}).
 *
 * @param rows Rows of the matrices that are measured.
 * @param options Their `columns`. Default: as many as rows.
 * @throws {RangeError} if a size is not a positive integer; by `apply`, `adjoint` and `residualAdjoint`
 * always.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { populationOperator } from "refigure/sensing";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(populationOperator(2).normal(Matrix.identity(2)).toRows(), [[1, 0], [0, 1]]);
 * ```
 */
export function populationOperator(rows: number, options: { columns?: number } = {}): MeasurementOperator {
  requireInteger("rows", rows, { min: 1 });
  requireOptions("options", options, ["columns"]);
  const { columns = rows } = options;
  requireInteger("columns", columns, { min: 1 });
  const refuse = (): never => {
    throw new RangeError(
      "The population operator has infinitely many measurements: only `normal` can be computed",
    );
  };
  return {
    rows,
    columns,
    measurements: Infinity,
    apply: refuse,
    adjoint: refuse,
    residualAdjoint: refuse,
    normal(matrix) {
      requireMeasured(matrix, { rows, columns });
      return matrix.clone();
    },
  };
}

/**
 * Matrix completion: `measurements` distinct entries, drawn uniformly, each times `sqrt(rows columns /
 * measurements)`, so that `A* A` is the identity on average.
 *
 * @throws {RangeError} if a size is not a positive integer, or more entries are asked for than there are.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { entryOperator } from "refigure/sensing";
 * import { assertEquals } from "@std/assert";
 *
 * // All entries seen: nothing is lost.
 * const m = Matrix.fromRows([[1, 2], [3, 4]]);
 * assertEquals(entryOperator({ rows: 2, measurements: 4, rng: new Rng(0) }).normal(m).toRows(), m.toRows());
 * ```
 */
export function entryOperator(options: OperatorOptions): MeasurementOperator {
  requireOptions("options", options, OPERATOR_OPTIONS);
  const { rows, columns = rows, measurements, rng } = options;
  requireSizes({ rows, columns, measurements, rng });
  requireInteger("measurements", measurements, { min: 1, max: rows * columns });
  const seen = rng.permutation(rows * columns).slice(0, measurements).sort();
  const scale = Math.sqrt(rows * columns / measurements);
  const shape = { rows, columns };
  const apply = (matrix: Matrix) => {
    requireMeasured(matrix, shape);
    return Float64Array.from(seen, (k) => scale * matrix.data[k]);
  };
  const adjoint = (weights: Float64Array) => {
    requirePerMeasurement("weights", weights, measurements);
    const out = Matrix.zeros(rows, columns);
    seen.forEach((k, i) => out.data[k] = scale * weights[i]);
    return out;
  };
  return { rows, columns, measurements, apply, adjoint, ...composed(apply, adjoint, measurements) };
}

/**
 * Rank-one Gaussian measurements `A_i = a_i b_i^T / sqrt(measurements)` with independent standard normal
 * vectors: only `(rows + columns) measurements` numbers are stored.
 *
 * @throws {RangeError} if a size is not a positive integer.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { rankOneOperator } from "refigure/sensing";
 * import { assertEquals } from "@std/assert";
 *
 * const operator = rankOneOperator({ rows: 3, measurements: 7, rng: new Rng(0) });
 * assertEquals(operator.apply(Matrix.identity(3)).length, 7);
 * ```
 */
export function rankOneOperator(options: OperatorOptions): MeasurementOperator {
  requireOptions("options", options, OPERATOR_OPTIONS);
  const { rows, columns = rows, measurements, rng } = options;
  requireSizes({ rows, columns, measurements, rng });
  const a = rng.split("left").normalMatrix(measurements, rows, 1 / Math.sqrt(measurements));
  const b = rng.split("right").normalMatrix(measurements, columns);
  const apply = (matrix: Matrix) => {
    requireMeasured(matrix, { rows, columns });
    // a_i^T M b_i for all i: one product, then row by row.
    const am = matmul(a, matrix);
    const out = new Float64Array(measurements);
    for (let i = 0; i < measurements; i++) {
      for (let j = 0; j < columns; j++) out[i] += am.data[i * columns + j] * b.data[i * columns + j];
    }
    return out;
  };
  const adjoint = (weights: Float64Array) => {
    requirePerMeasurement("weights", weights, measurements);
    return matmul(a.map((x, i) => x * weights[i]), b, { transposeA: true });
  };
  return { rows, columns, measurements, apply, adjoint, ...composed(apply, adjoint, measurements) };
}

/** The normal operator and the residual's gradient, where one pass has no advantage. */
function composed(
  apply: (matrix: Matrix) => Float64Array,
  adjoint: (weights: Float64Array) => Matrix,
  measurements: number,
): Pick<MeasurementOperator, "normal" | "residualAdjoint"> {
  return {
    normal: (matrix) => adjoint(apply(matrix)),
    residualAdjoint(matrix, y, options = {}) {
      requirePerMeasurement("y", y, measurements);
      const score = requireScore(options);
      const residual = apply(matrix).map((value, i) => value - y[i]);
      let square = 0;
      let absolute = 0;
      for (const r of residual) {
        square += r * r;
        absolute += Math.abs(r);
      }
      const scored = score === undefined ? residual : residual.map((r) => score(r));
      return { gradient: adjoint(scored), norm: Math.sqrt(square), absolute };
    },
  };
}
