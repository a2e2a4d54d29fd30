import { type Matrix, requireFinite, requireInteger } from "../arrays/mod.ts";
import { complexSolve } from "../linalg/mod.ts";
import { ComplexMatrix } from "../arrays/mod.ts";

/** A dense system with one input and one output. */
export interface DenseSystem {
  /** State matrix, n x n. */
  A: Matrix;
  /** Input weights, n. */
  B: ArrayLike<number>;
  /** Output weights, n. */
  C: ArrayLike<number>;
}

/**
 * The transfer function `G(s) = C (s I - A)^{-1} B` at points of the complex plane, by solves: O(n^2) a point
 * for a lower triangular A (HiPPO-LegS; no eigenvectors, so nothing to be ill-conditioned), O(n^3) otherwise.
 *
 * @param system A, B and C.
 * @param s Points, complex interleaved.
 * @throws {TypeError} if sizes differ.
 * @throws {SingularMatrixError} at a pole.
 *
 * @example
 * ```ts
 * import { hippoLegS, transferFunction } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { A, B } = hippoLegS(3);
 * const g = transferFunction({ A, B, C: [1, 0, 0] }, new Float64Array([1, 0]));
 * assertAlmostEquals(g[0], 0.5); // 1 / (1 + s)
 * ```
 */
export function transferFunction(system: DenseSystem, s: Float64Array): Float64Array {
  const { A, B, C } = system;
  const n = A.rows;
  if (A.columns !== n || B.length !== n || C.length !== n) {
    throw new TypeError(
      `\`A\` is ${n} x ${A.columns}, \`B\` has ${B.length} and \`C\` ${C.length} entries: they must agree`,
    );
  }
  requireFinite("Cannot evaluate at `s`", s);
  let lower = true;
  for (let i = 0; i < n && lower; i++) for (let j = i + 1; j < n; j++) lower &&= A.data[i * n + j] === 0;
  const out = new Float64Array(s.length);
  const x = new Float64Array(2 * n);
  for (let k = 0; k < s.length; k += 2) {
    if (lower) substitute(A, B, s[k], s[k + 1], x);
    else {
      const shifted = ComplexMatrix.fromReal(A.times(-1));
      for (let i = 0; i < n; i++) {
        shifted.data[2 * i * (n + 1)] += s[k];
        shifted.data[2 * i * (n + 1) + 1] += s[k + 1];
      }
      x.fill(0);
      for (let i = 0; i < n; i++) x[2 * i] = B[i];
      x.set(complexSolve(shifted, x));
    }
    for (let i = 0; i < n; i++) {
      out[k] += C[i] * x[2 * i];
      out[k + 1] += C[i] * x[2 * i + 1];
    }
  }
  return out;
}

/** x = (s I - A)^{-1} B for a lower triangular A. */
function substitute(A: Matrix, B: ArrayLike<number>, sRe: number, sIm: number, x: Float64Array): void {
  const n = A.rows;
  const a = A.data;
  for (let i = 0; i < n; i++) {
    let re = B[i];
    let im = 0;
    let p = i * n;
    for (let j = 0; j < i; j++, p++) {
      re += a[p] * x[2 * j];
      im += a[p] * x[2 * j + 1];
    }
    const dRe = sRe - a[i * n + i];
    const d = dRe * dRe + sIm * sIm;
    x[2 * i] = (re * dRe + im * sIm) / d;
    x[2 * i + 1] = (im * dRe - re * sIm) / d;
  }
}

/**
 * The transfer function of a diagonal system, `sum_n r_n / (s - lambda_n)`: O(n) a point.
 *
 * @param lambda Poles, complex interleaved.
 * @param residues `C_n B_n`, of the same size.
 * @param s Points, complex interleaved.
 * @throws {TypeError} if sizes differ.
 *
 * @example
 * ```ts
 * import { transferFunctionDiagonal } from "refigure/ssm";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(transferFunctionDiagonal(new Float64Array([-1, 0]), new Float64Array([3, 0]), new Float64Array([2, 0])), new Float64Array([1, 0]));
 * ```
 */
export function transferFunctionDiagonal(
  lambda: Float64Array,
  residues: Float64Array,
  s: Float64Array,
): Float64Array {
  if (lambda.length !== residues.length) {
    throw new TypeError(
      `\`residues\` must have ${lambda.length / 2} complex numbers as \`lambda\`, got ${residues.length / 2}`,
    );
  }
  const out = new Float64Array(s.length);
  for (let k = 0; k < s.length; k += 2) {
    let re = 0;
    let im = 0;
    for (let i = 0; i < lambda.length; i += 2) {
      const x = s[k] - lambda[i];
      const y = s[k + 1] - lambda[i + 1];
      const d = 1 / (x * x + y * y);
      re += (residues[i] * x + residues[i + 1] * y) * d;
      im += (residues[i + 1] * x - residues[i] * y) * d;
    }
    out[k] = re;
    out[k + 1] = im;
  }
  return out;
}

