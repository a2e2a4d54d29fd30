import { type RealArray, requireOptions } from "../arrays/mod.ts";
import { type Fill, type NdArray, requireIntegers, requireNdArray, requirePositions } from "./check.ts";
import { ConvKernel } from "./conv_kernel.ts";
import { CoModule, setKernel } from "./module.ts";
import { patches, plainFrames } from "./patches.ts";

/** What a convolution keeps between steps: past frames, or sums of outputs to come. */
export type ConvCache = "input" | "output";

/** Options of {@linkcode CoConv1d}; all in time. */
export interface CoConv1dOptions {
  /** One number per output channel. Default: none. */
  bias?: RealArray;
  /** Frames of padding at each end of a clip, up to `(k - 1) dilation`. Default 0. */
  padding?: number;
  /** Input frames per output frame. Default 1. */
  stride?: number;
  /** Frames between taps. Default 1. */
  dilation?: number;
  /** What the padding is: zeros, or the first and last frame again. Default "zeros". */
  fill?: Fill;
  /** What is kept between steps; the outputs are the same up to rounding. Default: what takes less memory. */
  cache?: ConvCache;
  /**
   * Whether a step computes only the products that some output needs; otherwise all k of them on every frame,
   * as the authors' code does. It makes a difference for strides above 1. Default true.
   */
  polyphase?: boolean;
  /**
   * Shape of a frame without its channels, such as `[25]` for joints: all are treated alike. Default `[]`.
   */
  positions?: readonly number[];
}

/** Options of {@linkcode CoConv2d} and {@linkcode CoConv3d}. */
export interface CoConvNdOptions extends Omit<CoConv1dOptions, "positions"> {
  /** Length of each spatial axis of an input frame. */
  size: readonly number[];
  /** Zeros around the spatial axes. Default 0 for each. */
  spatialPadding?: readonly number[];
  /** Steps along the spatial axes. Default 1 for each. */
  spatialStride?: readonly number[];
}

const TEMPORAL = ["bias", "padding", "stride", "dilation", "fill", "cache", "polyphase"] as const;

/**
 * A convolution over time, `y[t] = b + sum_i W[i] x[t - (k - 1 - i) dilation]` (cross-correlation, as in
 * PyTorch), with weights `[C_out, C_in, k]`.
 *
 * A step multiplies one frame by all k taps. Either the last k - 1 frames are kept, or the k - 1 sums that
 * are not complete yet, each in one ring of `(k - 1) dilation` frames.
 *
 * Source: Hedegaard and Iosifidis, "Continual 3D Convolutional Neural Networks for Real-time Processing of
 * Videos", ECCV 2022, arXiv 2106.00050, section 3.1.
 *
 * @example
 * ```ts
 * import { CoConv1d } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * // Padding 2 on both sides: the first output comes at once, the last two after the end.
 * const conv = new CoConv1d({ shape: [1, 1, 3], data: Float64Array.of(1, 2, 3) }, { padding: 2 });
 * assertEquals(conv.forward(Float64Array.of(1)), Float64Array.of(3, 2, 1));
 * assertEquals(conv.delay, 0);
 * assertEquals(conv.steps(Float64Array.of(1), { padEnd: true }), Float64Array.of(3, 2, 1));
 * ```
 */
export class CoConv1d extends CoModule {
  /**
   * A convolution whose past is the fill.
   *
   * @param weight `[C_out, C_in, k]`; copied.
   * @param options Bias, padding, stride, dilation and the like.
   * @throws {RangeError} if a size is out of range or not finite.
   * @throws {TypeError} if an array or a name is of the wrong type.
   */
  constructor(weight: NdArray, options: CoConv1dOptions = {}) {
    super();
    requireOptions("options", options, [...TEMPORAL, "positions"]);
    const { positions = [], ...rest } = options;
    requireNdArray("weight", weight, 3);
    const frames = plainFrames(weight.shape[1], requirePositions("positions", positions));
    setKernel(this, new ConvKernel(weight, rest, frames));
  }
}

/**
 * A convolution over time and one spatial axis, with weights `[C_out, C_in, kT, kH]`. Frames are `[C_in, H]`.
 *
 * @example
 * ```ts
 * import { CoConv2d } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * const weight = { shape: [1, 1, 2, 2], data: Float64Array.of(0, 0, 1, 10) };
 * const conv = new CoConv2d(weight, { size: [3] });
 * assertEquals(conv.outputShape, [1, 2]);
 * assertEquals(conv.steps(Float64Array.of(0, 0, 0, 1, 2, 3)), Float64Array.of(21, 32));
 * ```
 */
export class CoConv2d extends CoModule {
  /**
   * A convolution whose past is the fill.
   *
   * @param weight `[C_out, C_in, kT, kH]`; copied.
   * @param options Size of a frame, bias, padding, stride, dilation and the like.
   * @throws {RangeError} if a size is out of range or not finite.
   * @throws {TypeError} if an array or a name is of the wrong type.
   */
  constructor(weight: NdArray, options: CoConvNdOptions) {
    super();
    setKernel(this, spatialKernel(weight, options, 1));
  }
}

/**
 * A convolution over time and two spatial axes, with weights `[C_out, C_in, kT, kH, kW]`. Frames are
 * `[C_in, H, W]`.
 *
 * @example
 * ```ts
 * import { CoConv3d } from "refigure/continual";
 * import { assertEquals } from "@std/assert";
 *
 * // The difference of two frames, in a sum over 2 x 2 pixels.
 * const weight = { shape: [1, 1, 2, 2, 2], data: Float64Array.of(-1, -1, -1, -1, 1, 1, 1, 1) };
 * const conv = new CoConv3d(weight, { size: [2, 2] });
 * assertEquals(conv.step(Float64Array.of(1, 2, 3, 4)), null);
 * assertEquals(conv.step(Float64Array.of(1, 2, 3, 9)), Float64Array.of(5));
 * ```
 */
export class CoConv3d extends CoModule {
  /**
   * A convolution whose past is the fill.
   *
   * @param weight `[C_out, C_in, kT, kH, kW]`; copied.
   * @param options Size of a frame, bias, padding, stride, dilation and the like.
   * @throws {RangeError} if a size is out of range or not finite.
   * @throws {TypeError} if an array or a name is of the wrong type.
   */
  constructor(weight: NdArray, options: CoConvNdOptions) {
    super();
    setKernel(this, spatialKernel(weight, options, 2));
  }
}

function spatialKernel(weight: NdArray, options: CoConvNdOptions, axes: 1 | 2): ConvKernel {
  requireOptions("options", options, [...TEMPORAL, "size", "spatialPadding", "spatialStride"]);
  const { size, spatialPadding = Array(axes).fill(0), spatialStride = Array(axes).fill(1), ...rest } =
    options;
  requireNdArray("weight", weight, 3 + axes);
  requireIntegers("size", size, axes, 1);
  requireIntegers("spatialPadding", spatialPadding, axes, 0);
  requireIntegers("spatialStride", spatialStride, axes, 1);
  const kernel = weight.shape.slice(3);
  return new ConvKernel(
    weight,
    rest,
    patches(weight.shape[1], Array.from(size), kernel, spatialPadding, spatialStride),
  );
}
