import {
  requireFinite,
  requireFunction,
  requireNumber,
  requireNumbers,
  requireOneOf,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";

/** Noise of measurements: a share of normal outliers, or normal noise on all of them. */
export type MeasurementNoise =
  | { kind: "outliers"; probability: number; std: number }
  | { kind: "gaussian"; std: number };

/** Options of {@linkcode corrupt}. */
export interface CorruptOptions {
  /** Each measurement is an outlier with this probability, independently. Default 0. */
  outlierProbability?: number;
  /**
   * What is added to an outlier. Default: a standard normal number; `(rng) => 1e9 * rng.normal()` for large
   * ones.
   */
  outlier?: (rng: Rng) => number;
  /** Standard deviation of dense normal noise on all measurements. Default 0. */
  gaussianStd?: number;
  /** Where noise comes from. Which measurements are outliers does not depend on what is added to them. */
  rng: Rng;
}

/**
 * Measurements with outliers, dense noise, or both; the given array stays as it is.
 *
 * @param y The measurements, in an array of any kind.
 * @param options Kinds and sizes of the noise, and its stream.
 * @returns The measurements with noise, in float64.
 * @throws {RangeError} if the probability is not in [0, 1), the standard deviation negative, or a measurement
 * not finite.
 * @throws {TypeError} if `y` is not an array of numbers, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { corrupt } from "refigure/sensing";
 * import { assertEquals } from "@std/assert";
 *
 * const y = corrupt(new Float64Array(1000), { outlierProbability: 0.2, outlier: () => 7, rng: new Rng(0) });
 * assertEquals(new Set(y), new Set([0, 7]));
 * ```
 */
export function corrupt(y: ArrayLike<number>, options: CorruptOptions): Float64Array {
  requireOptions("options", options, ["outlierProbability", "outlier", "gaussianStd", "rng"]);
  const { outlierProbability = 0, outlier = (rng: Rng) => rng.normal(), gaussianStd = 0, rng } = options;
  requireNumber("outlierProbability", outlierProbability, { min: 0, below: 1 });
  requireNumber("gaussianStd", gaussianStd, { min: 0 });
  requireFunction("outlier", outlier);
  requireRng("rng", rng);
  requireFinite("Cannot corrupt `y`", requireNumbers("y", y));
  const places = rng.split("places");
  const sizes = rng.split("sizes");
  const dense = rng.split("dense");
  return Float64Array.from(y, (value) => {
    const hit = places.uniform() < outlierProbability;
    // One draw per measurement, hit or not: the same outliers, whatever their number and size.
    const size = requireNumber("outlier()", outlier(sizes), { finite: false });
    return value + (hit ? size : 0) + (gaussianStd > 0 ? gaussianStd * dense.normal() : 0);
  });
}

/**
 * The scale of the sign-RIP (Ma & Fattahi 2022): `E[sign(<A, X> - s) <A, Y>] = phi(||X||) <X, Y> / ||X||` for
 * a Gaussian A. By Stein's lemma `phi = sqrt(2/pi) (1 - p + p ||X|| / sqrt(||X||^2 + std^2))` with a share p
 * of outliers, and `sqrt(2/pi) ||X|| / sqrt(||X||^2 + std^2)` with dense noise.
 *
 * @param norm Frobenius norm of X, not negative.
 * @param noise Default: none, `sqrt(2/pi)`.
 * @throws {RangeError} if a number is out of range.
 * @throws {TypeError} if the kind of noise is unknown.
 *
 * @example
 * ```ts
 * import { signRipScale } from "refigure/sensing";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(signRipScale(1, { kind: "gaussian", std: 1 }), 1 / Math.sqrt(Math.PI), 1e-15);
 * ```
 */
export function signRipScale(norm: number, noise?: MeasurementNoise): number {
  requireNumber("norm", norm, { min: 0 });
  if (noise !== undefined) requireNoise(noise);
  const clean = Math.sqrt(2 / Math.PI);
  if (noise === undefined) return clean;
  const seen = noise.std === 0 ? 1 : norm / Math.hypot(norm, noise.std);
  return noise.kind === "gaussian"
    ? clean * seen
    : clean * (1 - noise.probability + noise.probability * seen);
}

/**
 * `E |<A, X> - s|` for a Gaussian A: the mean absolute residual with infinitely many measurements.
 */
export function expectedAbsolute(norm: number, noise?: MeasurementNoise): number {
  const clean = Math.sqrt(2 / Math.PI);
  if (noise === undefined) return clean * norm;
  const noisy = clean * Math.hypot(norm, noise.std);
  return noise.kind === "gaussian"
    ? noisy
    : (1 - noise.probability) * clean * norm + noise.probability * noisy;
}

/** `E (<A, X> - s)^2` for a Gaussian A: the mean squared residual with infinitely many measurements. */
export function expectedSquare(norm: number, noise?: MeasurementNoise): number {
  if (noise === undefined) return norm * norm;
  const share = noise.kind === "gaussian" ? 1 : noise.probability;
  return norm * norm + share * noise.std * noise.std;
}

/** Throws unless the kind is known and the numbers are in range. @throws {TypeError | RangeError} */
export function requireNoise(noise: MeasurementNoise): void {
  requireOptions("noise", noise, ["kind", "probability", "std"]);
  requireOneOf("noise.kind", noise.kind, ["outliers", "gaussian"]);
  requireNumber("noise.std", noise.std, { min: 0 });
  if (noise.kind === "outliers") requireNumber("noise.probability", noise.probability, { min: 0, below: 1 });
}
