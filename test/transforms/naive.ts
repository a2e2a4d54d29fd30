/** The definitions, summed term by term: what the fast transforms are held against. */

/** `sum_j x[j] exp(-2 pi i j k / n)`, the angle reduced in integers. */
export function naiveDft(x: ArrayLike<number>): Float64Array {
  const n = x.length / 2;
  const out = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    for (let j = 0; j < n; j++) {
      const angle = -2 * Math.PI * (j * k % n) / n;
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      out[2 * k] += x[2 * j] * cos - x[2 * j + 1] * sin;
      out[2 * k + 1] += x[2 * j] * sin + x[2 * j + 1] * cos;
    }
  }
  return out;
}

/** `sum_s a[s] b[t - s]`, all of them. */
export function naiveConvolution(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const out = new Float64Array(a.length + b.length - 1);
  for (let s = 0; s < a.length; s++) for (let t = 0; t < b.length; t++) out[s + t] += a[s] * b[t];
  return out;
}

/** Real numbers as complex ones. */
export function complexify(x: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: 2 * x.length }, (_, k) => k % 2 === 0 ? x[k / 2] : 0);
}

/** The Euclidean norm. */
export function norm(x: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += x[k] * x[k];
  return Math.sqrt(sum);
}

/** `||x - y|| / ||y||` in units of double precision's epsilon; Infinity if the lengths differ. */
export function units(x: ArrayLike<number>, y: ArrayLike<number>): number {
  if (x.length !== y.length) return Infinity;
  const difference = norm(Float64Array.from(x, (value, k) => value - y[k]));
  return difference === 0 ? 0 : difference / (norm(y) || 1) / 2 ** -52;
}
