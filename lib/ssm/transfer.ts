import {
  type Complex,
  ComplexMatrix,
  type Matrix,
  type RealArray,
  requireBoolean,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireNumbers,
  requireOptions,
} from "../arrays/mod.ts";
import {
  complex,
  complexAt,
  divide,
  LARGEST_SQUARE,
  multiply,
  setComplexAt,
  SMALLEST_SQUARE,
} from "../arrays/complex.ts";
import { complexSolve, SingularMatrixError } from "../linalg/mod.ts";
import { requireComplexVector, requireSameSize } from "./check.ts";

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
 * The transfer function `G(s) = C (s I - A)^{-1} B` at points of the complex plane, by solves: O(n^2) per
 * point for a lower triangular A (HiPPO-LegS; no eigenvectors, so nothing to be ill-conditioned), O(n^3)
 * otherwise.
 *
 * For a discrete system these are points on the unit circle, {@linkcode unitCircle}.
 *
 * @param system A, B and C.
 * @param s Points, complex interleaved.
 * @returns One value per point, complex interleaved.
 * @throws {RangeError} if sizes differ or a point is not finite.
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
  requireOptions("system", system, ["A", "B", "C"]);
  const { A, B, C } = system;
  const n = requireMatrix("A", A).rows;
  requireNumbers("B", B);
  requireNumbers("C", C);
  if (A.columns !== n || B.length !== n || C.length !== n) {
    throw new RangeError(
      `\`A\` is ${n} x ${A.columns}, \`B\` has ${B.length} and \`C\` ${C.length} entries: they must agree`,
    );
  }
  requirePoints(s);
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
    const diagonal = { re: sRe - a[i * n + i], im: sIm };
    if (diagonal.re === 0 && diagonal.im === 0) {
      throw poleError({ re: sRe, im: sIm }, `entry (${i}, ${i}) of \`A\``);
    }
    setComplexAt(x, i, divide({ re, im }, diagonal));
  }
}

/** Throws unless `s` holds finite complex numbers. @throws {TypeError | RangeError} */
function requirePoints(s: RealArray): void {
  requireComplexVector("s", s);
  requireFinite("Cannot evaluate at `s`", s);
}

function poleError({ re, im }: Complex, pole: string): SingularMatrixError {
  return new SingularMatrixError(
    `Cannot evaluate the transfer function at \`s\` = ${re}${im < 0 ? "" : "+"}${im}i: it is a pole, ${pole}`,
  );
}

/**
 * The transfer function of a diagonal system, `sum_n r_n / (s - lambda_n)`: O(n) per point.
 *
 * Models whose poles come in conjugate pairs often store one of each pair, as {@linkcode diagonalInit} does.
 * `pairs` must be given where all complex poles are on the same side of the real axis.
 *
 * @param lambda Poles, complex interleaved.
 * @param residues `C_n B_n`, of the same size.
 * @param s Points, complex interleaved.
 * @param options `pairs`: true if each pole stands for itself and its conjugate, so that the sum has
 * `conj(r_n) / (s - conj(lambda_n))` too. Default false.
 * @returns One value per point, complex interleaved.
 * @throws {RangeError} if sizes differ, or an entry of `lambda` or `s` is not finite.
 * @throws {TypeError} if all complex poles are on the same side of the real axis and `pairs` is not given.
 * @throws {SingularMatrixError} at a pole.
 *
 * @example
 * ```ts
 * import { transferFunctionDiagonal } from "refigure/ssm";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const numbers = (...values: number[]) => Float64Array.from(values);
 * assertEquals(transferFunctionDiagonal(numbers(-1, 0), numbers(3, 0), numbers(2, 0)), numbers(1, 0));
 * // 1 / (s + 1 - i) + 1 / (s + 1 + i) at s = 0
 * const g = transferFunctionDiagonal(numbers(-1, 1), numbers(1, 0), numbers(0, 0), { pairs: true });
 * assertAlmostEquals(g[0], 1);
 * ```
 */
export function transferFunctionDiagonal(
  lambda: Float64Array,
  residues: Float64Array,
  s: Float64Array,
  options: { pairs?: boolean } = {},
): Float64Array {
  requireOptions("options", options, ["pairs"]);
  requireSameSize("residues", residues, "lambda", lambda);
  requireFinite("Cannot use the poles `lambda`", lambda);
  requirePoints(s);
  const { pairs = false } = options;
  requireBoolean("pairs", pairs);
  if (options.pairs === undefined) refuseHalfSpectrum(lambda);
  const out = new Float64Array(s.length);
  for (let k = 0; k < s.length / 2; k++) {
    addTerms(lambda, residues, 1, s, out, k);
    if (pairs) addTerms(lambda, residues, -1, s, out, k);
  }
  return out;
}

/**
 * Adds `sum_n r_n / (s - lambda_n)` to entry k of `out`; for `sign` -1, of the conjugate residues and poles.
 */
