import { ComplexMatrix, Matrix, type RealArray } from "../../arrays/mod.ts";
import type { Eig } from "../eig.ts";
import { scaled } from "../../arrays/scaling.ts";
import { realSchur } from "./real_schur.ts";
import { complexSchur, type Schur } from "./schur.ts";

/**
 * Eigenvalues and vectors from the complex Schur form; vectors of the triangle by back substitution, then
 * rotated.
 */
export function portableEig<Data extends RealArray>(
  a: Matrix<Data> | ComplexMatrix<Data>,
  left: boolean,
): Eig<Data> {
  const n = a.rows;
  const { data, restore } = scaled(a.data);
  const schur = a instanceof Matrix ? realSchur(n, data) : complexSchur(n, data);
  const values = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    values[2 * i] = restore(schur.t[2 * (i * n + i)]);
    values[2 * i + 1] = restore(schur.t[2 * (i * n + i) + 1]);
  }
  const right = vectors(n, schur, false, a.data);
  return left ? { values, right, left: vectors(n, schur, true, a.data) } : { values, right };
}

/** Unit eigenvectors of Q T Q^H as columns: right ones, or left ones. */
function vectors<Data extends RealArray>(
  n: number,
  { t, q }: Schur,
  left: boolean,
  like: Data,
): ComplexMatrix<Data> {
  const out = new ComplexMatrix(
    n,
    n,
    (like instanceof Float32Array
      ? new Float32Array(2 * n * n)
      : new Float64Array(2 * n * n)) as RealArray as Data,
  );
  let largest = 0;
  for (let k = 0; k < t.length; k++) largest = Math.max(largest, Math.abs(t[k]));
  const x = new Float64Array(2 * n);
  const y = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    if (left) solveLeft(n, t, k, largest, x);
    else solveRight(n, t, k, largest, x);
    multiply(n, q, x, left ? k : 0, left ? n : k + 1, y);
    normalize(y);
    for (let i = 0; i < n; i++) {
      out.data[2 * (i * n + k)] = y[2 * i], out.data[2 * (i * n + k) + 1] = y[2 * i + 1];
    }
  }
  return out;
}

/** x with (T - t_kk I) x = 0, x_k = 1, by back substitution in the leading k x k block. */
function solveRight(n: number, t: Float64Array, k: number, largest: number, x: Float64Array): void {
  x.fill(0);
  x[2 * k] = 1;
  for (let i = k - 1; i >= 0; i--) {
    let re = 0;
    let im = 0;
    for (let j = i + 1; j <= k; j++) {
      const p = 2 * (i * n + j);
      re -= t[p] * x[2 * j] - t[p + 1] * x[2 * j + 1];
      im -= t[p] * x[2 * j + 1] + t[p + 1] * x[2 * j];
    }
    quotient(n, t, i, k, 1, largest, re, im, x);
  }
}

/** x with x^H (T - t_kk I) = 0, x_k = 1, by forward substitution in the trailing block. */
function solveLeft(n: number, t: Float64Array, k: number, largest: number, x: Float64Array): void {
  x.fill(0);
  x[2 * k] = 1;
  for (let j = k + 1; j < n; j++) {
    // conj of the equation: sum_i conj(t_ij) x_i = conj(t_kk) x_j.
    let re = 0;
    let im = 0;
    for (let i = k; i < j; i++) {
      const p = 2 * (i * n + j);
      re -= t[p] * x[2 * i] + t[p + 1] * x[2 * i + 1];
      im -= t[p] * x[2 * i + 1] - t[p + 1] * x[2 * i];
    }
    quotient(n, t, j, k, -1, largest, re, im, x);
  }
}

/**
 * x_i = (re + i im) / (t_ii - t_kk), conjugated if sign is -1. Equal eigenvalues are moved apart by a
 * rounding of the norm, as in LAPACK's trevc, and the vector is scaled down before it overflows.
 */
function quotient(
  n: number,
  t: Float64Array,
  i: number,
  k: number,
  sign: number,
  largest: number,
  re: number,
  im: number,
  x: Float64Array,
): void {
  let dr = t[2 * (i * n + i)] - t[2 * (k * n + k)];
  let di = sign * (t[2 * (i * n + i) + 1] - t[2 * (k * n + k) + 1]);
  const least = Number.EPSILON * (largest || 1);
  if (Math.abs(dr) + Math.abs(di) < least) dr = least, di = 0;
  const square = dr * dr + di * di;
  x[2 * i] = (re * dr + im * di) / square;
  x[2 * i + 1] = (im * dr - re * di) / square;
  const size = Math.abs(x[2 * i]) + Math.abs(x[2 * i + 1]);
  if (size > 1e100) { for (let j = 0; j < x.length; j++) x[j] /= size; }
}

/** y = Q x, where x is zero outside from .. to. */
function multiply(
  n: number,
  q: Float64Array,
  x: Float64Array,
  from: number,
  to: number,
  y: Float64Array,
): void {
  for (let i = 0; i < n; i++) {
    let re = 0;
    let im = 0;
    for (let j = from; j < to; j++) {
      const p = 2 * (i * n + j);
      re += q[p] * x[2 * j] - q[p + 1] * x[2 * j + 1];
      im += q[p] * x[2 * j + 1] + q[p + 1] * x[2 * j];
    }
    y[2 * i] = re, y[2 * i + 1] = im;
  }
}

/** Norm 1, and the largest entry real, as LAPACK has it. */
function normalize(y: Float64Array): void {
  let sum = 0;
  let largest = 0;
  let at = 0;
  let scale = 0;
  for (let i = 0; i < y.length; i++) scale = Math.max(scale, Math.abs(y[i]));
  for (let i = 0; i < y.length; i++) y[i] /= scale;
  for (let i = 0; i < y.length; i += 2) {
    const square = y[i] * y[i] + y[i + 1] * y[i + 1];
    sum += square;
    if (square > largest) largest = square, at = i;
  }
  const modulus = Math.sqrt(largest);
  const norm = Math.sqrt(sum);
  const cr = y[at] / modulus / norm;
  const ci = -y[at + 1] / modulus / norm;
  for (let i = 0; i < y.length; i += 2) {
    const re = y[i];
    const im = y[i + 1];
    y[i] = re * cr - im * ci;
    y[i + 1] = re * ci + im * cr;
  }
  y[at + 1] = 0;
}
