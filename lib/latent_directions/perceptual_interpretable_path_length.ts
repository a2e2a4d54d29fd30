import {
  type Matrix,
  requireFunction,
  requireLength,
  requireMatrix,
  requireNumber,
  requireOptions,
} from "../arrays/mod.ts";

/** Options of {@linkcode perceptualInterpretablePathLength}. */
export interface PathLengthOptions {
  /** Length of the step. Default 1e-4. */
  epsilon?: number;
  /** Distance of two images, at least 0. Default: the mean of the squared differences. */
  distance?: (a: Float64Array, b: Float64Array) => number;
  /**
   * Distances below this quantile of all, and above one minus it, are left out. Default 0; the official
   * script takes 0.01.
   */
  trim?: number;
}

/** What {@linkcode perceptualInterpretablePathLength} returns. */
export interface PathLength {
  /** Over all latents and directions. */
  mean: number;
  /** Over the latents, one for each direction; 0 where all its distances are left out. */
  perDirection: Float64Array;
}

/**
 * How much images change along semantic directions, the perceptual interpretable path length (PIPL): the mean
 * of `d(G(w), G(w + epsilon v)) / epsilon^2` over latents w and directions v (Song et al. 2023;
 * the official script `ppl_sefa.py` draws one direction for each latent where this takes all, and its
 * distance is LPIPS).
 *
 * It scales with the square of the generator's response: a projection of twice the size has four times the
 * length.
 *
 * @param generator Takes latents as rows, n x d, to images as rows, n x pixels.
 * @param w The latents, n x d.
 * @param directions Unit vectors as columns, d x k.
 * @param options Length of the step, distance, and what is left out.
 * @returns The mean, and the mean of each direction; NaN if an image has a NaN.
 * @throws {RangeError} if there is no latent or no direction, sizes do not fit, or an option is out of range.
 * @throws {TypeError} if an argument is of the wrong type or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { matmul } from "refigure/blas";
 * import { perceptualInterpretablePathLength } from "refigure/latent_directions";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Two pixels, one for each direction; the second one is three times as bright.
 * const generator = (w: Matrix) => matmul(w, Matrix.diagonal([1, 3]));
 * const { mean, perDirection } = perceptualInterpretablePathLength(
 *   generator,
 *   Matrix.fromRows([[0, 1], [1, 0]]),
 *   Matrix.identity(2),
 * );
 * [1 / 2, 9 / 2].forEach((length, j) => assertAlmostEquals(perDirection[j], length, 1e-6));
 * assertAlmostEquals(mean, 5 / 2, 1e-6);
 * ```
 */
export function perceptualInterpretablePathLength(
  generator: (w: Matrix) => Matrix,
  w: Matrix,
  directions: Matrix,
  options: PathLengthOptions = {},
): PathLength {
  requireFunction("generator", generator);
  requireMatrix("w", w);
  requireMatrix("directions", directions);
  requireOptions("options", options, ["epsilon", "distance", "trim"]);
  const { epsilon = 1e-4, distance = meanSquaredDifference, trim = 0 } = options;
  requireNumber("epsilon", epsilon, { above: 0 });
  requireFunction("distance", distance);
  requireNumber("trim", trim, { min: 0, below: 0.5 });
  if (directions.rows !== w.columns) {
    throw new RangeError(
      `\`directions\` must have ${w.columns} rows, as many as \`w\` has columns, got ${directions.rows}`,
    );
  }
  const count = w.rows * directions.columns;
  if (count === 0) {
    throw new RangeError(
      `\`w\` and \`directions\` must have a row and a column at least, ` +
        `got ${w.rows} and ${directions.columns}`,
    );
  }
  const images = imagesOf(generator, w);
  const lengths = new Float64Array(count);
  for (let j = 0; j < directions.columns; j++) {
    const moved = w.map((x, _, k) => x + epsilon * directions.get(k, j));
    const others = imagesOf(generator, moved);
    requireLength("generator(w + epsilon v)", others.data, images.data.length);
    for (let i = 0; i < w.rows; i++) {
      lengths[j * w.rows + i] = distance(images.row(i), others.row(i)) / epsilon ** 2;
    }
  }
  const sorted = lengths.slice().sort();
  const low = sorted[Math.floor(trim * (count - 1))];
  const high = sorted[Math.ceil((1 - trim) * (count - 1))];
  const mean = (values: Float64Array) => {
    const kept = trim === 0 ? values : values.filter((x) => !(x < low || x > high));
    return kept.length === 0 ? 0 : kept.reduce((sum, x) => sum + x, 0) / kept.length;
  };
  return {
    mean: mean(lengths),
    perDirection: Float64Array.from(
      { length: directions.columns },
      (_, j) => mean(lengths.subarray(j * w.rows, (j + 1) * w.rows)),
    ),
  };
}

function imagesOf(generator: (w: Matrix) => Matrix, w: Matrix): Matrix {
  const images = requireMatrix("generator(w)", generator(w));
  if (images.rows === w.rows) return images;
  throw new RangeError(`\`generator(w)\` must have a row for each of ${w.rows} latents, got ${images.rows}`);
}

function meanSquaredDifference(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] - b[k]) ** 2;
  return sum / a.length;
}
