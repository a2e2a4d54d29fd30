import { ComplexMatrix, requireInteger, requireOptions } from "../arrays/mod.ts";
import { complexEigh } from "../linalg/mod.ts";
import { requirePairs } from "./check.ts";

/** The upper half of the spectrum of the normal part of HiPPO-LegS. */
export interface LegsSpectrum {
  /** Imaginary parts of the n / 2 eigenvalues `-1/2 + i omega` above the real axis, descending. */
  omega: Float64Array;
  /** Entries of `v^* B`, real and positive in the phase used here; `2 sum bTilde^2 = n^2`. */
  bTilde: Float64Array;
}

/**
 * Terms that are summed one by one; beyond them Euler-Maclaurin is exact to rounding, as |x - i omega| >= 24.
 */
const EXPLICIT = 24;
/** B_2k(1/2) for k = 1..5: the midpoint rule's coefficients. */
const BERNOULLI = [-1 / 12, 7 / 240, -31 / 1344, 127 / 3840, -2555 / 33792];

/**
 * Sums over a_k = k + 1/2, k < n: the angle `sum arctan(a_k / omega)`, or `sum arctan(omega / a_k)` if
 * `complement`, and the slope `sum a_k / (omega^2 + a_k^2)`.
 */
function sums(n: number, omega: number, complement: boolean): { angle: number; slope: number } {
  const m = Math.min(n, EXPLICIT);
  const w2 = omega * omega;
  let angle = 0;
  let slope = 0;
  for (let k = 0; k < m; k++) {
    const a = k + 0.5;
    angle += complement ? Math.atan2(omega, a) : Math.atan2(a, omega);
    slope += a / (w2 + a * a);
  }
  if (m === n) return { angle, slope };
  // The integral from m to n, then the differences of odd derivatives at both ends.
  const log = Math.log1p((n * n - m * m) / (m * m + w2));
  const sign = complement ? -1 : 1;
  angle += complement
    ? n * Math.atan2(omega, n) - m * Math.atan2(omega, m)
    : n * Math.atan2(n, omega) - m * Math.atan2(m, omega);
  angle -= sign * omega / 2 * log;
  slope += log / 2;
  for (const [x, side] of [[n, 1], [m, -1]]) {
    const d = x * x + w2;
    const re = x / d;
    const im = omega / d;
    let powerRe = 1;
    let powerIm = 0;
    for (let k = 1; k <= BERNOULLI.length; k++) {
      for (let twice = 0; twice < 2; twice++) {
        const next = powerRe * re - powerIm * im;
        powerIm = powerRe * im + powerIm * re;
        powerRe = next;
        if (twice === 0) angle += side * sign * BERNOULLI[k - 1] / (2 * k * (2 * k - 1)) * powerIm;
      }
      slope -= side * BERNOULLI[k - 1] / (2 * k) * powerRe;
    }
  }
  return { angle, slope };
}

/**
 * The spectrum of the normal part of HiPPO-LegS in closed form, without an eigensolver: `omega_j` solves
 * `sum_k arctan((k + 1/2) / omega) = pi (j + 1/2)`, and `bTilde_j = sqrt(2) T_j` with
 * `1 / T_j^2 = sum_k a_k / (omega_j^2 + a_k^2)`. Sums over k are an integral with Euler-Maclaurin
 * corrections, so the cost is O(n), also for n = 10^5. For large n, `omega_j -> n^2 / (pi (2j + 1))`, which
 * is the S4D-Inv initialization (a conjecture in Gu et al. 2022, section 4.2).
 *
 * @param n State size, even.
 * @throws {RangeError} if `n` is odd or below 2.
 *
 * @example
 * ```ts
 * import { legsNormalSpectrum } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { omega, bTilde } = legsNormalSpectrum(4);
 * assertAlmostEquals(omega[0], 4.603293007066849, 1e-13);
 * assertAlmostEquals(bTilde[1] ** 2, 0.9349558872923155, 1e-13);
 * ```
 */
export function legsNormalSpectrum(n: number): LegsSpectrum {
  requirePairs("n", n);
  const half = n / 2;
  const omega = new Float64Array(half);
  const bTilde = new Float64Array(half);
  for (let j = 0; j < half; j++) {
    // Whichever of the two sums is the smaller one loses fewer digits.
    const complement = 2 * j >= half;
    const target = complement ? Math.PI * (half - j - 0.5) : Math.PI * (j + 0.5);
    let high = j === 0 ? Math.log(n * n) : Math.log(omega[j - 1]);
    let low = Math.log(0.1);
    let x = j < 2 ? Math.log(n * n / (Math.PI * (2 * j + 1))) : 2 * high - Math.log(omega[j - 2]);
    let slope = 0;
    for (let iteration = 0; iteration < 100; iteration++) {
      if (!(x > low && x < high)) x = (low + high) / 2;
      const w = Math.exp(x);
      const at = sums(n, w, complement);
      slope = at.slope;
      // Positive when omega is too small.
      const excess = complement ? target - at.angle : at.angle - target;
      if (excess > 0) low = x;
      else high = x;
      const move = excess / (w * slope);
      x += move;
      if (Math.abs(move) < 3e-16 * Math.max(1, Math.abs(x)) || high - low < 1e-15) break;
    }
    omega[j] = Math.exp(x);
    bTilde[j] = Math.sqrt(2 / sums(n, omega[j], complement).slope);
  }
  return { omega, bTilde };
}

