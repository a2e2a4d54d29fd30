import { Matrix, requireNumbers, requireOneOf, requireOptions } from "../arrays/mod.ts";
import {
  type Border,
  BORDERS,
  type ConvolutionShape,
  imageSize,
  requireKernel,
  requireOutputSize,
  sourcePixel,
} from "./shape.ts";

/** Options for {@linkcode convolutionMatrix} and {@linkcode applyConvolution}. */
export interface ConvolutionOptions {
  /**
   * `"circular"` (default): the image of S N pixels per side continues periodically. `"same"`: zeros around
   * it. `"valid"`: only windows inside of the image, which then has S (N - 1) + k pixels per side.
   */
  border?: Border;
}

/**
 * The matrix of a strided convolution layer (a cross-correlation, as in all deep-learning libraries):
 * `y[m, i, j] = sum_{c, a, b} K[m, c, a, b] x[c, S i + a - r, S j + b - r]` for N x N outputs, with k = 2r +
 * 1; for the border `"valid"` without the `- r`. Meant for small images: the matrix has M C S^2 N^4 entries.
 *
 * @param kernel M x C x k x k.
 * @param shape Its sizes.
 * @param outputSize Outputs N per side. The image must be at least as large as the kernel.
 * @param options The border.
 * @returns (M N^2) x (C L^2), L the pixels per side of the image; rows (m, i, j), columns (c, row, column).
 * @throws {RangeError} if a size is out of range, the kernel has another length, or the image is too small.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { convolutionMatrix } from "refigure/convolutions";
 * import { assertEquals } from "@std/assert";
 *
 * // The right neighbour, of a circular image of 3 x 3 pixels: a permutation of the pixels.
 * const right = new Float64Array([0, 0, 0, 0, 0, 1, 0, 0, 0]);
 * const K = convolutionMatrix(right, { outChannels: 1, inChannels: 1, kernelSize: 3 }, 3);
 * assertEquals(Array.from(K.row(0)), [0, 1, 0, 0, 0, 0, 0, 0, 0]);
 * assertEquals(Array.from(K.row(2)), [1, 0, 0, 0, 0, 0, 0, 0, 0]);
 * ```
 */
export function convolutionMatrix(
  kernel: ArrayLike<number>,
  shape: ConvolutionShape,
  outputSize: number,
  options: ConvolutionOptions = {},
): Matrix {
  const { sizes, N, border } = requireConvolution(kernel, shape, outputSize, options);
  const { M, C, k } = sizes;
  const side = imageSize(sizes, N, border);
  const out = Matrix.zeros(M * N * N, C * side * side);
  let tap = 0;
  for (let m = 0; m < M; m++) {
    for (let c = 0; c < C; c++) {
      for (let a = 0; a < k; a++) {
        for (let b = 0; b < k; b++, tap++) {
          for (let i = 0; i < N; i++) {
            const row = sourcePixel(sizes, N, border, i, a);
            if (row < 0) continue;
            for (let j = 0; j < N; j++) {
              const column = sourcePixel(sizes, N, border, j, b);
              if (column < 0) continue;
              // Taps of a kernel as large as the image meet the same pixel: they add up.
              out.data[((m * N + i) * N + j) * out.columns + (c * side + row) * side + column] += kernel[tap];
            }
          }
        }
      }
    }
  }
  return out;
}

/**
 * A strided convolution by shifts: the kernel's taps one by one, each times the image moved by its place.
 * The same as {@linkcode convolutionMatrix} times the image, without the matrix.
 *
 * @param kernel M x C x k x k.
 * @param shape Its sizes.
 * @param image C x L x L, with L = S N pixels per side, or S (N - 1) + k for the border `"valid"`.
 * @param outputSize Outputs N per side.
 * @param options The border.
 * @returns M x N x N.
 * @throws {RangeError} if a size is out of range, the kernel or image has another length, or the image is too
 * small.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { applyConvolution } from "refigure/convolutions";
 * import { assertEquals } from "@std/assert";
 *
 * const shape = { outChannels: 1, inChannels: 1, kernelSize: 3, stride: 2 };
 * const sum = new Float64Array(9).fill(1);
 * // 4 x 4 pixels, of which one is 5: one window of the four sees it.
 * const image = new Float64Array(16);
 * image[0] = 5;
 * assertEquals(Array.from(applyConvolution(sum, shape, image, 2)), [5, 0, 0, 0]);
 * ```
 */
export function applyConvolution(
  kernel: ArrayLike<number>,
  shape: ConvolutionShape,
  image: ArrayLike<number>,
  outputSize: number,
  options: ConvolutionOptions = {},
): Float64Array {
  const { sizes, N, border } = requireConvolution(kernel, shape, outputSize, options);
  const { M, C, k } = sizes;
  const side = imageSize(sizes, N, border);
  requireNumbers("image", image, { length: C * side * side });
  const out = new Float64Array(M * N * N);
  const columns = new Int32Array(N);
  for (let b = 0; b < k; b++) {
    for (let j = 0; j < N; j++) columns[j] = sourcePixel(sizes, N, border, j, b);
    for (let m = 0; m < M; m++) {
      for (let c = 0; c < C; c++) {
        for (let a = 0; a < k; a++) {
          const weight = kernel[((m * C + c) * k + a) * k + b];
          for (let i = 0; i < N; i++) {
            const row = sourcePixel(sizes, N, border, i, a);
            if (row < 0) continue;
            const from = (c * side + row) * side;
            const to = (m * N + i) * N;
            for (let j = 0; j < N; j++) {
              if (columns[j] >= 0) out[to + j] += weight * image[from + columns[j]];
            }
          }
        }
      }
    }
  }
  return out;
}

function requireConvolution(
  kernel: ArrayLike<number>,
  shape: ConvolutionShape,
  outputSize: number,
  options: ConvolutionOptions,
) {
  const sizes = requireKernel(kernel, shape);
  const N = requireOutputSize(outputSize, sizes);
  requireOptions("options", options, ["border"]);
  const { border = "circular" } = options;
  requireOneOf("border", border, BORDERS);
  return { sizes, N, border };
}
