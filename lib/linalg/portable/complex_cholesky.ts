/**
 * The lower Cholesky factor of a Hermitian interleaved n x n matrix, row by row, or the index of the first
 * pivot that is not positive.
 */
export function complexCholeskyFactor(n: number, a: ArrayLike<number>): Float64Array | number {
  const l = new Float64Array(2 * n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const at = 2 * (i * n + j);
      let re = a[at];
      let im = i === j ? 0 : a[at + 1];
      let p = 2 * i * n;
      let q = 2 * j * n;
      for (let k = 0; k < j; k++, p += 2, q += 2) {
        re -= l[p] * l[q] + l[p + 1] * l[q + 1];
        im -= l[p + 1] * l[q] - l[p] * l[q + 1];
      }
      if (i > j) {
        l[at] = re / l[2 * (j * n + j)];
        l[at + 1] = im / l[2 * (j * n + j)];
      } else if (re > 0) l[at] = Math.sqrt(re);
      else return i;
    }
  }
  return l;
}