/**
 * Unit eigenvectors that belong to {@linkcode legsNormalSpectrum}, as columns, by a two-term recurrence:
 * `U_{k+1} = U_k (i omega - a_k) / (i omega + a_k)`, `v_k = 2
 * sqrt(a_k) U_k / (i omega + a_k)`.
 *
 * @param n State size, even.
 * @param options `rows`: how many entries of each eigenvector, from its start. Default n.
 * @returns rows x n / 2.
 * @throws {RangeError} if `n` is odd or `rows` is not from 0 to n.
 *
 * @example
 * ```ts
 * import { legsNormalEigenvectors } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const v = legsNormalEigenvectors(8);
 * let norm = 0;
 * for (let k = 0; k < 8; k++) norm += v.get(k, 2).re ** 2 + v.get(k, 2).im ** 2;
 * assertAlmostEquals(norm, 1, 1e-14);
 * ```
 */
export function legsNormalEigenvectors(n: number, options: { rows?: number } = {}): ComplexMatrix {
  requireOptions("options", options, ["rows"]);
  const { rows = n } = options;
  requirePairs("n", n);
  requireInteger("rows", rows, { max: n });
  const { omega, bTilde } = legsNormalSpectrum(n);
  const out = ComplexMatrix.zeros(rows, n / 2);
  for (let j = 0; j < n / 2; j++) {
    const w = omega[j];
    let re = bTilde[j] / Math.SQRT2 / 2;
    let im = 0;
    for (let k = 0; k < rows; k++) {
      // 1 / (i w + a) = (a - i w) / d
      const a = k + 0.5;
      const d = a * a + w * w;
      const qRe = (re * a + im * w) / d;
      const qIm = (im * a - re * w) / d;
      const scale = 2 * Math.sqrt(a);
      out.set(k, j, { re: scale * qRe, im: scale * qIm });
      // times (i w - a)
      re = -a * qRe - w * qIm;
      im = w * qRe - a * qIm;
    }
  }
  return out;
}

/** What {@linkcode legsNormalByEigensolver} finds. */
export interface LegsEigensystem extends LegsSpectrum {
  /** Unit eigenvectors as columns, n x n / 2, with the phase in which `v^* B` is real and positive. */
  vectors: ComplexMatrix;
}

/**
 * The same spectrum and eigenvectors from a Hermitian eigensolver applied to `-i S`: O(n^3), and what the
 * closed form is checked against.
 *
 * @param n State size, even.
 * @throws {RangeError} if `n` is odd or below 2.
 *
 * @example
 * ```ts
 * import { legsNormalByEigensolver, legsNormalSpectrum } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const dense = legsNormalByEigensolver(16);
 * const closed = legsNormalSpectrum(16);
 * closed.omega.forEach((w, j) => assertAlmostEquals(dense.omega[j], w, 1e-11));
 * ```
 */
export function legsNormalByEigensolver(n: number): LegsEigensystem {
  requirePairs("n", n);
  const half = n / 2;
  const hermitian = ComplexMatrix.from(n, n, (i, j) => ({
    re: 0,
    im: i === j ? 0 : -Math.sqrt((i + 0.5) * (j + 0.5)) * Math.sign(j - i),
  }));
  const { values, vectors: all } = complexEigh(hermitian);
  const omega = new Float64Array(half);
  const bTilde = new Float64Array(half);
  const vectors = ComplexMatrix.zeros(n, half);
  for (let j = 0; j < half; j++) {
    omega[j] = values[n - 1 - j];
    let re = 0;
    let im = 0;
    for (let k = 0; k < n; k++) {
      const v = all.get(k, n - 1 - j);
      const b = Math.sqrt(2 * k + 1);
      re += v.re * b;
      im -= v.im * b;
    }
    bTilde[j] = Math.hypot(re, im);
    // v e^{i phi} with e^{-i phi} (v^* B) > 0
    const cos = re / bTilde[j];
    const sin = im / bTilde[j];
    for (let k = 0; k < n; k++) {
      const v = all.get(k, n - 1 - j);
      vectors.set(k, j, { re: v.re * cos - v.im * sin, im: v.re * sin + v.im * cos });
    }
  }
  return { omega, bTilde, vectors };
}
