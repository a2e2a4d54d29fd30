/**
 * The thin QR factorization of an interleaved m x n matrix by Householder reflections (Golub & Van Loan,
 * section 5.2), the diagonal of r real and non-negative. ml-matrix is real only. `a` is overwritten; its
 * entries should be scaled to about 1.
 */
export function householderQr(m: number, n: number, a: Float64Array): { q: Float64Array; r: Float64Array } {
  const p = Math.min(m, n);
  const reflectors: Float64Array[] = [];
  for (let k = 0; k < p; k++) {
    const v = reflector(m, n, a, k);
    reflectors.push(v);
    reflect(m, n, a, v, k, k);
  }
  const r = new Float64Array(2 * p * n);
  for (let i = 0; i < p; i++) {
    for (let j = 2 * i; j < 2 * n; j++) r[2 * i * n + j] = a[2 * i * n + j];
  }
  // q is the product of the reflections, applied to the first p columns of the identity from the last to the
  // first.
  const q = new Float64Array(2 * m * p);
  for (let i = 0; i < p; i++) q[2 * (i * p + i)] = 1;
  for (let k = p - 1; k >= 0; k--) reflect(m, p, q, reflectors[k], k, k);
  for (let k = 0; k < p; k++) makePositive(m, n, p, q, r, k);
  return { q, r };
}

/**
 * The unit vector v, zero above entry k, whose reflection clears column k below the diagonal; zero if it is
 * clear.
 */
function reflector(m: number, n: number, a: Float64Array, k: number): Float64Array {
  const v = new Float64Array(2 * m);
  let below = 0;
  for (let i = k; i < m; i++) {
    v[2 * i] = a[2 * (i * n + k)];
    v[2 * i + 1] = a[2 * (i * n + k) + 1];
    if (i > k) below = Math.hypot(below, v[2 * i], v[2 * i + 1]);
  }
  if (below === 0) return v.fill(0);
  const head = Math.hypot(v[2 * k], v[2 * k + 1]);
  const norm = Math.hypot(head, below);
  v[2 * k] += (head === 0 ? 1 : v[2 * k] / head) * norm;
  v[2 * k + 1] += (head === 0 ? 0 : v[2 * k + 1] / head) * norm;
  const length = Math.hypot(head + norm, below);
  for (let i = 2 * k; i < 2 * m; i++) v[i] /= length;
  return v;
}

/** x := (I - 2 v v^H) x for an m x n matrix, from row and column on. */
function reflect(m: number, n: number, x: Float64Array, v: Float64Array, row: number, column: number): void {
  const dots = new Float64Array(2 * n);
  for (let i = row; i < m; i++) {
    const re = v[2 * i];
    const im = -v[2 * i + 1];
    let at = 2 * (i * n + column);
    for (let j = 2 * column; j < 2 * n; j += 2, at += 2) {
      dots[j] += re * x[at] - im * x[at + 1];
      dots[j + 1] += re * x[at + 1] + im * x[at];
    }
  }
  for (let i = row; i < m; i++) {
    const re = 2 * v[2 * i];
    const im = 2 * v[2 * i + 1];
    let at = 2 * (i * n + column);
    for (let j = 2 * column; j < 2 * n; j += 2, at += 2) {
      x[at] -= re * dots[j] - im * dots[j + 1];
      x[at + 1] -= re * dots[j + 1] + im * dots[j];
    }
  }
}

/** Moves the phase of r_kk from row k of r (p x n) to column k of q (m x p), whatever their origin. */
export function makePositive(
  m: number,
  n: number,
  p: number,
  q: { [index: number]: number },
  r: { [index: number]: number },
  k: number,
): void {
  const at = 2 * (k * n + k);
  const modulus = Math.hypot(r[at], r[at + 1]);
  if (modulus === 0 || (r[at] > 0 && r[at + 1] === 0)) return;
  const c = r[at] / modulus;
  const s = r[at + 1] / modulus;
  for (let j = 2 * (k * n + k); j < 2 * (k + 1) * n; j += 2) turn(r, j, c, -s);
  for (let i = 0; i < m; i++) turn(q, 2 * (i * p + k), c, s);
  r[at] = modulus;
  r[at + 1] = 0;
}

/** x[at] *= c + i s. */
function turn(x: { [index: number]: number }, at: number, c: number, s: number): void {
  const re = x[at];
  const im = x[at + 1];
  x[at] = re * c - im * s;
  x[at + 1] = re * s + im * c;
}
