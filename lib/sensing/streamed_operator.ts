import { Matrix, requireBoolean, requireInteger, requireNumber, requireOptions } from "../arrays/mod.ts";
import { matvec } from "../blas/mod.ts";
import { blockedResidualAdjoint } from "../streaming/blocked_pass.ts";
import {
  type GaussianOperatorOptions,
  type MeasurementOperator,
  OPERATOR_OPTIONS,
  requireMeasured,
  requirePerMeasurement,
  requireScore,
  requireSizes,
} from "./measurement_operator.ts";
import { pack, unpack, weightPacked } from "./packing.ts";

/** Options of {@linkcode streamedGaussianOperator}. */
export interface StreamedOperatorOptions extends GaussianOperatorOptions {
  /**
   * Packed symmetric measurements, as those of {@linkcode symmetricGaussianOperator}; needs square matrices.
   * Default false.
   */
  symmetric?: boolean;
  /** How many measurement matrices exist at a time. Default 256. */
  block?: number;
}

/**
 * Gaussian measurements that are never stored: every pass draws the matrices again from the seed, block by
 * block, so that memory does not grow with their number. Drawing costs about ten times what using stored ones
 * does.
 *
 * @throws {RangeError} if a size is not a positive integer, the scale not positive, or a symmetric operator
 * not square.
 * @throws {TypeError} if an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { streamedGaussianOperator } from "refigure/sensing";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // A* A is the identity on average, and with many measurements nearly so.
 * const operator = streamedGaussianOperator({ rows: 3, measurements: 20000, rng: new Rng(0) });
 * assertAlmostEquals(operator.normal(Matrix.identity(3)).get(0, 0), 1, 0.05);
 * ```
 */
export function streamedGaussianOperator(options: StreamedOperatorOptions): MeasurementOperator {
  requireOptions("options", options, [...OPERATOR_OPTIONS, "scale", "symmetric", "block"]);
  const { rows, columns = rows, measurements, rng, scale = 1 / Math.sqrt(measurements) } = options;
  const { symmetric = false, block = 256 } = options;
  requireSizes({ rows, columns, measurements, rng });
  requireBoolean("symmetric", symmetric);
  requireInteger("block", block, { min: 1 });
  requireNumber("scale", scale, { above: 0 });
  if (symmetric && columns !== rows) {
    throw new RangeError(`\`columns\` must equal \`rows\` = ${rows}, got ${columns}`);
  }
  const width = symmetric ? rows * (rows + 1) / 2 : rows * columns;
  const shape = { rows, columns };
  const toVector = (m: Matrix) => symmetric ? pack(m) : m.data;
  const toMatrix = (v: Float64Array) => symmetric ? unpack(rows, v) : new Matrix(rows, columns, v);

  /** Calls `use` with every block of measurement vectors and the place of its first one. */
  function forEachBlock(use: (vectors: Matrix, from: number) => void): void {
    for (let from = 0; from < measurements; from += block) {
      const height = Math.min(block, measurements - from);
      const vectors = rng.split(from / block).normalMatrix(height, width, scale);
      if (symmetric) weightPacked(rows, vectors);
      use(vectors, from);
    }
  }

  /** One pass: the adjoint of the scored residual, summed over blocks. */
  function pass(matrix: Matrix, y?: Float64Array, score?: (residual: number) => number) {
    requireMeasured(matrix, shape);
    const v = toVector(matrix);
    const sum = new Float64Array(width);
    let square = 0;
    let absolute = 0;
    forEachBlock((vectors, from) => {
      const part = blockedResidualAdjoint(vectors, v, y?.subarray(from, from + vectors.rows), score);
      for (let j = 0; j < width; j++) sum[j] += part.gradient[j];
      square += part.norm ** 2;
      absolute += part.absolute;
    });
    return { gradient: toMatrix(sum), norm: Math.sqrt(square), absolute };
  }

  return {
    rows,
    columns,
    measurements,
    apply(matrix) {
      requireMeasured(matrix, shape);
      const v = toVector(matrix);
      const out = new Float64Array(measurements);
      forEachBlock((vectors, from) => out.set(matvec(vectors, v), from));
      return out;
    },
    adjoint(weights) {
      requirePerMeasurement("weights", weights, measurements);
      const sum = new Float64Array(width);
      forEachBlock((vectors, from) => {
        const part = matvec(vectors, weights.slice(from, from + vectors.rows), { transpose: true });
        for (let j = 0; j < width; j++) sum[j] += part[j];
      });
      return toMatrix(sum);
    },
    normal: (matrix) => pass(matrix).gradient,
    residualAdjoint(matrix, y, options = {}) {
      requirePerMeasurement("y", y, measurements);
      return pass(matrix, y, requireScore(options));
    },
  };
}
