import { describeValue, type Matrix, requireFinite, requireInteger, requireMatrix } from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { qr } from "../linalg/mod.ts";

/**
 * Mean growth per factor, in logarithms, along the directions of a long product of square matrices: factor
 * after factor is re-orthogonalized, Q' R = W Q, and the logarithms of R's diagonal are added (Benettin et
 * al. 1980). Nothing underflows, while the singular values of the product itself are lost below 1e-16 of the
 * largest.
 *
 * @param factors In the order in which they act.
 * @returns N exponents, descending up to noise; with few factors they only approximate the logarithms of the
 * singular values.
 * @throws {RangeError} if there are no factors, they are not square of one size, or an entry is not finite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { lyapunovSpectrum } from "refigure/recurrent";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const [first, second] = lyapunovSpectrum([Matrix.diagonal([2, 1]), Matrix.diagonal([8, 1])]);
 * assertAlmostEquals(first, Math.log(4));
 * assertAlmostEquals(second, 0);
 * ```
 */
export function lyapunovSpectrum(factors: Iterable<Matrix>): Float64Array {
  if (typeof factors !== "object" || factors === null || !(Symbol.iterator in factors)) {
    throw new TypeError(`\`factors\` must be an iterable of matrices, got ${describeValue(factors)}`);
  }
  let q: Matrix | undefined;
  let sum = new Float64Array(0);
  let count = 0;
  for (const w of factors) {
    requireMatrix(`factors[${count}]`, w);
    if (w.rows !== w.columns || (q !== undefined && w.columns !== q.rows)) {
      const size = q === undefined ? "square" : `${q.rows} x ${q.rows}`;
      throw new RangeError(`\`factors[${count}]\` must be ${size}, got ${w.rows} x ${w.columns}`);
    }
    requireFinite(`Cannot multiply \`factors[${count}]\``, w.data, w.columns);
    if (q === undefined) sum = new Float64Array(w.rows);
    const step: { q: Matrix; r: Matrix } = qr(q === undefined ? w : matmul(w, q));
    q = step.q;
    for (let i = 0; i < sum.length; i++) sum[i] += Math.log(Math.abs(step.r.get(i, i)));
    count++;
  }
  if (count === 0) throw new RangeError("`factors` must hold at least one matrix, got none");
  return sum.map((x) => x / count);
}

/** The digamma function at 1/2, 1, 3/2, ..., `count` / 2, by its recurrence from 1/2 or 1. */
function digammaHalves(count: number): Float64Array {
  const euler = 0.5772156649015329;
  const out = new Float64Array(count);
  for (let twice = 1; twice <= count; twice++) {
    if (twice === 1) out[0] = -euler - 2 * Math.LN2;
    else if (twice === 2) out[1] = -euler;
    else out[twice - 1] = out[twice - 3] + 1 / ((twice - 2) / 2);
  }
  return out;
}

/**
 * The exact Lyapunov exponents of products of N x N matrices of independent N(0, 1/N) entries, descending:
 * [psi((N - i + 1) / 2) + ln(2/N)] / 2 (Newman 1986). All but the very first are negative: products of
 * Gaussian matrices crush almost every direction.
 *
 * @throws {RangeError} if `n` is not a positive integer.
 *
 * @example
 * ```ts
 * import { gaussianLyapunovExponents } from "refigure/recurrent";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(gaussianLyapunovExponents(10)[0], -0.0516601220011, 1e-12);
 * ```
 */
export function gaussianLyapunovExponents(n: number): Float64Array {
  requireInteger("n", n, { min: 1 });
  const digamma = digammaHalves(n);
  return Float64Array.from({ length: n }, (_, i) => (digamma[n - i - 1] + Math.log(2 / n)) / 2);
}

/**
 * Expected means of the squared and the fourth powers of the singular values of a product of `factors` such
 * matrices: the mean of squares stays 1 (from draw to draw it varies by `secondSpread`, a standard deviation)
 * while that of fourth powers grows like factors + 1.
 *
 * @throws {RangeError} if an argument is not a positive integer.
 *
 * @example
 * ```ts
 * import { gaussianProductMoments } from "refigure/recurrent";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(gaussianProductMoments(1e6, 5).fourth, 6, 1e-4);
 * ```
 */
export function gaussianProductMoments(
  n: number,
  factors: number,
): { second: number; secondSpread: number; fourth: number } {
  requireInteger("n", n, { min: 1 });
  requireInteger("factors", factors, { min: 1 });
  let a = 1;
  let b = 1;
  for (let k = 0; k < factors; k++) [a, b] = [a * (1 + 1 / n) + b, b + 2 * a / (n * n)];
  return { second: 1, secondSpread: Math.sqrt(b - 1), fourth: a };
}
