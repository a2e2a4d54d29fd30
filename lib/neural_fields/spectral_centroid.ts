import {
  type RealArray,
  requireFinite,
  requireInteger,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { rfft } from "../transforms/mod.ts";

/** Options of {@linkcode spectralCentroid}. */
export interface SpectralCentroidOptions {
  /** Numbers per sample, such as 3 for a colour image; they follow each other. Default 1. */
  channels?: number;
  /** Samples per row: the width of an image. Default: all, the signal is one row. */
  rowLength?: number;
}

/**
 * The spectral centroid of a signal, in units of the Nyquist frequency: the mean of the frequencies, weighted by
 * the moduli of the Fourier coefficients (Chandravamsi et al. 2025, equation for psi). Images are transformed
 * row by row; the centroids of rows and channels are averaged.
 *
 * @param signal Samples, channels together, row after row.
 * @returns A number from 0 to 1; 0 for a constant signal, 1 for an alternating one, 0 if all samples are zero.
 * @throws {RangeError} if a row has fewer than 4 samples, the sizes do not fit, or a sample is not finite.
 * @throws {TypeError} if `signal` is not a Float64Array or a Float32Array.
 *
 * @example
 * ```ts
 * import { spectralCentroid } from "refigure/neural_fields";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const tone = Float64Array.from({ length: 64 }, (_, n) => Math.cos(2 * Math.PI * 8 * n / 64));
 * assertAlmostEquals(spectralCentroid(tone), 0.25, 1e-12);
 * ```
 */
export function spectralCentroid(signal: RealArray, options: SpectralCentroidOptions = {}): number {
  requireRealArray("signal", signal);
  requireOptions("options", options, ["channels", "rowLength"]);
  const { channels = 1 } = options;
  requireInteger("channels", channels, { min: 1 });
  const { rowLength = signal.length / channels } = options;
  requireInteger(options.rowLength === undefined ? "signal.length / channels" : "rowLength", rowLength, {
    min: 4,
  });
  const rows = signal.length / (channels * rowLength);
  if (!Number.isInteger(rows) || rows === 0) {
    throw new RangeError(
      `\`signal\` must have a multiple of ${
        channels * rowLength
      } entries (\`rowLength\` times \`channels\`), ` +
        `got ${signal.length}`,
    );
  }
  requireFinite("Cannot compute the spectrum of `signal`", signal);
  const row = new Float64Array(rowLength);
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let j = 0; j < rowLength; j++) row[j] = signal[(i * rowLength + j) * channels + channel];
      sum += centroidOfRow(row);
    }
  }
  return sum / (rows * channels);
}

/** Twice the mean frequency in cycles per sample. */
function centroidOfRow(row: Float64Array): number {
  const spectrum = rfft(row);
  let weights = 0;
  let moments = 0;
  for (let k = 0; 2 * k < spectrum.length; k++) {
    const modulus = Math.hypot(spectrum[2 * k], spectrum[2 * k + 1]);
    weights += modulus;
    moments += modulus * 2 * k / row.length;
  }
  return weights === 0 ? 0 : moments / weights;
}
