import {
  allocateLike,
  Matrix,
  type RealArray,
  requireMatrix,
  requireOneOf,
  requireOptions,
  requireSameShape,
} from "../arrays/mod.ts";
import { requireDimension } from "./check.ts";

/**
 * `"l2"`: the Euclidean norm of the values. `"h1"`: that of their forward differences, those to the zero
 * boundary values included.
 */
export type GridNorm = "l2" | "h1";

/** Options of {@linkcode relativeError}. */
export interface RelativeErrorOptions {
  /** The norm of a function. Default `"l2"`. */
  norm?: GridNorm;
  /** 1 for functions on an interval, 2 for functions on a square. Default 2. */
  dimension?: 1 | 2;
}

/** A mean of relative errors with its derivatives. */
export interface ErrorAndCotangents {
  /** The mean. */
  error: number;
  /** Its derivatives by the predictions. */
  cotangents: Matrix<RealArray>;
}

/**
 * The mean over functions of the norm of the error over the norm of the truth, and its derivatives by the
 * predictions: a loss for operators, and the measure of their tests.
 *
 * @param predictions N x points, one function with one channel per row.
 * @param truth The same size.
 * @param options The norm.
 * @returns The mean and its derivatives. Where the error of a function is zero, they are zero.
 * @throws {RangeError} if the sizes differ, there are no functions, the points are not a square, or a true
 * function is zero.
 * @throws {TypeError} if an argument is of the wrong type, or an option or a name is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { relativeError } from "refigure/multigrid";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const truth = Matrix.fromRows([[1, 1, 1]]);
 * const prediction = Matrix.fromRows([[1, 2, 1]]);
 * assertAlmostEquals(relativeError(prediction, truth, { dimension: 1 }).error, Math.sqrt(1 / 3));
 * // The differences of (0, 1, 0) are 0, 1, -1, 0; those of (1, 1, 1) are 1, 0, 0, -1.
 * assertAlmostEquals(relativeError(prediction, truth, { dimension: 1, norm: "h1" }).error, 1);
 * ```
 */
export function relativeError(
  predictions: Matrix<RealArray>,
  truth: Matrix<RealArray>,
  options: RelativeErrorOptions = {},
): ErrorAndCotangents {
  requireMatrix("truth", truth);
  requireSameShape("predictions", requireMatrix("predictions", predictions), truth);
  requireOptions("options", options, ["norm", "dimension"]);
  const { norm = "l2", dimension = 2 } = options;
  requireOneOf("norm", norm, ["l2", "h1"]);
  requireDimension("dimension", dimension);
  const { rows, columns } = truth;
  if (rows === 0) throw new RangeError("`truth` must have at least one row, got 0");
  const n = Math.round(columns ** (1 / dimension));
  if (n ** dimension !== columns || n === 0) {
    throw new RangeError(`\`truth\` must have n^${dimension} columns, got ${columns}`);
  }
  const image = norm === "l2"
    ? (x: Float64Array) => x
    : (x: Float64Array) => minusLaplacian(x, dimension === 1 ? 1 : n, n, dimension);
  const cotangents = new Matrix(rows, columns, allocateLike(predictions.data, predictions.data.length));
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const u = Float64Array.from(truth.row(i));
    const e = Float64Array.from(predictions.row(i));
    for (let k = 0; k < columns; k++) e[k] -= u[k];
    // The squared norm of the differences is x^T A x with the matrix A of -1, 2, -1 along each axis.
    const size = Math.sqrt(dot(u, image(u)));
    if (size === 0) throw new RangeError(`\`truth\` must not be zero, but row ${i} is`);
    const gradient = image(e);
    const error = Math.sqrt(Math.max(0, dot(e, gradient)));
    sum += error / size;
    const factor = error === 0 ? 0 : 1 / (error * size * rows);
    for (let k = 0; k < columns; k++) cotangents.data[i * columns + k] = factor * gradient[k];
  }
  return { error: sum / rows, cotangents };
}

/** The stencil of -1, 2, -1 along each axis, with zeros beyond the border. */
function minusLaplacian(x: Float64Array, rows: number, columns: number, dimension: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const k = i * columns + j;
      let sum = 2 * dimension * x[k];
      if (j > 0) sum -= x[k - 1];
      if (j + 1 < columns) sum -= x[k + 1];
      if (i > 0) sum -= x[k - columns];
      if (i + 1 < rows) sum -= x[k + columns];
      out[k] = sum;
    }
  }
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/**
 * The Frobenius norm of the error over that of the truth, and its derivatives by the predictions: with unit
 * vectors as inputs, the distance of a linear network from a matrix.
 *
 * @throws {RangeError} if the sizes differ, or the truth is zero.
 * @throws {TypeError} if an argument is not a matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { frobeniusError } from "refigure/multigrid";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(frobeniusError(Matrix.diagonal([3, 0]), Matrix.diagonal([3, 4])).error, 4 / 5);
 * ```
 */
export function frobeniusError(predictions: Matrix<RealArray>, truth: Matrix<RealArray>): ErrorAndCotangents {
  requireMatrix("truth", truth);
  requireSameShape("predictions", requireMatrix("predictions", predictions), truth);
  let size = 0;
  let squares = 0;
  const cotangents = new Matrix(
    truth.rows,
    truth.columns,
    allocateLike(predictions.data, predictions.data.length),
  );
  for (let k = 0; k < truth.data.length; k++) {
    const e = predictions.data[k] - truth.data[k];
    size += truth.data[k] ** 2;
    squares += e * e;
    cotangents.data[k] = e;
  }
  if (size === 0) throw new RangeError("`truth` must not be zero");
  const factor = squares === 0 ? 0 : 1 / Math.sqrt(squares * size);
  for (let k = 0; k < cotangents.data.length; k++) cotangents.data[k] *= factor;
  return { error: Math.sqrt(squares / size), cotangents };
}
