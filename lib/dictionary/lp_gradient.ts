import {
  type Matrix,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOptions,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";

/**
 * The gradient of `sum |A Y|^p / (p b)` at A: `(|A Y|^(p-2) * A Y) Y^T / b` for a batch of b samples. The
 * factor p is left out, so that `<A, gradient>` is the mean of `||A y||_p^p` (Xue & Lau 2021 take p = 3, Zhai
 * et al. 2019 p = 4).
 *
 * @param analysis A, m x n.
 * @param samples Y, n x b, one sample per column.
 * @param options The power `p`, above 2. Default 3.
 * @returns m x n.
 * @throws {RangeError} if the shapes do not fit, there is no sample, or `p` is at most 2.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { lpGradient } from "refigure/dictionary";
 * import { assertEquals } from "@std/assert";
 *
 * const gradient = lpGradient(Matrix.identity(2), Matrix.fromRows([[1, 2], [0, -1]]));
 * assertEquals(gradient.toRows(), [[4.5, -2], [-1, 0.5]]);
 * ```
 */
export function lpGradient(analysis: Matrix, samples: Matrix, options: { p?: number } = {}): Matrix {
  requireOptions("options", options, ["p"]);
  const { p = 3 } = options;
  requireNumber("p", p, { above: 2 });
  requireMatrix("analysis", analysis);
  requireMatrix("samples", samples);
  const b = requireInteger("samples.columns", samples.columns, { min: 1 });
  if (samples.rows !== analysis.columns) {
    throw new RangeError(`\`samples\` must have ${analysis.columns} rows, got ${samples.rows}`);
  }
  const products = matmul(analysis, samples);
  const x = products.data;
  if (p === 3) { for (let k = 0; k < x.length; k++) x[k] *= Math.abs(x[k]) / b; }
  else if (p === 4) { for (let k = 0; k < x.length; k++) x[k] *= x[k] * x[k] / b; }
  else for (let k = 0; k < x.length; k++) x[k] *= Math.abs(x[k]) ** (p - 2) / b;
  return matmul(products, samples, { transposeB: true });
}

/**
 * Checks a batch of samples.
 *
 * @param samples The batch.
 * @param n Length of a sample.
 * @param purpose The start of the message about an entry that is not finite.
 * @throws {TypeError | RangeError}
 */
export function requireBatch(samples: Matrix, n: number, purpose: string): void {
  requireMatrix("samples", samples);
  if (samples.rows !== n) throw new RangeError(`\`samples\` must have ${n} rows, got ${samples.rows}`);
  requireInteger("samples.columns", samples.columns, { min: 1 });
  requireFinite(purpose, samples.data, samples.columns);
}

/** The start of the message for the batch after `steps` others: batches are counted from 1. */
export function cannotLearn(steps: number): string {
  return `Cannot learn from batch ${steps + 1}, \`samples\``;
}
