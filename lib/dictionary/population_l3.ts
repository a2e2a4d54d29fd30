import { Matrix, requireFinite, requireInteger, requireMatrix, requireNumber } from "../arrays/mod.ts";
import { nuclearNorm } from "../linalg/mod.ts";
import { absoluteMoment } from "./noise_floor.ts";

/** The objective of dictionary learning with infinitely many samples. */
export interface PopulationObjective {
  /** `E ||A y||_3^3`. */
  value: number;
  /** Its gradient over 3, so that `<A, gradient>` is the value. */
  gradient: Matrix;
  /** The Frank-Wolfe gap `||gradient||_* - <A, gradient>`, at least 0; 0 at a signed permutation. */
  gap: number;
}

/**
 * `E ||A y||_3^3` for Bernoulli-Gaussian y, its gradient and its Frank-Wolfe gap, exactly: given which
 * entries of y are nonzero, the product of y and a row is normal, so the expectation is a sum over the 2^n
 * sets of them.
 *
 * @param analysis A in the coordinates of the true dictionary (`A D`), n x n with n at most 12.
 * @param theta Share of nonzero entries, in (0, 1].
 * @throws {RangeError} if the matrix is not square, too large or not finite, or `theta` is out of range.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { populationL3 } from "refigure/dictionary";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // At the solution every product is one entry of y: theta E|g|^3 per atom.
 * const { value, gap } = populationL3(Matrix.identity(2), 0.3);
 * assertAlmostEquals(value, 0.6 * 2 * Math.sqrt(2 / Math.PI), 1e-14);
 * assertAlmostEquals(gap, 0, 1e-14);
 * ```
 */
export function populationL3(analysis: Matrix, theta: number): PopulationObjective {
  requireMatrix("analysis", analysis);
  const n = requireInteger("analysis.rows", analysis.rows, { min: 1, max: 12 });
  if (analysis.columns !== n) {
    throw new RangeError(`\`analysis\` must be square, got ${n} x ${analysis.columns}`);
  }
  requireFinite("Cannot evaluate `analysis`", analysis.data, n);
  requireNumber("theta", theta, { above: 0, max: 1 });
  const third = absoluteMoment(3);
  const sets = 1 << n;
  const squares = new Float64Array(sets);
  const weights = new Float64Array(sets);
  weights[0] = (1 - theta) ** n;
  for (let set = 1; set < sets; set++) weights[set] = theta ** bits(set) * (1 - theta) ** (n - bits(set));
  const gradient = Matrix.zeros(n, n);
  let value = 0;
  for (let i = 0; i < n; i++) {
    const row = analysis.row(i);
    const shares = new Float64Array(n);
    for (let set = 1; set < sets; set++) {
      // The set without its lowest member has been seen before.
      const lowest = 31 - Math.clz32(set & -set);
      squares[set] = squares[set & (set - 1)] + row[lowest] ** 2;
      const norm = Math.sqrt(squares[set]);
      const share = weights[set] * norm;
      value += third * share * squares[set];
      for (let rest = set; rest !== 0; rest &= rest - 1) shares[31 - Math.clz32(rest & -rest)] += share;
    }
    for (let j = 0; j < n; j++) gradient.set(i, j, third * row[j] * shares[j]);
  }
  let inner = 0;
  for (let k = 0; k < n * n; k++) inner += analysis.data[k] * gradient.data[k];
  return { value, gradient, gap: nuclearNorm(gradient) - inner };
}

function bits(set: number): number {
  let count = 0;
  for (; set !== 0; set &= set - 1) count++;
  return count;
}
