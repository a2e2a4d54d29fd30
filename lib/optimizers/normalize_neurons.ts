import {
  allocateLike,
  type Matrix,
  type RealArray,
  requireNumber,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { scaleInPlace, sumOfSquares } from "../blas/mod.ts";
import { columnScores } from "./subspace/select_columns.ts";
import { type GradientTransformation, layerShape, type Parameter } from "./transformation.ts";

/** Options of {@linkcode normalizeNeurons}. */
export interface NormalizeNeuronsOptions {
  /** Decay of the running mean square, in [0, 1). Default 0.95. */
  beta2?: number;
  /** Added to the root of the running mean square; positive. Default 1e-10. */
  eps?: number;
  /**
   * Which weights share one scale: those into one neuron (`"outputs"`, the default and the paper), those out
   * of one input (`"inputs"`), or the more numerous of the two (`"auto"`, as in the NanoGPT speedrun).
   */
  axis?: "outputs" | "inputs" | "auto";
  /**
   * The length of the result: `"preserve"` that of the update before (the official code, the default),
   * `"rms"` a root mean square of 0.2 (the paper's Algorithm 1), `"none"` as it comes, near the square root
   * of the number of entries.
   */
  rescale?: "preserve" | "rms" | "none";
}

/** State of {@linkcode normalizeNeurons}: one number per neuron, in the precision of the weights. */
export type NormalizeNeuronsState = {
  /** Running mean over steps of each neuron's mean squared entry. */
  secondMoment: RealArray;
};

/**
 * Root mean square of AdamW's updates in practice, to which the paper's variant scales (Liu et al., arXiv
 * 2502.16982).
 */
const ADAMW_RMS = 0.2;

/**
 * Gives all neurons steps of similar length: divides each neuron's part of the update by its running root
 * mean square, `v <- beta2 v + (1 - beta2) mean(o^2)`, `h = o / (sqrt(v) + eps)`, then restores the overall
 * length (NorMuon, Li et al., arXiv 2510.05491, Algorithm 1). v starts at zero; no bias is corrected, since a
 * common factor of v cancels.
 *
 * One pass sums squares, from which the new overall length is known as well, and one pass scales: the update
 * is never read a third time, and never transposed whichever axis counts the neurons. A neuron whose update
 * is zero stays at rest.
 *
 * The official code adds a second eps of 1e-10 to the length by which it divides at the end. It is left out
 * here: with `rescale: "preserve"` the result has the length of the update before to rounding, there it is
 * shorter by the share 1e-10 / ||h||, where ||h|| is near the square root of the number of entries.
 *
 * @throws {RangeError} if `beta2` is outside [0, 1) or `eps` is not positive.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { rowNorms } from "refigure/linalg";
 * import { normalizeNeurons } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const link = normalizeNeurons();
 * const parameter = { name: "w", weights: Matrix.zeros(2, 2), outputs: "rows" as const };
 * const update = link.update(Matrix.fromRows([[3, 4], [0, 12]]), link.init(parameter), parameter);
 * const [first, second] = rowNorms(update); // 5 and 12 before; the length, 13, stays
 * assertAlmostEquals(first, 13 / Math.SQRT2, 1e-8);
 * assertAlmostEquals(second, 13 / Math.SQRT2, 1e-8);
 * ```
 */
export function normalizeNeurons(
  options: NormalizeNeuronsOptions = {},
): GradientTransformation<NormalizeNeuronsState> {
  requireOptions("options", options, ["beta2", "eps", "axis", "rescale"]);
  const { beta2 = 0.95, eps = 1e-10, axis = "outputs", rescale = "preserve" } = options;
  requireNumber("beta2", beta2, { min: 0, below: 1 });
  requireNumber("eps", eps, { above: 0 });
  requireOneOf("axis", axis, ["outputs", "inputs", "auto"]);
  requireOneOf("rescale", rescale, ["preserve", "rms", "none"]);
  return {
    init: (parameter) => {
      const { rows, columns, data } = parameter.weights;
      return { secondMoment: allocateLike(data, alongRows(axis, parameter) ? rows : columns) };
    },
    update(updates, { secondMoment: v }, parameter) {
      const rowsAreGroups = alongRows(axis, parameter);
      const factors = rowsAreGroups ? rowSquares(updates) : columnScores(updates);
      const size = updates.data.length;
      const groupSize = size / v.length;
      let before = 0;
      let after = 0;
      for (let i = 0; i < v.length; i++) {
        const square = factors[i];
        v[i] = beta2 * v[i] + (1 - beta2) * square / groupSize;
        factors[i] = 1 / (Math.sqrt(v[i]) + eps);
        before += square;
        after += square * factors[i] * factors[i];
      }
      const length = rescale === "preserve" ? Math.sqrt(before) : ADAMW_RMS * Math.sqrt(size);
      const common = rescale === "none" || after === 0 ? 1 : length / Math.sqrt(after);
      for (let i = 0; i < v.length; i++) factors[i] *= common;
      scaleGroups(updates, factors, rowsAreGroups);
      return updates;
    },
  };
}

/** Whether the groups that share a scale are rows of the stored matrix. */
function alongRows(axis: "outputs" | "inputs" | "auto", parameter: Parameter): boolean {
  const { outputs, inputs } = layerShape(parameter);
  const byOutput = axis === "outputs" || (axis === "auto" && outputs >= inputs);
  return byOutput === (parameter.outputs === "rows");
}

/** A row of no more entries is read where it is: a view of it takes longer to make than its sum. */
const SHORT_ROW = 256;

function rowSquares({ rows, columns, data }: Matrix<RealArray>): Float64Array {
  const out = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const start = i * columns;
    out[i] = columns > SHORT_ROW
      ? sumOfSquares(data.subarray(start, start + columns))
      : squaresBetween(data, start, start + columns);
  }
  return out;
}

/** Sum of squares from `start` to `end`; four sums, so that an addition need not wait for the one before. */
function squaresBetween(data: RealArray, start: number, end: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = start;
  for (; i < end - 3; i += 4) {
    a += data[i] * data[i];
    b += data[i + 1] * data[i + 1];
    c += data[i + 2] * data[i + 2];
    d += data[i + 3] * data[i + 3];
  }
  for (; i < end; i++) a += data[i] * data[i];
  return (a + b) + (c + d);
}

function scaleGroups(updates: Matrix<RealArray>, factors: Float64Array, byRow: boolean): void {
  const { rows, columns, data } = updates;
  if (byRow && columns > SHORT_ROW) {
    for (let i = 0; i < rows; i++) scaleInPlace(data.subarray(i * columns, (i + 1) * columns), factors[i]);
    return;
  }
  let k = 0;
  for (let i = 0; i < rows; i++) {
    if (byRow) {
      const factor = factors[i];
      for (let j = 0; j < columns; j++, k++) data[k] *= factor;
    } else {
      for (let j = 0; j < columns; j++, k++) data[k] *= factors[j];
    }
  }
}
