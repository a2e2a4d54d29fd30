import {
  allocateLike,
  Matrix,
  type RealArray,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumbers,
  requireOneOf,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { betaRatio } from "./beta_ratio.ts";
import { requireCurvature } from "./check.ts";
import type { TangentOptions } from "./hyperboloid.ts";
import { poincareLinear, poincareLinearVjp } from "./poincare_linear.ts";

/** A batch of images of tangent vectors, channels last. */
export interface PoincareImages<Data extends RealArray = Float64Array> {
  /** Values, image by image, row by row, pixel by pixel. */
  data: Data;
  /** [batch, height, width, channels]. */
  shape: readonly [number, number, number, number];
}

/** Options of {@linkcode poincareConv2d}. */
export interface PoincareConv2dOptions extends TangentOptions {
  /** Height and width of the kernel. Default 3. */
  kernel?: number;
  /** Step between outputs, in both directions. Default 1. */
  stride?: number;
  /**
   * `"same"` (default): zeros around the image, (kernel - 1)/2 of them, for an even kernel one more after the image than
   * before; `"valid"`: none.
   */
  padding?: "same" | "valid";
}

/** The names of {@linkcode PoincareConv2dOptions}. */
export const CONV_OPTIONS = ["c", "maxTangentNorm", "kernel", "stride", "padding"] as const;

/** Gradients of a Poincaré convolution. */
export interface PoincareConv2dGradients<Data extends RealArray = Float64Array> {
  /** With respect to the images, of their length. */
  u: Data;
  /** With respect to the weights. */
  Z: Matrix<Data>;
  /** With respect to the offsets, 1 x m. */
  r: Matrix<Data>;
}

/** A Poincaré convolution and its backward pass. */
export interface PoincareConv2dVjp<Data extends RealArray = Float64Array> {
  /** The outputs. */
  value: PoincareImages<Data>;
  /** The gradients of ⟨upstream, value⟩; `upstream` has the length of the outputs. */
  gradients(upstream: Data): PoincareConv2dGradients<Data>;
}

/**
 * A Poincaré convolution (Shimizu et al. 2021; van Spengler, Berkhout & Mettes 2023) between
 * images of tangent vectors at the origin: the pixels under the kernel are β-concatenated to one tangent
 * vector, of which {@linkcode poincareLinear} makes the output pixel.
 *
 * @param u Images [batch, height, width, C].
 * @param Z Weights, kernel * kernel * C x m, row (ky * kernel + kx) * C + channel.
 * @param r Offsets, 1 x m.
 * @param options The curvature, and the geometry of the kernel.
 * @returns Images [batch, height', width', m].
 * @throws {RangeError} if the shapes do not fit, the kernel is larger than the image, or an option is out of
 * range.
 * @throws {TypeError} if an argument is of the wrong type, the precisions differ, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { poincareConv2d, poincareInit } from "refigure/hyperbolic";
 * import { assertEquals } from "@std/assert";
 *
 * const u = { data: new Float64Array(2 * 8 * 8 * 3), shape: [2, 8, 8, 3] as const };
 * const Z = poincareInit("identity-center", 27, 4, { taps: 9 });
 * const out = poincareConv2d(u, Z, Matrix.zeros(1, 4), { c: 0.1, stride: 2 });
 * assertEquals(out.shape, [2, 4, 4, 4]);
 * ```
 */
export function poincareConv2d<Data extends RealArray>(
  u: PoincareImages<Data>,
  Z: Matrix<Data>,
  r: Matrix<Data>,
  options: PoincareConv2dOptions,
): PoincareImages<Data> {
  const { geometry, tangent } = requireConv(u, Z, options);
  const value = poincareLinear(patches(u.data, geometry), Z, r, tangent);
  return { data: value.data, shape: outputShape(geometry, Z.columns) };
}

/**
 * {@linkcode poincareConv2d} with its backward pass.
 *
 * @param u Images [batch, height, width, C].
 * @param Z Weights, kernel * kernel * C x m.
 * @param r Offsets, 1 x m.
 * @param options The curvature, and the geometry of the kernel.
 * @returns The value, and a function from its gradient to those of the arguments.
 * @throws {RangeError} if the shapes do not fit, the kernel is larger than the image, or an option is out of
 * range.
 * @throws {TypeError} if an argument is of the wrong type, the precisions differ, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { poincareConv2dVjp } from "refigure/hyperbolic";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // One channel and a 1 x 1 kernel: multiplication by 2 z.
 * const u = { data: Float64Array.of(0.1, 0.2), shape: [1, 1, 2, 1] as const };
 * const Z = Matrix.fromRows([[0.8]]);
 * const { value, gradients } = poincareConv2dVjp(u, Z, Matrix.zeros(1, 1), { c: 1, kernel: 1 });
 * assertAlmostEquals(value.data[1], 1.6 * 0.2, 1e-15);
 * assertAlmostEquals(gradients(Float64Array.of(0, 1)).u[1], 1.6, 1e-13);
 * ```
 */
export function poincareConv2dVjp<Data extends RealArray>(
  u: PoincareImages<Data>,
  Z: Matrix<Data>,
  r: Matrix<Data>,
  options: PoincareConv2dOptions,
): PoincareConv2dVjp<Data> {
  const { geometry, tangent } = requireConv(u, Z, options);
  const { value, gradients } = poincareLinearVjp(patches(u.data, geometry), Z, r, tangent);
  return {
    value: { data: value.data, shape: outputShape(geometry, Z.columns) },
    gradients(upstream) {
      requireRealArray("upstream", upstream, value.dtype);
      requireLength("upstream", upstream, value.data.length);
      const found = gradients(new Matrix(value.rows, value.columns, upstream));
      return { u: fromPatches(found.u.data, geometry), Z: found.Z, r: found.r };
    },
  };
}

/** Sizes of a convolution. */
export interface Geometry {
  batch: number;
  height: number;
  width: number;
  channels: number;
  kernel: number;
  stride: number;
  /** Zeros before the first row and column. */
  before: number;
  outHeight: number;
  outWidth: number;
  /** The factor of β-concatenation. */
  ratio: number;
}

/** Checks the shape and the options, and derives the other sizes. @throws {TypeError | RangeError} */
export function geometryOf(
  shape: readonly number[],
  { kernel = 3, stride = 1, padding = "same" }: Omit<PoincareConv2dOptions, "c" | "maxTangentNorm">,
): Geometry {
  const [batch, height, width, channels] = shape;
  requireInteger("kernel", kernel, { min: 1 });
  requireInteger("stride", stride, { min: 1 });
  requireOneOf("padding", padding, ["same", "valid"]);
  const before = padding === "same" ? Math.floor((kernel - 1) / 2) : 0;
  const size = (pixels: number) =>
    padding === "same" ? Math.ceil(pixels / stride) : Math.floor((pixels - kernel) / stride) + 1;
  if (padding === "valid" && kernel > Math.min(height, width)) {
    throw new RangeError(
      `\`kernel\` must be at most ${Math.min(height, width)} without padding, got ${kernel}`,
    );
  }
  return {
    ...{ batch, height, width, channels, kernel, stride, before },
    outHeight: size(height),
    outWidth: size(width),
    ratio: betaRatio(channels, kernel * kernel * channels),
  };
}

function requireConv<Data extends RealArray>(
  u: PoincareImages<Data>,
  Z: Matrix<Data>,
  options: PoincareConv2dOptions,
): { geometry: Geometry; tangent: TangentOptions } {
  requireOptions("u", u, ["data", "shape"]);
  requireRealArray("u.data", u.data);
  requireNumbers("u.shape", u.shape, { length: 4 });
  for (let i = 0; i < 4; i++) requireInteger(`u.shape[${i}]`, u.shape[i], { min: i === 0 ? 0 : 1 });
  requireLength("u.data", u.data, u.shape[0] * u.shape[1] * u.shape[2] * u.shape[3]);
  requireOptions("options", options, CONV_OPTIONS);
  const { c, maxTangentNorm, ...rest } = options;
  requireCurvature("c", c);
  const geometry = geometryOf(u.shape, rest);
  requireMatrix("Z", Z);
  const inputs = geometry.kernel ** 2 * geometry.channels;
  if (Z.rows !== inputs) {
    throw new RangeError(`\`Z\` must have ${inputs} rows, kernel * kernel * channels, got ${Z.rows}`);
  }
  return { geometry, tangent: { c, maxTangentNorm } };
}

function outputShape(
  { batch, outHeight, outWidth }: Geometry,
  channels: number,
): [number, number, number, number] {
  return [batch, outHeight, outWidth, channels];
}

/**
 * The pixels under the kernel, for every output pixel in one row, times the factor of β-concatenation
 * (im2col).
 */
export function patches<Data extends RealArray>(u: Data, g: Geometry): Matrix<Data> {
  const columns = g.kernel * g.kernel * g.channels;
  const out = new Matrix(
    g.batch * g.outHeight * g.outWidth,
    columns,
    allocateLike(u, g.batch * g.outHeight * g.outWidth * columns),
  );
  eachPatch(g, (from, to) => {
    for (let k = 0; k < g.channels; k++) out.data[to + k] = g.ratio * u[from + k];
  });
  return out;
}

/** The transpose of {@linkcode patches}. */
export function fromPatches<Data extends RealArray>(rows: Data, g: Geometry): Data {
  const out = allocateLike(rows, g.batch * g.height * g.width * g.channels);
  eachPatch(g, (from, to) => {
    for (let k = 0; k < g.channels; k++) out[from + k] += g.ratio * rows[to + k];
  });
  return out;
}

/** Calls `visit` with the place of every pixel's first channel in the images and in the patches. */
function eachPatch(g: Geometry, visit: (from: number, to: number) => void): void {
  let to = 0;
  for (let image = 0; image < g.batch; image++) {
    for (let row = 0; row < g.outHeight; row++) {
      for (let column = 0; column < g.outWidth; column++) {
        for (let ky = 0; ky < g.kernel; ky++) {
          const y = row * g.stride + ky - g.before;
          for (let kx = 0; kx < g.kernel; kx++, to += g.channels) {
            const x = column * g.stride + kx - g.before;
            if (y < 0 || y >= g.height || x < 0 || x >= g.width) continue;
            visit(((image * g.height + y) * g.width + x) * g.channels, to);
          }
        }
      }
    }
  }
}
