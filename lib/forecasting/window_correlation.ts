import { Matrix, requireInteger, requireNumber, requireOptions } from "../arrays/mod.ts";
import { requireSeries } from "./check.ts";

/** Options of {@linkcode windowCorrelation}. */
export interface WindowCorrelationOptions {
  /**
   * A series is left out if, in one place of the window, its variance is below this share of its variance over all
   * time. Default 1e-4.
   */
  minVariance?: number;
}

/**
 * The Pearson correlation of the `window` entries of all windows of a series, averaged over series (Yue et al. 2025,
 * section 4.1): entry (i, j) correlates x[s + i] with x[s + j] over all M positions s of the window.
 *
 * The sums run along the diagonals, `S[i+1][j+1] = S[i][j] - x[i] x[j] + x[i+M] x[j+M]`, where M is the number of
 * positions: O(M window) operations a series instead of O(M window^2).
 *
 * @param series Time x series: one column per series. Training data only, as the result becomes part of the model.
 * @param window Length of the window.
 * @param options Which series are left out.
 * @returns A symmetric window x window matrix with ones on the diagonal.
 * @throws {RangeError} if there are fewer than window + 1 samples, an entry is not finite, or every series is left out.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example A sampled wave of two frequencies' worth of freedom has rank 2
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { windowCorrelation } from "refigure/forecasting";
 * import { eigh } from "refigure/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // 240 positions of a window of 24: ten whole periods.
 * const wave = Matrix.from(263, 1, (t) => Math.cos(2 * Math.PI * t / 24));
 * const { values } = eigh(windowCorrelation(wave, 24));
 * assertAlmostEquals(values[23], 12, 1e-9);
 * assertAlmostEquals(values[22], 12, 1e-9);
 * assertAlmostEquals(values[21], 0, 1e-9);
 * ```
 */
export function windowCorrelation(
  series: Matrix,
  window: number,
  options: WindowCorrelationOptions = {},
): Matrix {
  requireSeries(series);
  requireInteger("window", window, { min: 1, max: 2 ** 13 });
  requireOptions("options", options, ["minVariance"]);
  const { minVariance = 1e-4 } = options;
  requireNumber("minVariance", minVariance, { min: 0 });
  const { rows: length, columns } = series;
  if (length < window + 1) {
    throw new RangeError(`\`series\` must have at least window + 1 = ${window + 1} samples, got ${length}`);
  }
  requireInteger("series.columns", columns, { min: 1 });
  const sum = Matrix.zeros(window, window);
  let used = 0;
  for (let j = 0; j < columns; j++) {
    const x = standardized(series, j);
    if (x !== undefined && addCorrelation(x, window, minVariance, sum)) used++;
  }
  if (used === 0) {
    throw new RangeError("`series` must have a series that varies everywhere in the window, got none");
  }
  return sum.times(1 / used);
}

/** A series with mean 0 and variance 1, against cancellation in the sums; undefined if it is constant. */
function standardized(series: Matrix, column: number): Float64Array | undefined {
  const x = series.column(column);
  let largest = 0;
  for (let t = 0; t < x.length; t++) largest = Math.max(largest, Math.abs(x[t]));
  if (largest === 0) return undefined;
  let sum = 0;
  for (let t = 0; t < x.length; t++) sum += x[t] /= largest;
  const mean = sum / x.length;
  let square = 0;
  for (let t = 0; t < x.length; t++) square += (x[t] -= mean) ** 2;
  const deviation = Math.sqrt(square / x.length);
  // What rounding leaves of a constant.
  if (deviation < 1e-13) return undefined;
  for (let t = 0; t < x.length; t++) x[t] /= deviation;
  return x;
}

/** Adds the correlation of one series; false, with nothing added, if a variance is too small. */
function addCorrelation(x: Float64Array, window: number, minVariance: number, sum: Matrix): boolean {
  const positions = x.length - window + 1;
  const mean = new Float64Array(window);
  for (let s = 0; s < positions; s++) mean[0] += x[s];
  for (let i = 1; i < window; i++) mean[i] = mean[i - 1] - x[i - 1] + x[i - 1 + positions];
  for (let i = 0; i < window; i++) mean[i] /= positions;
  const covariance = new Float64Array(window * window);
  for (let lag = 0; lag < window; lag++) {
    let s = laggedProduct(x, lag, positions);
    for (let i = 0; i + lag < window; i++) {
      covariance[i * window + i + lag] = s / positions - mean[i] * mean[i + lag];
      s += x[i + positions] * x[i + lag + positions] - x[i] * x[i + lag];
    }
    if (lag === 0) {
      for (let i = 0; i < window; i++) {
        // A variance of zero may come out as what rounding leaves.
        if (!(covariance[i * (window + 1)] >= Math.max(minVariance, 1e-12))) return false;
      }
    }
  }
  const scale = Float64Array.from({ length: window }, (_, i) => 1 / Math.sqrt(covariance[i * (window + 1)]));
  for (let i = 0; i < window; i++) {
    sum.data[i * (window + 1)] += 1;
    for (let j = i + 1; j < window; j++) {
      const correlation = covariance[i * window + j] * scale[i] * scale[j];
      sum.data[i * window + j] += correlation;
      sum.data[j * window + i] += correlation;
    }
  }
  return true;
}

/** The sum of x[t] x[t + lag] over the first `count` times: four sums side by side, as one waits for its own result. */
function laggedProduct(x: Float64Array, lag: number, count: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let t = 0;
  for (; t + 3 < count; t += 4) {
    a += x[t] * x[t + lag];
    b += x[t + 1] * x[t + lag + 1];
    c += x[t + 2] * x[t + lag + 2];
    d += x[t + 3] * x[t + lag + 3];
  }
  for (; t < count; t++) a += x[t] * x[t + lag];
  return a + b + (c + d);
}
