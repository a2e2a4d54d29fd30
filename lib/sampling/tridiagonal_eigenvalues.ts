/**
 * The eigenvalues of a symmetric tridiagonal matrix, in no order, by the implicit QL iteration with
 * Wilkinson's shift (Golub & Van Loan, section 8.3). For small matrices by the thousand, where a dense solver
 * would take ten times as long.
 *
 * @param diagonal The n diagonal entries; overwritten by the eigenvalues.
 * @param beside The n - 1 entries beside them.
 * @returns `diagonal`.
 */
export function tridiagonalEigenvalues(diagonal: Float64Array, beside: Float64Array): Float64Array {
  const n = diagonal.length;
  const d = diagonal;
  const e = new Float64Array(n);
  e.set(beside);
  for (let low = 0; low < n; low++) {
    for (;;) {
      // The block from `low` to `high` does not fall apart yet.
      let high = low;
      while (high < n - 1 && Math.abs(e[high]) > 2 ** -53 * (Math.abs(d[high]) + Math.abs(d[high + 1]))) {
        high++;
      }
      if (high === low) break;
      let g = (d[low + 1] - d[low]) / (2 * e[low]);
      g = d[high] - d[low] + e[low] / (g + (g < 0 ? -1 : 1) * Math.sqrt(g * g + 1));
      let sine = 1;
      let cosine = 1;
      let p = 0;
      let i = high - 1;
      for (; i >= low; i--) {
        const f = sine * e[i];
        const b = cosine * e[i];
        const r = Math.sqrt(f * f + g * g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] -= p;
          break;
        }
        sine = f / r;
        cosine = g / r;
        g = d[i + 1] - p;
        const t = (d[i] - g) * sine + 2 * cosine * b;
        p = sine * t;
        d[i + 1] = g + p;
        g = cosine * t - b;
      }
      e[high] = 0;
      if (i >= low) continue;
      d[low] -= p;
      e[low] = g;
    }
  }
  return d;
}
