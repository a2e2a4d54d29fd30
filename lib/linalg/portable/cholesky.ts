import { allocateLike, type RealArray } from "../../arrays/mod.ts";

/**
 * The lower Cholesky factor, row by row (Golub & Van Loan, algorithm 4.2.1), or the index of the first pivot
 * that is not positive. ml-matrix stays silent about indefinite matrices, so this is our own.
 */
export function portableCholesky<Data extends RealArray>(n: number, a: Data): Data | number {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
      if (i > j) l[i * n + j] = sum / l[j * n + j];
      else if (sum > 0) l[i * n + i] = Math.sqrt(sum);
      else return i;
    }
  }
  const out = allocateLike(a, n * n);
  out.set(l);
  return out;
}
