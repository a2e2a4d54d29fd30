import {
  Matrix,
  type RealArray,
  requireFinite,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { type Environment, requireBinaryLabels } from "./environment.ts";

/** Options of {@linkcode coloredImages}. */
export interface ColoredImagesOptions {
  /** Probability, eta, that a label is not that of the image. Default 0.25. */
  labelNoise?: number;
  /** Probability, e, that the color is not the label. */
  colorFlip: number;
  /** The stream of labels and colors. */
  rng: Rng;
}

/** Images in one of two colors. */
export interface ColoredImages extends Environment {
  /** N x 2d in float32: the pixels in the first d columns for color 0, in the last d for color 1, else 0. */
  inputs: Matrix<Float32Array>;
  /** One per image, 0 or 1. */
  colors: Uint8Array;
}

/**
 * Colored images (Arjovsky et al. 2019): the label is that of the image, flipped with probability eta; the
 * color is the label, flipped with probability e. If e is below eta, the color predicts the label better than
 * the image does.
 *
 * @param images N images of d pixels, one per row.
 * @param imageLabels What each image shows, 0 or 1.
 * @param options The two probabilities and the stream.
 * @returns Colored images, labels and colors.
 * @throws {RangeError} if a size does not fit, a pixel is not finite, a label is neither 0 nor 1, or a
 * probability is not in [0, 1].
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { coloredImages } from "refigure/invariance";
 * import { assertEquals } from "@std/assert";
 *
 * const images = Matrix.fromRows([[0.5, 1], [0.25, 0]]);
 * const options = { labelNoise: 0, colorFlip: 0, rng: new Rng(0) };
 * const { inputs, labels, colors } = coloredImages(images, Uint8Array.of(1, 0), options);
 * assertEquals(inputs.toRows(), [[0, 0, 0.5, 1], [0.25, 0, 0, 0]]);
 * assertEquals([...labels, ...colors], [1, 0, 1, 0]);
 * ```
 */
export function coloredImages(
  images: Matrix<RealArray>,
  imageLabels: Uint8Array,
  options: ColoredImagesOptions,
): ColoredImages {
  const { rows, columns, data } = requireMatrix("images", images);
  requireInteger("images.rows", rows, { min: 1 });
  requireFinite("`images` must be finite", data, columns);
  requireBinaryLabels("imageLabels", imageLabels, rows);
  requireOptions("options", options, ["labelNoise", "colorFlip", "rng"]);
  const { labelNoise = 0.25, colorFlip, rng } = options;
  requireNumber("labelNoise", labelNoise, { min: 0, max: 1 });
  requireNumber("colorFlip", colorFlip, { min: 0, max: 1 });
  requireRng("rng", rng);
  const noise = rng.split("labels");
  const flips = rng.split("colors");
  const labels = imageLabels.map((label) => label ^ Number(noise.uniform() < labelNoise));
  const colors = labels.map((label) => label ^ Number(flips.uniform() < colorFlip));
  const inputs = new Matrix(rows, 2 * columns, new Float32Array(rows * 2 * columns));
  for (let i = 0; i < rows; i++) {
    inputs.data.set(data.subarray(i * columns, (i + 1) * columns), (2 * i + colors[i]) * columns);
  }
  return { inputs, labels, colors };
}
