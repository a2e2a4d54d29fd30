import {
  allocateLike,
  Matrix,
  type RealArray,
  requireFunction,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOptions,
} from "../arrays/mod.ts";

/** Factors of {@linkcode edmPreconditioning}. */
export interface EdmPreconditioning {
  /** Of the noisy input in the output, c_skip. */
  skip: number;
  /** Of the network's output, c_out. */
  out: number;
  /** Of the network's input, c_in. */
  in: number;
  /** What the network is told of the noise level, log(sigma) / 4. */
  noise: number;
}

/**
 * The factors with which a network F becomes a denoiser
 * D(x; sigma) = c_skip x + c_out F(c_in x, c_noise) whose training target has unit variance at every noise level
 * (Karras et al. 2022, "Elucidating the design space of diffusion-based generative models", table 1).
 *
 * @param sigma The standard deviation of the noise, positive.
 * @param sigmaData The standard deviation of the data, positive.
 * @throws {RangeError} if a number is not positive and finite.
 * @throws {TypeError} if an argument is not a number.
 *
 * @example
 * ```ts
 * import { edmPreconditioning } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const c = edmPreconditioning(0.5, 0.5);
 * assertAlmostEquals(c.skip, 1 / 2, 1e-15);
 * assertAlmostEquals(c.out, 0.5 / Math.SQRT2, 1e-15);
 * assertAlmostEquals(c.in, 1 / (0.5 * Math.SQRT2), 1e-15);
 * ```
 */
export function edmPreconditioning(sigma: number, sigmaData: number): EdmPreconditioning {
  requireNumber("sigma", sigma, { above: 0 });
  requireNumber("sigmaData", sigmaData, { above: 0 });
  const norm = Math.hypot(sigma, sigmaData);
  const share = sigmaData / norm;
  return { skip: share * share, out: sigma * share, in: 1 / norm, noise: Math.log(sigma) / 4 };
}

/** Options of {@linkcode karrasSigmas}. */
export interface KarrasSigmasOptions {
  /** Positive noise levels, at least 1. Default 18. */
  levels?: number;
  /** The last positive level. Default 0.002. */
  sigmaMin?: number;
  /** The first level. Default 80. */
  sigmaMax?: number;
  /** Levels are equally spaced in their `rho`-th root. Default 7. */
  rho?: number;
}

/**
 * Noise levels of a sampler, descending, and a zero after them (Karras et al. 2022, equation 5).
 *
 * @throws {RangeError} if `levels` is less than 1, a number is not positive, or `sigmaMin` exceeds `sigmaMax`.
 * @throws {TypeError} if an option is unknown or not a number.
 *
 * @example
 * ```ts
 * import { karrasSigmas } from "refigure/diffusion";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const sigmas = karrasSigmas({ levels: 24, sigmaMin: 0.02, sigmaMax: 10 });
 * assertEquals(sigmas.length, 25);
 * assertAlmostEquals(sigmas[0], 10, 1e-12);
 * assertAlmostEquals(sigmas[23], 0.02, 1e-14);
 * assertEquals(sigmas[24], 0);
 * ```
 */
export function karrasSigmas(options: KarrasSigmasOptions = {}): Float64Array {
  requireOptions("options", options, ["levels", "sigmaMin", "sigmaMax", "rho"]);
  const { levels = 18, sigmaMin = 0.002, sigmaMax = 80, rho = 7 } = options;
  requireInteger("levels", levels, { min: 1, max: 10_000_000 });
  requireNumber("sigmaMin", sigmaMin, { above: 0 });
  requireNumber("sigmaMax", sigmaMax, { min: sigmaMin });
  requireNumber("rho", rho, { above: 0 });
  const sigmas = new Float64Array(levels + 1);
  const root = Math.log(sigmaMin / sigmaMax) / rho;
  for (let i = 0; i < levels; i++) {
    const share = levels === 1 ? 0 : i / (levels - 1);
    sigmas[i] = sigmaMax * (1 + share * Math.expm1(root)) ** rho;
  }
  return sigmas;
}

/** Writes the denoised version of `x`, one point per row, at noise level `sigma` into `out`. */
export type Denoiser<Data extends RealArray = Float64Array> = (
  x: Matrix<Data>,
  sigma: number,
  out: Matrix<Data>,
) => void;

/**
 * Samples by Heun's method on dx/dsigma = (x - D(x; sigma)) / sigma, with a step of Euler's to a level of zero
 * (Karras et al. 2022, algorithm 1). Two evaluations per step but the last.
 *
 * @param denoise The denoiser D.
 * @param x Points at the first level, x_0 + sigma eps, one per row; left unchanged.
 * @param sigmas Noise levels, descending, as of {@linkcode karrasSigmas}; the last may be 0.
 * @returns The points at the last level.
 * @throws {RangeError} if the levels do not descend, there is none, or one is not finite.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { edmPreconditioning, edmSample, karrasSigmas } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Of normal data with standard deviation 2 the best denoiser is c_skip x: noise shrinks to that size.
 * const sigmas = karrasSigmas({ levels: 60 });
 * const end = edmSample(
 *   (x, sigma, out) => {
 *     const { skip } = edmPreconditioning(sigma, 2);
 *     for (let i = 0; i < x.data.length; i++) out.data[i] = skip * x.data[i];
 *   },
 *   Matrix.fromRows([[80]]),
 *   sigmas,
 * );
 * assertAlmostEquals(end.get(0, 0), 2 * 80 / Math.hypot(80, 2), 1e-2);
 * ```
 */
export function edmSample<Data extends RealArray>(
  denoise: Denoiser<Data>,
  x: Matrix<Data>,
  sigmas: ArrayLike<number>,
): Matrix<Data> {
  requireFunction("denoise", denoise);
  requireMatrix("x", x);
  requireNumbers("sigmas", sigmas, { finite: true });
  requireInteger("sigmas.length", sigmas.length, { min: 1 });
  for (let k = 0; k < sigmas.length; k++) {
    const isLast = k + 1 === sigmas.length;
    if (sigmas[k] < 0 || !isLast && !(sigmas[k] > sigmas[k + 1])) {
      throw new RangeError(
        `\`sigmas\` must descend and not be negative, got ${sigmas[k]}` +
          (isLast ? "" : ` followed by ${sigmas[k + 1]}`),
      );
    }
  }
  const y = x.clone() as Matrix<Data>;
  const n = y.data.length;
  const matrix = () => new Matrix(x.rows, x.columns, allocateLike(x.data, n));
  const moved = matrix();
  const denoised = matrix();
  const slope = allocateLike(x.data, n);
  const { data: at } = y;
  const { data: there } = moved;
  const { data: d } = denoised;
  for (let k = 0; k + 1 < sigmas.length; k++) {
    const sigma = sigmas[k];
    const next = sigmas[k + 1];
    const h = next - sigma;
    denoise(y, sigma, denoised);
    for (let i = 0; i < n; i++) {
      slope[i] = (at[i] - d[i]) / sigma;
      there[i] = at[i] + h * slope[i];
    }
    if (next === 0) at.set(there);
    else {
      denoise(moved, next, denoised);
      for (let i = 0; i < n; i++) {
        at[i] += h / 2 * (slope[i] + (there[i] - d[i]) / next);
      }
    }
  }
  return y;
}
