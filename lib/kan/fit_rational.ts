import {
  Matrix,
  requireFunction,
  requireInteger,
  requireNumbers,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { gram, matvec } from "../blas/mod.ts";
import { leastSquares, solve } from "../linalg/mod.ts";
import {
  DENOMINATOR_SIZE,
  NUMERATOR_SIZE,
  PADE_FORMS,
  type PadeForm,
  type RationalCoefficients,
  requireRational,
} from "./coefficients.ts";
import { rationalForward } from "./rational.ts";

const SIZE = NUMERATOR_SIZE + DENOMINATOR_SIZE;

/** How far a rational function is from another function. */
export interface RationalError {
  /** Mean of the squared differences over the points. */
  mse: number;
  /** Largest difference at a point. */
  maxError: number;
}

/** Options of {@linkcode rationalError}. */
export interface RationalErrorOptions {
  /** Ends of the interval. Default `[-3, 3]`. */
  interval?: readonly [number, number];
  /** Number of equispaced points, ends included. Default 1000. */
  points?: number;
}

/**
 * The error of a rational function, that of the first group, as an approximation of `f`.
 *
 * @param f Function of one number.
 * @param coefficients Of the rational functions.
 * @param options Where they are compared.
 * @returns Mean squared and largest difference.
 * @throws {RangeError} if the interval is empty, there are fewer than 10 points, or `f` is not finite there.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { presetTarget, rationalError, rationalPreset } from "refigure/kan";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { mse } = rationalError(presetTarget("gelu"), rationalPreset("gelu"));
 * assertAlmostEquals(mse, 8.15e-7, 1e-9);
 * ```
 */
export function rationalError(
  f: (x: number) => number,
  coefficients: RationalCoefficients,
  options: RationalErrorOptions = {},
): RationalError {
  requireFunction("f", f);
  requireRational("coefficients", coefficients);
  requireOptions("options", options, ["interval", "points"]);
  const { x, y } = samples(f, options);
  return errorAt(x, y, coefficients);
}

/** Options of {@linkcode fitRational}. */
export interface FitRationalOptions extends RationalErrorOptions {
  /** Form of the denominator. Default `"abs-of-sum"`. */
  form?: PadeForm;
  /** Most steps of the nonlinear iteration. Default 200. */
  maxIterations?: number;
}

/** A fit with its error. */
export interface RationalFit extends RationalError {
  /** Coefficients of the fit, one group. */
  coefficients: RationalCoefficients;
}

/**
 * Fits a rational function of degrees 5 and 4 to a function, in the least-squares sense over equispaced
 * points. It starts from the linear problem min |P - f S - f| with S = b1 x + ... + b4 x^4 in the place of
 * |S|, and once more from a polynomial, and continues with the method of Levenberg and Marquardt (Moré 1978)
 * on P / Q itself; the better of the two is returned. The start of the paper's own `fit.py` is a fixed vector
 * far from most solutions.
 *
 * @param f Function of one number.
 * @param options Interval, points, form of the denominator.
 * @returns The coefficients and their error; a local minimum of the mean squared error.
 * @throws {RangeError} if the interval is empty, there are fewer than 10 points, or `f` is not finite there.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { fitRational } from "refigure/kan";
 * import { assertLess } from "@std/assert";
 *
 * assertLess(fitRational((x) => Math.log1p(Math.exp(x))).maxError, 1e-4);
 * ```
 */
export function fitRational(f: (x: number) => number, options: FitRationalOptions = {}): RationalFit {
  requireFunction("f", f);
  requireOptions("options", options, ["interval", "points", "form", "maxIterations"]);
  const { interval, points, form = "abs-of-sum", maxIterations = 200 } = options;
  requireOneOf("form", form, PADE_FORMS);
  requireInteger("maxIterations", maxIterations, { max: 100_000 });
  const { x, y } = samples(f, { interval, points });
  const fits = [linearStart(x, y, form), polynomialStart(x, y)].map((start) => {
    const found = levenbergMarquardt(x, y, start, form, maxIterations);
    const coefficients = split(found, form);
    return { coefficients, ...errorAt(x, y, coefficients) };
  });
  return fits[0].mse <= fits[1].mse ? fits[0] : fits[1];
}

interface Samples {
  x: Float64Array;
  y: Float64Array;
}

function samples(f: (x: number) => number, options: RationalErrorOptions): Samples {
  const { interval = [-3, 3], points = 1000 } = options;
  requireNumbers("interval", interval, { length: 2, finite: true });
  const [low, high] = interval;
  if (!(low < high)) {
    throw new RangeError(`\`interval\` must be [low, high] with low < high, got [${low}, ${high}]`);
  }
  requireInteger("points", points, { min: SIZE, max: 10_000_000 });
  const x = Float64Array.from({ length: points }, (_, i) => low + (high - low) * (i / (points - 1)));
  const y = Float64Array.from(x, (t) => {
    const value = f(t);
    if (!Number.isFinite(value)) {
      throw new RangeError(`\`f\` must be finite on \`interval\`: f(${t}) is ${value}`);
    }
    return value;
  });
  return { x, y };
}

function errorAt(x: Float64Array, y: Float64Array, coefficients: RationalCoefficients): RationalError {
  const first = {
    ...coefficients,
    groups: 1,
    denominator: coefficients.denominator.subarray(0, DENOMINATOR_SIZE),
  };
  const values = rationalForward(x, x.length, 1, first);
  let sum = 0;
  let maxError = 0;
  values.forEach((value, i) => {
    sum += (value - y[i]) ** 2;
    maxError = Math.max(maxError, Math.abs(value - y[i]));
  });
  return { mse: sum / x.length, maxError };
}

function split(c: Float64Array, form: PadeForm): RationalCoefficients {
  return { numerator: c.slice(0, NUMERATOR_SIZE), denominator: c.slice(NUMERATOR_SIZE), groups: 1, form };
}

/** P - y S = y is linear in all coefficients if S is taken for |S|. */
function linearStart(x: Float64Array, y: Float64Array, form: PadeForm): Float64Array {
  const basis = Matrix.from(x.length, SIZE, (i, k) => {
    if (k < NUMERATOR_SIZE) return x[i] ** k;
    return -y[i] * (form === "abs-of-sum" ? x[i] : Math.abs(x[i])) ** (k - NUMERATOR_SIZE + 1);
  });
  return leastSquares(basis, y);
}

/** The best polynomial, over a denominator that is almost 1. */
function polynomialStart(x: Float64Array, y: Float64Array): Float64Array {
  const powers = Matrix.from(x.length, NUMERATOR_SIZE, (i, k) => x[i] ** k);
  const c = new Float64Array(SIZE).fill(1e-3);
  c.set(leastSquares(powers, y));
  return c;
}

/** Minimizes the sum of squares of P / Q - y over the ten coefficients. */
function levenbergMarquardt(
  x: Float64Array,
  y: Float64Array,
  start: Float64Array,
  form: PadeForm,
  maxIterations: number,
): Float64Array {
  const jacobian = Matrix.zeros(x.length, SIZE);
  let c = start;
  let residuals = fill(x, y, c, form, jacobian);
  let loss = sumOfSquares(residuals);
  let damping = 1e-3;
  for (let step = 0; step < maxIterations && damping < 1e12; step++) {
    const normal = gram(jacobian);
    const gradient = matvec(jacobian, residuals, { transpose: true });
    let improved = false;
    while (!improved && damping < 1e12) {
      // Marquardt's scaling: each coefficient in units of its own effect.
      const damped = Matrix.from(
        SIZE,
        SIZE,
        (i, j) =>
          normal.get(i, j) / Math.sqrt(scaleOf(normal, i) * scaleOf(normal, j)) + (i === j ? damping : 0),
      );
      const move = solve(damped, gradient.map((slope, i) => slope / Math.sqrt(scaleOf(normal, i))));
      const tried = c.map((value, i) => value - move[i] / Math.sqrt(scaleOf(normal, i)));
      const moved = sumOfSquares(fill(x, y, tried, form));
      if (moved < loss) {
        improved = true;
        const gain = 1 - moved / loss;
        c = tried;
        loss = moved;
        damping = Math.max(damping / 5, 1e-15);
        if (gain < 1e-13) return c;
      } else damping *= 4;
    }
    residuals = fill(x, y, c, form, jacobian);
  }
  return c;
}

/** The diagonal entry, or 1 for a coefficient without effect. */
function scaleOf(normal: Matrix, i: number): number {
  return normal.get(i, i) > 0 ? normal.get(i, i) : 1;
}

function sumOfSquares(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}

/** Residuals P / Q - y, and their derivatives by the coefficients into `jacobian`. */
function fill(
  x: Float64Array,
  y: Float64Array,
  c: Float64Array,
  form: PadeForm,
  jacobian?: Matrix,
): Float64Array {
  const inner = form === "abs-of-sum";
  return x.map((t, i) => {
    let p = 0;
    for (let k = NUMERATOR_SIZE - 1; k >= 0; k--) p = p * t + c[k];
    let s = 0;
    const z = inner ? t : Math.abs(t);
    for (let k = SIZE - 1; k >= NUMERATOR_SIZE; k--) s = (s + (inner ? c[k] : Math.abs(c[k]))) * z;
    const q = 1 + Math.abs(s);
    if (jacobian !== undefined) {
      const row = jacobian.row(i);
      for (let k = 0; k < NUMERATOR_SIZE; k++) row[k] = t ** k / q;
      for (let k = NUMERATOR_SIZE; k < SIZE; k++) {
        const sign = (inner ? s : c[k]) < 0 ? -1 : 1;
        row[k] = -sign * z ** (k - NUMERATOR_SIZE + 1) * p / (q * q);
      }
    }
    return p / q - y[i];
  });
}
