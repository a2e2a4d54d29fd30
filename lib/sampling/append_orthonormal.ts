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

/**
 * The inner product of `length` entries of `a` from `start` on and the first ones of `b`, in four sums: a single one
 * would wait for each addition.
 */
export function dot(a: Float64Array, start: number, b: Float64Array, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let j = 0;
  for (; j + 3 < length; j += 4) {
    s0 += a[start + j] * b[j];
    s1 += a[start + j + 1] * b[j + 1];
    s2 += a[start + j + 2] * b[j + 2];
    s3 += a[start + j + 3] * b[j + 3];
  }
  for (; j < length; j++) s0 += a[start + j] * b[j];
  return s0 + s1 + (s2 + s3);
}
