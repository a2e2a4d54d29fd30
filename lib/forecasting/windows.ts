import {
  allocate,
  allocateLike,
  type ArrayOf,
  type DType,
  DTYPES,
  Matrix,
  type RealArray,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOneOf,
  requireOptions,
  requireSameShape,
} from "../arrays/mod.ts";
import { requireSeries } from "./check.ts";

/** Options of {@linkcode forecastWindows}. */
export interface ForecastWindowsOptions<Precision extends DType = "float64"> {
  /** Samples that a forecast looks at. */
  inputLength: number;
  /** Samples that it predicts. */
  horizon: number;
  /** Precision. Default `"float64"`. */
  dtype?: Precision;
}

/** Windows of several series and what follows them. */
export interface ForecastWindows<Data extends RealArray = Float64Array> {
  /** starts x series rows, row i N + v for window i of series v; inputLength columns. */
  inputs: Matrix<Data>;
  /** The same rows, horizon columns. */
  targets: Matrix<Data>;
}

/**
 * Windows of all series, and the values that follow them.
 *
 * @param series Time x series.
 * @param starts Times at which the windows begin.
 * @param options Lengths.
 * @returns Inputs and targets; the rows of one window are together, one per series.
 * @throws {RangeError} if a length is out of range, or a window with its horizon is not within the series, or an
 * entry is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { forecastWindows } from "refigure/forecasting";
 * import { assertEquals } from "@std/assert";
 *
 * const series = Matrix.fromRows([[0, 10], [1, 11], [2, 12], [3, 13]]);
 * const { inputs, targets } = forecastWindows(series, [1], { inputLength: 2, horizon: 1 });
 * assertEquals([[...inputs.row(0)], [...inputs.row(1)]], [[1, 2], [11, 12]]);
 * assertEquals([...targets.data], [3, 13]);
 * ```
 */
export function forecastWindows<Precision extends DType = "float64">(
  series: Matrix<RealArray>,
  starts: ArrayLike<number>,
  options: ForecastWindowsOptions<Precision>,
): ForecastWindows<ArrayOf<Precision>> {
  requireSeries(series);
  requireNumbers("starts", starts);
  requireOptions("options", options, ["inputLength", "horizon", "dtype"]);
  const { inputLength, horizon, dtype = "float64" as Precision } = options;
  requireInteger("inputLength", inputLength, { min: 1 });
  requireInteger("horizon", horizon, { min: 1 });
  requireOneOf<DType>("dtype", dtype, DTYPES);
  const last = series.rows - inputLength - horizon;
  if (last < 0) {
    throw new RangeError(
      `\`series\` must have at least inputLength + horizon = ${
        inputLength + horizon
      } samples, got ${series.rows}`,
    );
  }
  const { columns } = series;
  const gather = (shift: number, length: number) => {
    const out = allocate(dtype, starts.length * columns * length);
    let k = 0;
    for (let i = 0; i < starts.length; i++) {
      requireInteger(`starts[${i}]`, starts[i], { max: last });
      for (let v = 0; v < columns; v++) {
        for (let t = 0; t < length; t++) out[k++] = series.data[(starts[i] + shift + t) * columns + v];
      }
    }
    return new Matrix(starts.length * columns, length, out);
  };
  return { inputs: gather(0, inputLength), targets: gather(inputLength, horizon) };
}

/** Options of {@linkcode takeWindows}. */
export interface TakeWindowsOptions {
  /** Rows of one window: the number of series. Default 1. */
  groupRows?: number;
}

/**
 * The rows of some windows, one window after the other.
 *
 * @param from Rows of windows, as `forecastWindows` returns them.
 * @param windows Which; one may come several times.
 * @param options Rows per window.
 * @returns A new matrix.
 * @throws {RangeError} if a window is not there.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { takeWindows } from "refigure/forecasting";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = Matrix.from(4, 1, (i) => i);
 * assertEquals([...takeWindows(rows, [1, 0], { groupRows: 2 }).data], [2, 3, 0, 1]);
 * ```
 */
export function takeWindows<Data extends RealArray>(
  from: Matrix<Data>,
  windows: ArrayLike<number>,
  options: TakeWindowsOptions = {},
): Matrix<Data> {
  requireMatrix("from", from);
  requireNumbers("windows", windows);
  requireOptions("options", options, ["groupRows"]);
  const { groupRows = 1 } = options;
  requireInteger("groupRows", groupRows, { min: 1 });
  const size = groupRows * from.columns;
  const out = allocateLike(from.data, windows.length * size);
  for (let i = 0; i < windows.length; i++) {
    requireInteger(`windows[${i}]`, windows[i], { max: Math.floor(from.rows / groupRows) - 1 });
    out.set(from.data.subarray(windows[i] * size, (windows[i] + 1) * size), i * size);
  }
  return new Matrix(windows.length * groupRows, from.columns, out);
}

/** Windows with mean 0 and variance 1, and what restores their scale. */
export interface NormalizedWindows<Data extends RealArray = Float64Array> {
  /** The windows minus their mean, over their deviation. */
  windows: Matrix<Data>;
  /** One per window. */
  mean: Float64Array;
  /** One per window: the root of its population variance + 1e-5. */
  deviation: Float64Array;
}

