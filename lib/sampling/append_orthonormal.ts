/**
 * Makes row k of `q` the direction of `v` beyond the k orthonormal rows before it; the second pass cleans the
 * first.
 */
export function appendOrthonormal(q: Float64Array, k: number, v: Float64Array): void {
  const m = v.length;
  q.set(v, k * m);
  clean(q, k, m);
  clean(q, k, m);
  normalize(q, k, m);
}

/**
 * The same where the components `along` of `v` along the k rows are known, so that the first pass needs no products; with a
 * second pass if `isCleaned`.
 */
export function appendAlong(
  q: Float64Array,
  k: number,
  v: Float64Array,
  along: Float64Array,
  isCleaned: boolean,
): void {
  const m = v.length;
  const to = k * m;
  q.set(v, to);
  let i = 0;
  // Four rows at a time, so that the new one is read and written less often.
  for (; i + 3 < k; i += 4) {
    const a = along[i];
    const b = along[i + 1];
    const c = along[i + 2];
    const d = along[i + 3];
    const from = i * m;
    for (let j = 0; j < m; j++) {
      const at = from + j;
      q[to + j] -= a * q[at] + b * q[at + m] + c * q[at + 2 * m] + d * q[at + 3 * m];
    }
  }
  for (; i < k; i++) for (let j = 0; j < m; j++) q[to + j] -= along[i] * q[i * m + j];
  if (isCleaned) clean(q, k, m);
  normalize(q, k, m);
}

/** Takes from row k its components along the rows before, one after the other. */
function clean(q: Float64Array, k: number, m: number): void {
  const row = q.subarray(k * m, (k + 1) * m);
  for (let i = 0; i < k; i++) {
    const along = dot(q, i * m, row, m);
    for (let j = 0; j < m; j++) row[j] -= along * q[i * m + j];
  }
}

function normalize(q: Float64Array, k: number, m: number): void {
  const row = q.subarray(k * m, (k + 1) * m);
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
