/** Products by the definition, in double precision, with any distance between rows. */
import type { Op } from "refigure/blas";

/** A matrix in someone else's memory: entry (i, j) is `data[i * ld + j]`, as interleaved pairs if complex. */
export interface View {
  data: ArrayLike<number>;
  ld: number;
  complex?: boolean;
}

/** Entry (i, j) of op(a). */
export function entry({ data, ld, complex }: View, op: Op, i: number, j: number): [number, number] {
  const at = op === "none" ? i * ld + j : j * ld + i;
  if (!complex) return [data[at], 0];
  return [data[2 * at], op === "conjugate-transpose" ? -data[2 * at + 1] : data[2 * at + 1]];
}

/**
 * Entry (i, j) of op(a) op(b) with k terms, and the sum of the terms' sizes, the scale of its rounding error.
 */
export function product(a: View, opA: Op, b: View, opB: Op, k: number, i: number, j: number) {
  let re = 0;
  let im = 0;
  let size = 0;
  for (let p = 0; p < k; p++) {
    const [x, y] = entry(a, opA, i, p);
    const [u, v] = entry(b, opB, p, j);
    re += x * u - y * v;
    im += x * v + y * u;
    size += Math.hypot(x, y) * Math.hypot(u, v);
  }
  return { re, im, size };
}
