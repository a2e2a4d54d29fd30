import {
  Matrix,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOptions,
} from "../arrays/mod.ts";
import { saturatedRiccati } from "./saturated_riccati.ts";

/**
 * The exact gradient flow of a network with one hidden layer from any balanced start, W21 W21^T = W32^T W32,
 * with white inputs: a matrix Riccati equation (Fukumizu 1998; Braun et al. 2022). With Q = [W21^T; W32] and
 * F = [[0, S^T], [S, 0]], Q Q^T(t) = P Q0 [I + Q0^T (integral of exp(2 F s) from 0 to t/tau) Q0]^-1 Q0^T P, P
 * = exp(F t / tau).
 *
 * @param q0 The start [W21^T; W32], (N1 + N3) x N2.
 * @param sigma31 Input-output correlation S, N3 x N1, of any rank.
 * @param t Time, at least 0.
 * @param options The time constant `tau`. Default 1.
 * @returns Q Q^T, of size N1 + N3: its lower left block is W32 W21. {@linkcode riccatiMap} cuts it out.
 * @throws {RangeError} if `q0` does not have N1 + N3 rows, an entry is not finite, `t` < 0 or `tau` is not
 * positive.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { balancedRiccati, linearModeStrength } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const q0 = Matrix.fromRows([[0.1], [0.1]]);
 * const qq = balancedRiccati(q0, Matrix.fromRows([[2]]), 1);
 * assertAlmostEquals(qq.get(1, 0), linearModeStrength({ s: 2, u0: 0.01 }, 1), 1e-15);
 * ```
 */
export function balancedRiccati(
  q0: Matrix,
  sigma31: Matrix,
  t: number,
  options: { tau?: number } = {},
): Matrix {
  requireMatrix("q0", q0);
  requireMatrix("sigma31", sigma31);
  requireOptions("options", options, ["tau"]);
  const { tau = 1 } = options;
  const inputs = sigma31.columns;
  const size = inputs + sigma31.rows;
  if (q0.rows !== size) {
    throw new RangeError(`\`q0\` must have ${size} rows, inputs and outputs, got ${q0.rows}`);
  }
  requireFinite("Cannot start at `q0`", q0.data, q0.columns);
  requireFinite("Cannot learn `sigma31`", sigma31.data, inputs);
  requireNumber("t", t, { min: 0 });
  requireNumber("tau", tau, { above: 0 });
  const task = Matrix.from(
    size,
    size,
    (i, j) =>
      i >= inputs && j < inputs
        ? sigma31.get(i - inputs, j)
        : i < inputs && j >= inputs
        ? sigma31.get(j - inputs, i)
        : 0,
  );
  return saturatedRiccati(task, q0, t / tau);
}

/**
 * The lower left block of what {@linkcode balancedRiccati} returns: W32 W21, outputs x inputs.
 *
 * @param qq Q Q^T.
 * @param inputs Number of inputs N1.
 * @throws {RangeError} if `inputs` is larger than `qq`, or an entry is not finite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { balancedRiccati, riccatiMap } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const task = Matrix.fromRows([[1, 0], [0, 2]]);
 * const q0 = Matrix.fromRows([[0.1, 0], [0, 0.1], [0.1, 0], [0, 0.1]]);
 * assertAlmostEquals(riccatiMap(balancedRiccati(q0, task, 20), 2).get(1, 1), 2, 1e-12);
 * ```
 */
export function riccatiMap(qq: Matrix, inputs: number): Matrix {
  requireMatrix("qq", qq);
  requireInteger("inputs", inputs, { max: Math.min(qq.rows, qq.columns) });
  requireFinite("Cannot read the map from `qq`", qq.data, qq.columns);
  return qq.slice(inputs, qq.rows, 0, inputs);
}
