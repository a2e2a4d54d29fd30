/** Three-term recurrences of orthonormal polynomials. Not public. */
import type { PolynomialFamily } from "./orthogonal_polynomials.ts";

/** `p_j = slope_j x p_{j-1} - back_j p_{j-2}`: divided once for all points, not at each of them. */
export interface Recurrence {
  slope: Float64Array;
  back: Float64Array;
}

/** The recurrence of the first `count` polynomials of a family. */
export function recurrenceOf(family: PolynomialFamily, count: number): Recurrence {
  const slope = new Float64Array(count);
  const back = new Float64Array(count);
  let before = 0;
  for (let j = 1; j < count; j++) {
    const beside = besideDiagonal(family, j);
    slope[j] = 1 / beside;
    back[j] = before / beside;
    before = beside;
  }
  return { slope, back };
}

/** `b_j`: what is beside the diagonal of the Jacobi matrix; the diagonal is zero by symmetry. */
function besideDiagonal(family: PolynomialFamily, j: number): number {
  if (family === "legendre") return j / Math.sqrt(4 * j * j - 1);
  if (family === "hermite") return Math.sqrt(j);
  return j === 1 ? Math.SQRT1_2 : 0.5;
}

/**
 * The same as `polynomialEvaluator`, only as far as is asked for: `evaluate(x, upTo)` has the values of degrees
 * below `upTo`, and a next call with the same point goes on from there. Not public.
 */
export function partialEvaluator(
  family: PolynomialFamily,
  count: number,
): (x: number, upTo: number) => Float64Array {
  const { slope, back } = recurrenceOf(family, count);
  const out = new Float64Array(count);
  out[0] = 1;
  let last = NaN;
  let known = 1;
  return (x, upTo) => {
    let j = x === last ? known : 1;
    last = x;
    let before = j > 1 ? out[j - 2] : 0;
    let value = out[j - 1];
    for (; j < upTo; j++) {
      const next = slope[j] * x * value - back[j] * before;
      before = value;
      value = next;
      out[j] = value;
    }
    known = j;
    return out;
  };
}
