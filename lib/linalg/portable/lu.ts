import type { RealArray } from "../../arrays/mod.ts";

/**
 * Solves `A X = B` in place by Gaussian elimination with partial pivoting, complex n x n and n x p
 * interleaved: B turns into X and A into its factors. Returns the first column without a pivot, or -1.
 */
export function complexSolveInPlace(n: number, p: number, a: RealArray, b: RealArray): number {
  for (let k = 0; k < n; k++) {
    let pivot = k;
    let largest = 0;
    for (let i = k; i < n; i++) {
      // As LAPACK does: |re| + |im| is as good as the modulus for choosing, and cannot underflow.
      const size = Math.abs(a[2 * (i * n + k)]) + Math.abs(a[2 * (i * n + k) + 1]);
      if (size > largest) pivot = i, largest = size;
    }
    if (largest === 0) return k;
    if (pivot !== k) {
      swap(a, 2 * k * n, 2 * pivot * n, 2 * n);
      swap(b, 2 * k * p, 2 * pivot * p, 2 * p);
    }
    for (let i = k + 1; i < n; i++) {
      const at = 2 * (i * n + k);
      divide(a, at, a, 2 * (k * n + k));
      const re = a[at];
      const im = a[at + 1];
      if (re === 0 && im === 0) continue;
      subtract(a, at + 2, 2 * (k * n + k) + 2, re, im, n - k - 1);
      subtract(b, 2 * i * p, 2 * k * p, re, im, p);
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let j = 0; j < p; j++) divide(b, 2 * (k * p + j), a, 2 * (k * n + k));
    for (let i = 0; i < k; i++) {
      subtract(b, 2 * i * p, 2 * k * p, a[2 * (i * n + k)], a[2 * (i * n + k) + 1], p);
    }
  }
  return -1;
}

function swap(x: RealArray, at: number, other: number, length: number): void {
  for (let j = 0; j < length; j++) {
    const kept = x[at + j];
    x[at + j] = x[other + j];
    x[other + j] = kept;
  }
}

/** x[at] -= (re + i im) x[from], over a row of complex entries. */
function subtract(x: RealArray, at: number, from: number, re: number, im: number, length: number): void {
  for (let j = 0; j < 2 * length; j += 2) {
    const xr = x[from + j];
    const xi = x[from + j + 1];
    x[at + j] -= re * xr - im * xi;
    x[at + j + 1] -= re * xi + im * xr;
  }
}

/** x[at] /= y[by], by Smith's method, which does not overflow where the quotient does not. */
function divide(x: RealArray, at: number, y: RealArray, by: number): void {
  const re = x[at];
  const im = x[at + 1];
  const c = y[by];
  const d = y[by + 1];
  if (Math.abs(c) >= Math.abs(d)) {
    const ratio = d / c;
    const scale = c + d * ratio;
    x[at] = (re + im * ratio) / scale;
    x[at + 1] = (im - re * ratio) / scale;
  } else {
    const ratio = c / d;
    const scale = c * ratio + d;
    x[at] = (re * ratio + im) / scale;
    x[at + 1] = (im * ratio - re) / scale;
  }
}
