import {
  Matrix,
  requireFinite,
  requireInteger,
  requireLength,
  requireNumber,
  requireNumbers,
  requireOptions,
  requireRealArray,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { irfft, rfft } from "../transforms/mod.ts";

/**
 * The points of a regular grid over [-1, 1] in every dimension, ends included, one per row; the last dimension
 * runs fastest. A dimension of one point is at -1.
 *
 * @param sizes Points per dimension: `[n]` for a signal, `[height, width]` for an image.
 * @throws {RangeError} if there is no dimension, or a size is not a positive integer.
 *
 * @example
 * ```ts
 * import { gridCoordinates } from "refigure/neural_fields";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(gridCoordinates([3]).toRows(), [[-1], [0], [1]]);
 * assertEquals(gridCoordinates([2, 2]).toRows(), [[-1, -1], [-1, 1], [1, -1], [1, 1]]);
 * ```
 */
export function gridCoordinates(sizes: readonly number[]): Matrix {
  requireNumbers("sizes", sizes);
  requireInteger("sizes.length", sizes.length, { min: 1 });
  const list = Array.from(sizes);
  list.forEach((size, d) => requireInteger(`sizes[${d}]`, size, { min: 1, max: 2 ** 32 }));
  const count = requireInteger("the product of `sizes`", list.reduce((a, b) => a * b, 1), { max: 2 ** 32 });
  const steps = list.map((_, d) => list.slice(d + 1).reduce((a, b) => a * b, 1));
  return Matrix.from(count, list.length, (i, d) => {
    const at = Math.floor(i / steps[d]) % list[d];
    return list[d] === 1 ? -1 : 2 * at / (list[d] - 1) - 1;
  });
}

/**
 * The largest angular frequency that a grid of `samples` points over [-1, 1] can show, in radians per unit:
 * pi (samples - 1) / 2.
 *
 * @throws {RangeError} if there are fewer than 2 samples.
 *
 * @example
 * ```ts
 * import { nyquistFrequency } from "refigure/neural_fields";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(nyquistFrequency(150_000), 235617.878, 1e-3);
 * ```
 */
export function nyquistFrequency(samples: number): number {
  requireInteger("samples", samples, { min: 2 });
  return Math.PI * (samples - 1) / 2;
}

/** Options of {@linkcode bandSignal}. */
export interface BandSignalOptions {
  /** Centre of the band over the Nyquist frequency, from 0 to 1. */
  center: number;
  /** Its standard deviation in the same unit. Default 0.02. */
  width?: number;
  /** Stream of the phases. */
  rng: Rng;
}

/**
 * A periodic signal with a Gaussian band of frequencies and uniformly random phases, without mean, scaled to a
 * largest absolute value of 1. Its spectral centroid is the centre of the band.
 *
 * @param samples Number of samples N: amplitudes are exp(-((2k/N - center) / width)^2 / 2).
 * @param options The band.
 * @throws {RangeError} if there are fewer than 4 samples, the centre is not from 0 to 1, the width is not positive,
 * or no frequency of the grid is in the band.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { bandSignal, spectralCentroid } from "refigure/neural_fields";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(spectralCentroid(bandSignal(2048, { center: 0.3, rng: new Rng(1) })), 0.3, 1e-3);
 * ```
 */
export function bandSignal(samples: number, options: BandSignalOptions): Float64Array {
  requireInteger("samples", samples, { min: 4 });
  requireOptions("options", options, ["center", "width", "rng"]);
  const { center, width = 0.02, rng } = options;
  requireNumber("center", center, { min: 0, max: 1 });
  requireNumber("width", width, { above: 0 });
  requireRng("rng", rng);
  const spectrum = new Float64Array(2 * (Math.floor(samples / 2) + 1));
  for (let k = 1; 2 * k < spectrum.length; k++) {
    const amplitude = Math.exp(-(((2 * k / samples - center) / width) ** 2) / 2);
    const phase = rng.uniform(0, 2 * Math.PI);
    spectrum[2 * k] = amplitude * Math.cos(phase);
    spectrum[2 * k + 1] = amplitude * Math.sin(phase);
  }
  const signal = irfft(spectrum, { length: samples });
  const largest = signal.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  if (largest === 0) {
    throw new RangeError(
      `\`width\` must be large enough for a frequency of ${samples} samples to be in the band, got ${width}`,
    );
  }
  return signal.map((value) => value / largest);
}

/**
 * The band-limited periodic function through the samples, read at `shift` samples later: what the signal is
 * between the points of its grid. The frequency at the end of an even number of samples has no unique value
 * there; its cosine is taken.
 *
 * @param signal N samples of one period.
 * @param shift How far, in samples; 0.5 is the middle between neighbours.
 * @throws {RangeError} if `signal` is empty or not finite.
 *
 * @example
 * ```ts
 * import { bandLimitedShift } from "refigure/neural_fields";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const tone = Float64Array.from({ length: 8 }, (_, n) => Math.sin(2 * Math.PI * n / 8));
 * assertAlmostEquals(bandLimitedShift(tone, 0.5)[1], Math.sin(2 * Math.PI * 1.5 / 8), 1e-15);
 * ```
 */
export function bandLimitedShift(signal: Float64Array, shift: number): Float64Array {
  requireRealArray("signal", signal, "float64");
  requireInteger("signal.length", signal.length, { min: 1 });
  requireFinite("Cannot shift `signal`", signal);
  requireNumber("shift", shift);
  const z = rfft(signal);
  for (let k = 0; 2 * k < z.length; k++) {
    const angle = 2 * Math.PI * k * shift / signal.length;
    const [re, im] = [z[2 * k], z[2 * k + 1]];
    z[2 * k] = re * Math.cos(angle) - im * Math.sin(angle);
    z[2 * k + 1] = re * Math.sin(angle) + im * Math.cos(angle);
  }
  return irfft(z, { length: signal.length });
}

/** Options of {@linkcode psnr}. */
export interface PsnrOptions {
  /** Largest value of the signal. Default 1, as the paper has it although its signals span [-1, 1]. */
  peak?: number;
}

/**
 * Peak signal-to-noise ratio in decibels, `20 log10(peak) - 10 log10(mean squared error)`; infinite for an exact
 * estimate.
 *
 * @param estimate N numbers.
 * @param target N numbers.
 * @param options The peak.
 * @returns Decibels; NaN if a number is.
 * @throws {RangeError} if the lengths differ or are 0, or the peak is not positive.
 *
 * @example
 * ```ts
 * import { psnr } from "refigure/neural_fields";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * assertAlmostEquals(psnr([0.1, -0.1], [0, 0]), 20, 1e-12);
 * assertEquals(psnr([1], [1]), Infinity);
 * ```
 */
export function psnr(
  estimate: ArrayLike<number>,
  target: ArrayLike<number>,
  options: PsnrOptions = {},
): number {
  requireNumbers("estimate", estimate);
  requireLength("target", requireNumbers("target", target), estimate.length);
  requireInteger("estimate.length", estimate.length, { min: 1 });
  requireOptions("options", options, ["peak"]);
  const { peak = 1 } = options;
  requireNumber("peak", peak, { above: 0 });
  let sum = 0;
  for (let k = 0; k < estimate.length; k++) sum += (estimate[k] - target[k]) ** 2;
  return psnrOfError(sum / estimate.length) + 20 * Math.log10(peak);
}

/** Decibels of a mean squared error, for a peak of 1. */
export function psnrOfError(meanSquaredError: number): number {
  return -10 * Math.log10(meanSquaredError);
}
