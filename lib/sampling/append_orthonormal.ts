/**
 * Makes row k of `q` the direction of `v` beyond the k orthonormal rows before it; the second pass cleans the
 * first.
 */
export function appendOrthonormal(q: Float64Array, k: number, v: Float64Array): void {
  const m = v.length;
  const row = q.subarray(k * m, (k + 1) * m);
  row.set(v);
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < k; i++) {
      const along = dot(q, i * m, row, m);
      for (let j = 0; j < m; j++) row[j] -= along * q[i * m + j];
    }
  }
  const norm = Math.sqrt(dot(row, 0, row, m));
  for (let j = 0; j < m; j++) row[j] /= norm;
}

/** The inner product of `length` entries of `a` from `start` on and the first ones of `b`. */
export function dot(a: Float64Array, start: number, b: Float64Array, length: number): number {
  let sum = 0;
  for (let j = 0; j < length; j++) sum += a[start + j] * b[j];
  return sum;
}