/**
 * The transfer function of row `row` of HiPPO-LegS in closed form,
 * `sqrt(2j+1) prod_{k<j} (s - k) / prod_{k=1}^{j+1} (s + k)` (Yu et al. 2024, "Robustifying state-space
 * models for long sequences via approximate diagonalization", Lemma 1): the same for every state size above
 * `row`.
 *
 * @param row Which output, from 0.
 * @param s Points, complex interleaved.
 * @throws {RangeError} if `row` is not a non-negative integer.
 *
 * @example
 * ```ts
 * import { legsTransfer } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(legsTransfer(1, new Float64Array([2, 0]))[0], Math.sqrt(3) * 2 / (3 * 4));
 * ```
 */
export function legsTransfer(row: number, s: Float64Array): Float64Array {
  requireInteger("row", row);
  const out = new Float64Array(s.length);
  const scale = Math.sqrt(2 * row + 1);
  for (let i = 0; i < s.length; i += 2) {
    let [re, im] = quotient(scale, 0, s[i] + 1, s[i + 1]);
    for (let k = 0; k < row; k++) {
      const [a, b] = quotient(s[i] - k, s[i + 1], s[i] + k + 2, s[i + 1]);
      [re, im] = [re * a - im * b, re * b + im * a];
    }
    out[i] = re;
    out[i + 1] = im;
  }
  return out;
}

/**
 * `rho_n(s) = prod_{k<n} (s - k) / (s + k + 1)`, by which the diagonal model misses HiPPO-LegS: the transfer
 * function of the normal part with half of B is that of LegS over `1 + rho_n`. On the imaginary axis its
 * modulus is `omega / sqrt(omega^2 + n^2)`.
 *
 * @param n State size, at least 1.
 * @param s Points, complex interleaved.
 * @throws {RangeError} if `n` is not an integer of at least 1.
 *
 * @example
 * ```ts
 * import { legsRatio } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(legsRatio(16, new Float64Array([0, 5]))[0], -0.2939234141326151, 1e-14);
 * ```
 */
export function legsRatio(n: number, s: Float64Array): Float64Array {
  requireInteger("n", n, { min: 1 });
  const out = new Float64Array(s.length);
  for (let i = 0; i < s.length; i += 2) {
    const x = s[i];
    const y = s[i + 1];
    let re = 1;
    let im = 0;
    for (let k = 0; k < n; k++) {
      const a = x - k;
      const b = x + k + 1;
      const d = 1 / (b * b + y * y);
      const qRe = (a * b + y * y) * d;
      const qIm = (y * b - a * y) * d;
      const next = re * qRe - im * qIm;
      im = re * qIm + im * qRe;
      re = next;
    }
    out[i] = re;
    out[i + 1] = im;
  }
  return out;
}

/**
 * The transfer function of row `row` of the diagonal model S4D-LegS, normal part and half of B, in closed
 * form: {@linkcode legsTransfer} over `1 +` {@linkcode legsRatio}. It has spikes at the roots `omega_j` whose
 * height does not fall with n.
 *
 * @param row Which output, from 0.
 * @param n State size, above `row`.
 * @param s Points, complex interleaved.
 * @throws {RangeError} if `row` is not from 0 to n - 1.
 *
 * @example
 * ```ts
 * import { legsDiagTransfer } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const g = legsDiagTransfer(0, 16, new Float64Array([0, 5]));
 * assertAlmostEquals(g[0], 0.07367305758226991, 1e-14);
 * assertAlmostEquals(g[1], -0.2670641492650183, 1e-14);
 * ```
 */
export function legsDiagTransfer(row: number, n: number, s: Float64Array): Float64Array {
  requireInteger("row", row, { max: n - 1 });
  const g = legsTransfer(row, s);
  const rho = legsRatio(n, s);
  for (let i = 0; i < s.length; i += 2) {
    [g[i], g[i + 1]] = quotient(g[i], g[i + 1], 1 + rho[i], rho[i + 1]);
  }
  return g;
}

function quotient(a: number, b: number, c: number, d: number): [number, number] {
  const size = c * c + d * d;
  return [(a * c + b * d) / size, (b * c - a * d) / size];
}

/**
 * Points `i omega` of the imaginary axis as an interleaved vector.
 *
 * @example
 * ```ts
 * import { imaginaryAxis } from "refigure/ssm";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(imaginaryAxis([1, 2]), new Float64Array([0, 1, 0, 2]));
 * ```
 */
export function imaginaryAxis(omega: ArrayLike<number>): Float64Array {
  const out = new Float64Array(2 * omega.length);
  for (let i = 0; i < omega.length; i++) out[2 * i + 1] = omega[i];
  return out;
}

/**
 * The moduli of interleaved complex numbers.
 *
 * @example
 * ```ts
 * import { moduli } from "refigure/ssm";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(moduli(new Float64Array([3, 4, 0, 1])), new Float64Array([5, 1]));
 * ```
 */
export function moduli(z: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: z.length / 2 }, (_, i) => Math.hypot(z[2 * i], z[2 * i + 1]));
}
