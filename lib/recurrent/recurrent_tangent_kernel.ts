import {
  type DType,
  Matrix,
  type RealArray,
  requireInstance,
  requireInteger,
  requireNumbers,
  requireOptions,
} from "../arrays/mod.ts";
import { gram, matmul } from "../blas/mod.ts";
import { VanillaRnn } from "./vanilla_rnn.ts";

/** Which outputs are in the kernel. */
export interface RecurrentKernelOptions {
  /** Steps, ascending. Default: all. */
  times?: number[];
  /** Outputs, ascending. Default: all. */
  outputs?: number[];
}

/**
 * The tangent kernel of a recurrent network by its recurrent weights alone: `K = J J^T` with one row of J for
 * every (step t, trial b, output k), in this order, the derivative of `o_(t,b,k)` by W (Liu et al. 2023).
 *
 * J, with its N^2 columns, is never formed. A row is the sum over s <= t of the outer products of the
 * back-propagated vector `delta_s` and the activity `h_(s-1)`, so an entry of K is a sum over s and s' of
 * `(delta_s . delta'_s') (h_(s-1) . h'_(s'-1))`: products of two small Gram matrices.
 *
 * @param rnn The network.
 * @param x Inputs, T B x inputs, row `t B + b`.
 * @param batch Number of trials B.
 * @param options Steps and outputs.
 * @returns Symmetric positive semi-definite, in double precision.
 * @throws {RangeError} if `times` or `outputs` are out of range or not ascending.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { perceptualDecision, recurrentTangentKernel, VanillaRnn } from "refigure/recurrent";
 * import { assertEquals } from "@std/assert";
 *
 * const rnn = new VanillaRnn({ inputs: 3, hidden: 10, outputs: 3, rng: new Rng(1) });
 * const { x, batch } = perceptualDecision({ batch: 4, rng: new Rng(2) });
 * assertEquals(recurrentTangentKernel(rnn, x, batch).rows, 8 * 4 * 3);
 * assertEquals(recurrentTangentKernel(rnn, x, batch, { times: [7] }).rows, 4 * 3);
 * ```
 */
export function recurrentTangentKernel<Precision extends DType>(
  rnn: VanillaRnn<Precision>,
  x: Parameters<VanillaRnn<Precision>["forward"]>[0],
  batch: number,
  options: RecurrentKernelOptions = {},
): Matrix {
  requireInstance("rnn", rnn, VanillaRnn);
  requireOptions("options", options, ["times", "outputs"]);
  const activity = rnn.forward(x, batch).hidden.astype("float64");
  const steps = x.rows / batch;
  const times = requireAscending("times", options.times, steps);
  const outputs = requireAscending("outputs", options.outputs, rnn.output.rows);
  const perTime = batch * outputs.length;
  const rows = times.length * perTime;
  const deltas = backPropagate(rnn, activity, batch, times, outputs);
  // between.get((s B + b), (s' B + b')) = h_(s,b) . h_(s',b')
  const between = gram(activity, { side: "right" });
  const kernel = Matrix.zeros(rows, rows);
  const trialOf = (row: number) => Math.floor(row / outputs.length) % batch;
  for (let s = 1; s < steps; s++) {
    for (let r = 1; r <= s; r++) {
      if (deltas[s].rows === 0) continue;
      // A symmetric product where it is one keeps the kernel exactly symmetric.
      const inner = r === s
        ? gram(deltas[s], { side: "right" })
        : matmul(deltas[s], deltas[r], { transposeB: true });
      const left = rows - deltas[s].rows;
      const right = rows - deltas[r].rows;
      for (let i = 0; i < inner.rows; i++) {
        const activityRow = ((s - 1) * batch + trialOf(left + i)) * between.columns + (r - 1) * batch;
        for (let j = 0; j < inner.columns; j++) {
          const value = inner.data[i * inner.columns + j] * between.data[activityRow + trialOf(right + j)];
          kernel.data[(left + i) * rows + right + j] += value;
          if (r < s) kernel.data[(right + j) * rows + left + i] += value;
        }
      }
    }
  }
  return kernel;
}

/** `delta_s` of all rows whose time is s or later: the last ones, as rows are ordered by time. */
function backPropagate<Precision extends DType>(
  rnn: VanillaRnn<Precision>,
  activity: Matrix,
  batch: number,
  times: number[],
  outputs: number[],
): Matrix[] {
  const n = activity.columns;
  const steps = activity.rows / batch;
  const { alpha } = rnn;
  const recurrent = rnn.recurrent.astype("float64");
  const output: Matrix<RealArray> = rnn.output;
  const deltas = new Array<Matrix>(steps);
  let later = Matrix.zeros(0, n);
  for (let s = steps - 1; s >= 1; s--) {
    const passed = matmul(later, recurrent).times(alpha).plus(later, 1 - alpha);
    const own = times.includes(s) ? batch * outputs.length : 0;
    const now = Matrix.zeros(own + later.rows, n);
    for (let i = 0; i < own; i++) now.row(i).set(output.row(outputs[i % outputs.length]));
    now.data.set(passed.data, own * n);
    for (let i = 0; i < now.rows; i++) {
      const h = activity.row(s * batch + Math.floor(i / outputs.length) % batch);
      const row = now.row(i);
      // The derivative of a rectifier that is not a number is none either.
      for (let j = 0; j < n; j++) if (!(h[j] > 0)) row[j] = Number.isNaN(h[j]) ? NaN : 0;
    }
    later = now;
    // Every derivative by W carries one factor alpha.
    deltas[s] = now.times(alpha);
  }
  return deltas;
}

function requireAscending(name: string, given: number[] | undefined, count: number): number[] {
  const values = given === undefined ? Array.from({ length: count }, (_, i) => i) : given;
  requireNumbers(name, values);
  values.forEach((value, i) => {
    requireInteger(`${name}[${i}]`, value, { min: i === 0 ? 0 : values[i - 1] + 1, max: count - 1 });
  });
  return values;
}
