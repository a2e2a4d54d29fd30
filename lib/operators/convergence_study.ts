import {
  requireFunction,
  requireInteger,
  requireLength,
  requireNumbers,
  requireOptions,
} from "../arrays/mod.ts";
import { fitPowerLaw } from "../statistics/mod.ts";

/** Options of {@linkcode convergenceStudy}. */
export interface ConvergenceOptions {
  /** Sizes of the grids, at least two, increasing. Default 64, 128, 256, 512. */
  sizes?: readonly number[];
}

/** What {@linkcode convergenceStudy} returns. */
export interface ConvergenceStudy {
  /** Sizes of the grids. */
  sizes: number[];
  /** Largest error over the points of each grid. */
  errors: number[];
  /** Exponent p of errors proportional to n^p, fitted to all sizes; NaN if an error is 0 or not finite. */
  slope: number;
  /**
   * Whether the layer tends to the reference: errors fall at least as n^(-1/2), or are below 1e-12 on the
   * finest grid.
   */
  converges: boolean;
}

/**
 * Whether a layer is an operator: its values on finer and finer grids are compared with a function that they
 * should tend to. A local integral has errors of order n^-2, a differential layer of order n^-1, a spectral
 * layer none; a plain convolution tends to a pointwise map and not to the integral that it was on the grid of
 * training.
 *
 * @param layer Values of the layer, for a fixed input function, at the n points j / n.
 * @param reference The function that they should tend to.
 * @param options Sizes of the grids.
 * @returns Errors and their slope.
 * @throws {RangeError} if there are fewer than two sizes, they do not increase, or the layer returns another
 * number of values.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { convergenceStudy, differentialConv } from "refigure/operators";
 * import { assert, assertAlmostEquals } from "@std/assert";
 *
 * const sine = (n: number) => Matrix.from(n, 1, (j) => Math.sin(2 * Math.PI * j / n));
 * const stencil = Matrix.fromRows([[-0.5], [0], [0.5]]);
 * const { slope, converges } = convergenceStudy(
 *   (n) => differentialConv(sine(n), stencil).data,
 *   (x) => 2 * Math.PI * Math.cos(2 * Math.PI * x),
 * );
 * assert(converges);
 * assertAlmostEquals(slope, -2, 0.01);
 * ```
 */
export function convergenceStudy(
  layer: (n: number) => ArrayLike<number>,
  reference: (x: number) => number,
  options: ConvergenceOptions = {},
): ConvergenceStudy {
  requireFunction("layer", layer);
  requireFunction("reference", reference);
  requireOptions("options", options, ["sizes"]);
  const { sizes = [64, 128, 256, 512] } = options;
  requireNumbers("sizes", sizes);
  requireInteger("sizes.length", sizes.length, { min: 2 });
  sizes.forEach((n, i) =>
    requireInteger(`sizes[${i}]`, n, { min: i === 0 ? 1 : sizes[i - 1] + 1, max: 2 ** 20 })
  );
  const errors = sizes.map((n) => {
    const values = layer(n);
    requireLength(`layer(${n})`, values, n);
    let largest = 0;
    for (let j = 0; j < n; j++) {
      const error = Math.abs(values[j] - reference(j / n));
      if (!(error <= largest)) largest = error;
    }
    return largest;
  });
  const isFitted = errors.every((error) => error > 0 && error < Infinity);
  const slope = isFitted ? fitPowerLaw(sizes, errors).slope : NaN;
  const converges = slope <= -0.5 || errors[errors.length - 1] < 1e-12;
  return { sizes: [...sizes], errors, slope, converges };
}