function addTerms(
  lambda: Float64Array,
  residues: Float64Array,
  sign: 1 | -1,
  s: Float64Array,
  out: Float64Array,
  k: number,
): void {
  const sRe = s[2 * k];
  const sIm = s[2 * k + 1];
  let re = 0;
  let im = 0;
  for (let i = 0; i < lambda.length; i += 2) {
    const x = sRe - lambda[i];
    const y = sIm - sign * lambda[i + 1];
    const residueRe = residues[i];
    const residueIm = sign * residues[i + 1];
    const square = x * x + y * y;
    if (square > SMALLEST_SQUARE && square < LARGEST_SQUARE) {
      const d = 1 / square;
      re += (residueRe * x + residueIm * y) * d;
      im += (residueIm * x - residueRe * y) * d;
    } else {
      if (x === 0 && y === 0) throw poleError(complexAt(s, k), `number ${i / 2} of \`lambda\``);
      const term = divide({ re: residueRe, im: residueIm }, { re: x, im: y });
      re += term.re;
      im += term.im;
    }
  }
  out[2 * k] += re;
  out[2 * k + 1] += im;
}

/** Throws if the poles are one of each conjugate pair, as far as can be seen. @throws {TypeError} */
function refuseHalfSpectrum(lambda: Float64Array): void {
  let above = 0;
  let below = 0;
  for (let k = 1; k < lambda.length; k += 2) {
    if (lambda[k] > 0) above++;
    else if (lambda[k] < 0) below++;
  }
  if (above + below > 0 && (above === 0 || below === 0)) {
    const side = above > 0 ? "above" : "below";
    throw new TypeError(
      `\`pairs\` must be given: all ${
        above + below
      } complex poles of \`lambda\` are ${side} the real axis. ` +
        "Set it to true if each stands for itself and its conjugate, to false if there are no others",
    );
  }
}

/**
 * The frequency response `H(theta) = sum_l K[l] exp(-i theta l)` of a discrete diagonal system with kernel
 * `K[l] = sum_n w_n p_n^l`, that is `sum_n w_n / (1 - p_n exp(-i theta))`: gain and phase at the frequency
 * theta, in radians per sample. Its absolute value is {@linkcode complexAbs} of the result.
 *
 * @param weights `C dB`, n complex numbers, interleaved.
 * @param factors `dA`, n complex numbers, interleaved.
 * @param theta Frequencies in radians per sample.
 * @param options `pairs`: each factor stands for itself and its conjugate, as in
 * {@linkcode vandermondeKernels}. Default true.
 * @returns One value per frequency, complex interleaved.
 * @throws {RangeError} if sizes differ or an entry of `factors` or `theta` is not finite.
 * @throws {SingularMatrixError} at a pole on the unit circle.
 *
 * @example A moving average with exponential weights lets slow signals pass
 * ```ts
 * import { complexAbs } from "refigure/arrays";
 * import { frequencyResponse } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const numbers = (...values: number[]) => Float64Array.from(values);
 * // y[k] = 0.9 y[k-1] + 0.1 u[k]
 * const response = frequencyResponse(numbers(0.1, 0), numbers(0.9, 0), [0, Math.PI], { pairs: false });
 * const gain = complexAbs(response);
 * assertAlmostEquals(gain[0], 1);
 * assertAlmostEquals(gain[1], 0.1 / 1.9);
 * ```
 */
export function frequencyResponse(
  weights: Float64Array,
  factors: Float64Array,
  theta: ArrayLike<number>,
  options: { pairs?: boolean } = {},
): Float64Array {
  requireOptions("options", options, ["pairs"]);
  const { pairs = true } = options;
  requireBoolean("pairs", pairs);
  requireSameSize("weights", weights, "factors", factors);
  requireFinite("Cannot use `factors`", factors);
  const z = unitCircle(theta);
  // sum w / (1 - p / z) = z sum w / (z - p)
  const sums = transferFunctionDiagonal(factors, weights, z, { pairs });
  for (let k = 0; k < theta.length; k++) {
    setComplexAt(sums, k, multiply(complexAt(z, k), complexAt(sums, k)));
  }
  return sums;
}

