import { Matrix } from "../arrays/mod.ts";
import { DIGITS_TEXT } from "./digits_data.ts";

/** Images of handwritten digits with their labels. */
export interface Digits {
  /** One image per row: 64 pixels (8 x 8, row by row) in [0, 1]. */
  images: Matrix;
  /** The digit of each image, 0 to 9. */
  labels: Int32Array;
}

/**
 * 1,797 real images of handwritten digits, 8 x 8 pixels, scaled to [0, 1]; the first 1,297 are customarily
 * the training set.
 *
 * Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits" (test set), UCI Machine
 * Learning Repository, 1998, CC BY 4.0. The data are part of the library: no download, no file access.
 *
 * @example
 * ```ts
 * import { digits } from "refigure/datasets";
 * import { assertEquals } from "@std/assert";
 *
 * const { images, labels } = digits();
 * assertEquals([images.rows, images.columns, labels.length], [1797, 64, 1797]);
 * assertEquals(images.data.reduce((sum, pixel) => sum + 16 * pixel, 0), 561718);
 * ```
 */
export function digits(): Digits {
  const lines = DIGITS_TEXT.split("\n");
  const images = Matrix.from(lines.length, 64, (i, j) => (lines[i].charCodeAt(j) - 65) / 16);
  return { images, labels: Int32Array.from(lines, (line) => Number(line[64])) };
}