/**
 * Reversible instance normalization (RevIN; Kim et al. 2022) without its affine map: every window gets mean 0 and
 * variance 1, and `restoreWindows` gives the forecast the window's own mean and deviation.
 *
 * @param windows One per row.
 * @returns Normalized windows, means, deviations. NaN in a window makes its row NaN.
 * @throws {RangeError} if there are no columns.
 * @throws {TypeError} if it is not a matrix.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { normalizeWindows, restoreWindows } from "refigure/forecasting";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { windows, mean, deviation } = normalizeWindows(Matrix.fromRows([[1, 3]]));
 * assertAlmostEquals(windows.get(0, 1), 1, 1e-5);
 * assertAlmostEquals(restoreWindows(windows, { mean, deviation }).get(0, 1), 3, 1e-12);
 * ```
 */
export function normalizeWindows<Data extends RealArray>(windows: Matrix<Data>): NormalizedWindows<Data> {
  const { rows, columns, data } = requireMatrix("windows", windows);
  requireInteger("windows.columns", columns, { min: 1 });
  const mean = new Float64Array(rows);
  const deviation = new Float64Array(rows);
  const out = allocateLike(data, data.length);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let k = i * columns; k < (i + 1) * columns; k++) sum += data[k];
    const center = sum / columns;
    let square = 0;
    for (let k = i * columns; k < (i + 1) * columns; k++) square += (data[k] - center) ** 2;
    mean[i] = center;
    deviation[i] = Math.sqrt(square / columns + 1e-5);
    for (let k = i * columns; k < (i + 1) * columns; k++) out[k] = (data[k] - center) / deviation[i];
  }
  return { windows: new Matrix(rows, columns, out), mean, deviation };
}

/** What {@linkcode restoreWindows} gives back. */
export interface WindowScales {
  /** One per window. */
  mean: ArrayLike<number>;
  /** One per window. */
  deviation: ArrayLike<number>;
}

/**
 * Forecasts on the scale of the data: each row times its window's deviation, plus its mean.
 *
 * @param forecasts One per row.
 * @param scales What `normalizeWindows` returned.
 * @returns A matrix of the same shape.
 * @throws {RangeError} if the scales are not as many as rows.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { restoreWindows } from "refigure/forecasting";
 * import { assertEquals } from "@std/assert";
 *
 * const restored = restoreWindows(Matrix.fromRows([[1, -1]]), { mean: [5], deviation: [2] });
 * assertEquals([...restored.data], [7, 3]);
 * ```
 */
export function restoreWindows<Data extends RealArray>(
  forecasts: Matrix<Data>,
  scales: WindowScales,
): Matrix<Data> {
  requireMatrix("forecasts", forecasts);
  requireOptions("scales", scales, ["mean", "deviation"]);
  const { mean, deviation } = scales;
  requireNumbers("mean", mean, { length: forecasts.rows });
  requireNumbers("deviation", deviation, { length: forecasts.rows });
  return forecasts.map((value, i) => value * deviation[i] + mean[i]);
}

/** Options of {@linkcode weightedL1Loss}. */
export interface WeightedL1LossOptions {
  /** The weight of step k of the horizon is `k^-alpha`. Default 0.5. */
  alpha?: number;
}

/**
 * OLinear's loss: the mean over all entries of `|prediction - target| k^-alpha`, where k = 1, 2, ... is the step of
 * the horizon.
 *
 * @param predictions One forecast per row.
 * @param targets The same shape.
 * @param options The exponent.
 * @returns The loss and its derivatives by the predictions; NaN where an entry is.
 * @throws {RangeError} if the shapes differ, there are no entries, or `alpha` is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { weightedL1Loss } from "refigure/forecasting";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const { loss, gradient } = weightedL1Loss(Matrix.fromRows([[1, 2]]), Matrix.fromRows([[0, 4]]));
 * assertAlmostEquals(loss, (1 + 2 * Math.SQRT1_2) / 2);
 * assertEquals(gradient.get(0, 0), 0.5);
 * ```
 */
export function weightedL1Loss<Data extends RealArray>(
  predictions: Matrix<Data>,
  targets: Matrix<RealArray>,
  options: WeightedL1LossOptions = {},
): { loss: number; gradient: Matrix<Data> } {
  requireMatrix("predictions", predictions);
  requireSameShape("targets", requireMatrix("targets", targets), predictions);
  requireOptions("options", options, ["alpha"]);
  const { alpha = 0.5 } = options;
  requireNumber("alpha", alpha);
  const count = requireInteger("the number of entries", predictions.data.length, { min: 1 });
  const weights = Float64Array.from({ length: predictions.columns }, (_, k) => (k + 1) ** -alpha);
  let loss = 0;
  const gradient = predictions.map((value, i, k) => {
    const error = value - targets.data[i * predictions.columns + k];
    loss += Math.abs(error) * weights[k];
    return Number.isNaN(error) ? NaN : Math.sign(error) * weights[k] / count;
  });
  return { loss: loss / count, gradient };
}
