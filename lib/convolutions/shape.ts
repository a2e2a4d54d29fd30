import { requireInteger, requireLength, requireNumbers, requireOptions } from "../arrays/mod.ts";

/**
 * Sizes of a two-dimensional convolution. Its kernel is a flat array of shape `[outChannels, inChannels,
 * kernelSize, kernelSize]` (PyTorch's layout), row-major.
 */
export interface ConvolutionShape {
  /** Channels that come out: M in the papers, at least 1. */
  outChannels: number;
  /** Channels that come in: C, at least 1. */
  inChannels: number;
  /** Taps per axis: k = 2r + 1, odd. */
  kernelSize: number;
  /** Step between outputs: S. Default 1. */
  stride?: number;
}

/** The short names of the papers. */
export interface Sizes {
  M: number;
  C: number;
  k: number;
  S: number;
}

/** Returns the sizes of a shape that is in order. @throws {TypeError | RangeError} */
export function requireConvolutionShape(shape: ConvolutionShape): Sizes {
  requireOptions("shape", shape, ["outChannels", "inChannels", "kernelSize", "stride"]);
  const { outChannels: M, inChannels: C, kernelSize: k, stride: S = 1 } = shape;
  requireInteger("shape.outChannels", M, { min: 1 });
  requireInteger("shape.inChannels", C, { min: 1 });
  requireInteger("shape.kernelSize", k, { min: 1 });
  requireInteger("shape.stride", S, { min: 1 });
  if (k % 2 === 0) throw new RangeError(`\`shape.kernelSize\` must be odd, got ${k}`);
  return { M, C, k, S };
}

/** Returns the sizes of a kernel of that shape. @throws {TypeError | RangeError} */
export function requireKernel(kernel: ArrayLike<number>, shape: ConvolutionShape): Sizes {
  const sizes = requireConvolutionShape(shape);
  const { M, C, k } = sizes;
  requireNumbers("kernel", kernel);
  requireLength("kernel", kernel, M * C * k * k);
  return sizes;
}

/**
 * Returns the output size N of an image that is at least as large as the kernel.
 *
 * @throws {TypeError | RangeError}
 */
export function requireOutputSize(outputSize: number, { k, S }: Sizes): number {
  requireInteger("outputSize", outputSize, { min: 1 });
  if (S * outputSize < k) {
    throw new RangeError(
      `\`outputSize\` must be at least ${
        Math.ceil(k / S)
      }, so that the image of ${S} * outputSize pixels per ` +
        `side holds a kernel of ${k}, got ${outputSize}`,
    );
  }
  return outputSize;
}

/** How a border is treated; see {@linkcode convolutionMatrix}. */
export type Border = "circular" | "same" | "valid";

/** The names of {@linkcode Border}. */
export const BORDERS: readonly Border[] = ["circular", "same", "valid"];

/** Pixels per side of the image that gives N x N outputs. */
export function imageSize({ k, S }: Sizes, N: number, border: Border): number {
  return border === "valid" ? S * (N - 1) + k : S * N;
}

/**
 * The row (or column) of the image that tap `tap` of output `output` reads; -1 where it reads zero padding.
 */
export function sourcePixel({ k, S }: Sizes, N: number, border: Border, output: number, tap: number): number {
  if (border === "valid") return S * output + tap;
  const side = S * N;
  const pixel = S * output + tap - (k - 1) / 2;
  if (pixel >= 0 && pixel < side) return pixel;
  return border === "circular" ? (pixel + side) % side : -1;
}