/**
 * The transfer function of row `row` of HiPPO-LegS in closed form,
 * `sqrt(2j+1) prod_{k<j} (s - k) / prod_{k=1}^{j+1} (s + k)` (Yu et al. 2024, "Robustifying state-space
 * models for long sequences via approximate diagonalization", Lemma 1): the same for every state size above
 * `row`.
 *
 * @param row Which output, from 0.
 * @param s Points, complex interleaved.
 * @returns One value per point, complex interleaved.
 * @throws {RangeError} if `row` is not a non-negative integer or a point is not finite.
 * @throws {SingularMatrixError} at a pole.
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
  requirePoints(s);
  const out = new Float64Array(s.length);
  for (let i = 0; i < s.length / 2; i++) {
    const { re: x, im: y } = complexAt(s, i);
    refuseLegsPole(x, y, row + 1);
    let product = divide(complex(Math.sqrt(2 * row + 1)), { re: x + 1, im: y });
    for (let k = 0; k < row; k++) {
      product = multiply(product, divide({ re: x - k, im: y }, { re: x + k + 2, im: y }));
    }
    setComplexAt(out, i, product);
  }
  return out;
}

/** The poles of HiPPO-LegS are -1, ..., -count. @throws {SingularMatrixError} */
function refuseLegsPole(x: number, y: number, count: number): void {
  if (y === 0 && Number.isInteger(x) && x <= -1 && x >= -count) {
    throw poleError({ re: x, im: y }, "an eigenvalue of HiPPO-LegS");
  }
}

/**
 * `rho_n(s) = prod_{k<n} (s - k) / (s + k + 1)`, by which the diagonal model misses HiPPO-LegS: the transfer
 * function of the normal part with half of B is that of LegS over `1 + rho_n`. On the imaginary axis its
 * modulus is `omega / sqrt(omega^2 + n^2)`.
 *
 * @param n State size, at least 1.
 * @param s Points, complex interleaved.
 * @returns One value per point, complex interleaved.
 * @throws {RangeError} if `n` is not an integer of at least 1 or a point is not finite.
 * @throws {SingularMatrixError} at a pole.
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
  requirePoints(s);
  const out = new Float64Array(s.length);
  for (let i = 0; i < s.length / 2; i++) {
    const { re: x, im: y } = complexAt(s, i);
    refuseLegsPole(x, y, n);
    setComplexAt(out, i, ratioProduct(n, x, y));
  }
  return out;
}

/** `prod_{k<n} (x + iy - k) / (x + iy + k + 1)`. */
function ratioProduct(n: number, x: number, y: number): Complex {
  let re = 1;
  let im = 0;
  for (let k = 0; k < n; k++) {
    const a = x - k;
    const b = x + k + 1;
    const d = 1 / (b * b + y * y);
    const quotientRe = (a * b + y * y) * d;
    const quotientIm = (y * b - a * y) * d;
    const next = re * quotientRe - im * quotientIm;
    im = re * quotientIm + im * quotientRe;
    re = next;
  }
  if (Number.isFinite(re) && Number.isFinite(im)) return { re, im };
  // The squares of very large or very small numbers: the same product with scaled divisions.
  let product = complex(1);
  for (let k = 0; k < n; k++) {
    product = multiply(product, divide({ re: x - k, im: y }, { re: x + k + 1, im: y }));
  }
  return product;
}

/**
 * The transfer function of row `row` of the diagonal model S4D-LegS, normal part and half of B, in closed
 * form: {@linkcode legsTransfer} over `1 +` {@linkcode legsRatio}. It has spikes at the roots `omega_j` whose
 * height does not fall with n.
 *
 * @param row Which output, from 0.
 * @param n State size, above `row`.
 * @param s Points, complex interleaved.
 * @returns One value per point, complex interleaved.
 * @throws {RangeError} if `row` is not from 0 to n - 1 or a point is not finite.
 * @throws {SingularMatrixError} at a pole of LegS, where this form is not defined.
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
  requireInteger("n", n, { min: 1 });
  requireInteger("row", row, { max: n - 1 });
  const g = legsTransfer(row, s);
  const rho = legsRatio(n, s);
  for (let i = 0; i < s.length / 2; i++) {
    setComplexAt(g, i, divide(complexAt(g, i), { re: 1 + rho[2 * i], im: rho[2 * i + 1] }));
  }
  return g;
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
  requireNumbers("omega", omega);
  const out = new Float64Array(2 * omega.length);
  for (let i = 0; i < omega.length; i++) out[2 * i + 1] = omega[i];
  return out;
}

/**
 * Points `exp(i theta)` of the unit circle as an interleaved vector: where the transfer function of a
 * discrete system is its frequency response.
 *
 * @throws {RangeError} if an angle is not finite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { transferFunction, unitCircle } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // x[k+1] = 0.5 x[k] + u[k] at the highest frequency: 1 / (-1 - 0.5)
 * const g = transferFunction({ A: Matrix.diagonal([0.5]), B: [1], C: [1] }, unitCircle([Math.PI]));
 * assertAlmostEquals(g[0], -2 / 3);
 * ```
 */
export function unitCircle(theta: ArrayLike<number>): Float64Array {
  requireFinite("Cannot place `theta` on the unit circle", requireNumbers("theta", theta));
  const out = new Float64Array(2 * theta.length);
  for (let i = 0; i < theta.length; i++) {
    out[2 * i] = Math.cos(theta[i]);
    out[2 * i + 1] = Math.sin(theta[i]);
  }
  return out;
}
