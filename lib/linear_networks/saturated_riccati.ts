import type { Matrix } from "../arrays/mod.ts";
import { gram, matmul } from "../blas/mod.ts";
import { eigh, frobeniusNorm } from "../linalg/mod.ts";
import { saturateRows } from "./saturate_rows.ts";

/**
 * The solution of `q' = F q + q F - q q` from `q(0) = q0 q0^T` at a time, for symmetric F: `P Q0 [I + Q0^T
 * (integral of exp(2 F s) from 0 to the time) Q0]^-1 Q0^T P` with `P = exp(F time)`.
 */
export function saturatedRiccati(f: Matrix, q0: Matrix, time: number): Matrix {
  if (time === 0) return matmul(q0, q0, { transposeB: true });
  const { values, vectors } = eigh(f);
  const fastest = values[values.length - 1];
  // In stretches over which the exponentials of growing modes stay comparable: otherwise modes that compete
  // for too few columns would all count as infinite.
  const stretches = Math.max(1, Math.ceil(2 * fastest * time / LARGEST_EXPONENT));
  let state = matmul(vectors, q0, { transposeA: true });
  for (let stretch = 0; stretch < stretches; stretch++) {
    const next = saturate(state, values, time / stretches);
    const isAtRest = stretch > 0 && isSameSquare(next, state);
    state = next;
    if (isAtRest) break;
  }
  const root = matmul(vectors, state);
  return matmul(root, root, { transposeB: true });
}

/** The largest growth of a squared mode in one stretch, as an exponent: 1e200. */
const LARGEST_EXPONENT = 460;

/** A square root of the solution after `time`, in the eigenbasis: `c` is one of the solution before. */
function saturate(c: Matrix, values: Float64Array, time: number): Matrix {
  // With C = sqrt(integral) Q0 in the eigenbasis of F, P Q0 [I + C^T C]^-1 Q0^T P is a saturated C C^T
  // between two bounded diagonal matrices: no exponential ever overflows, and small modes are not swamped by
  // large ones.
  const integral = values.map((rate) =>
    2 * rate * time === 0 ? time : Math.expm1(2 * rate * time) / (2 * rate)
  );
  const bound = values.map((rate) =>
    2 * rate * time === 0 ? 1 / time : -2 * rate / Math.expm1(-2 * rate * time)
  );
  const grown = c.map((x, i) => x * Math.sqrt(integral[i]));
  return saturateRows(grown).map((x, i) => x * Math.sqrt(bound[i]));
}

/** Whether `a a^T` and `b b^T` agree to rounding. */
function isSameSquare(a: Matrix, b: Matrix): boolean {
  const first = gram(a, { side: "right" });
  const difference = first.minus(gram(b, { side: "right" }));
  // The basis in `saturateRows` is exact to a few units for every row that it is made of.
  return frobeniusNorm(difference) <= 2 * (a.rows + a.columns) * Number.EPSILON * frobeniusNorm(first);
}
