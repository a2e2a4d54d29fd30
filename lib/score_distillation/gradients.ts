import { Matrix, requireFunction, requireNumber, requireOptions } from "../arrays/mod.ts";
import type { NoisePredictor } from "../diffusion/mod.ts";
import { requireBatch, requirePredictor, requireRenderer } from "./check.ts";
import { particleCloud } from "./particle_cloud.ts";
import { identityRenderer, type Renderer } from "./renderer.ts";

/** The model whose samples are wanted; for each camera another one, or the same for all. */
export type Prior = NoisePredictor | ((camera: number) => NoisePredictor);

/** Makes the model of what the particles look like, from their images as seen by a camera. */
export type VariationalModel = (images: Matrix, camera: number) => NoisePredictor;

/** Options of {@linkcode sds} and {@linkcode sjc}. */
export interface SdsOptions {
  /** The model whose samples are wanted, guided or not. */
  prior: Prior;
  /** Makes images of scenes. Default {@linkcode identityRenderer}. */
  renderer?: Renderer;
  /** Where from the scenes are looked at. Default 0. */
  camera?: number;
  /** Factor of the clean image, at least 0. */
  alpha: number;
  /** Standard deviation of the noise, positive. */
  sigma: number;
  /** Standard normal numbers: one image of noise per scene. */
  noise: Matrix;
  /** The weight omega of this noise level. Default sigma², as in the released code. */
  weight?: number;
}

/** Options of {@linkcode vsd}. */
export interface VsdOptions extends SdsOptions {
  /** The model of the particles' own images. Default {@linkcode particleCloud}, which is exact. */
  variational?: VariationalModel;
}

/**
 * The gradient of score distillation sampling (Poole et al. 2022, DreamFusion): each scene's image x_0 is
 * noised, x = alpha x_0 + sigma eps, and `omega (eps_prior(x) - eps)` is pulled back through the renderer.
 * Its expectation descends the noised negative log-density: every scene runs to a mode by itself. The model's
 * Jacobian is not taken.
 *
 * @param scenes Parameters, one scene per row.
 * @param options The prior, the noise and its level; and the renderer and the camera.
 * @returns The gradient, of the shape of `scenes`, to be descended.
 * @throws {RangeError} if a shape does not fit, the dimensions of renderer and prior differ, a number is out
 * of range, or an entry is not finite.
 * @throws {TypeError} if an argument is of the wrong type or an option is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { GaussianMixture } from "refigure/diffusion";
 * import { sds } from "refigure/score_distillation";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const prior = new GaussianMixture({ weights: [1], means: Matrix.fromRows([[1]]), variances: [1] });
 * const noise = Matrix.fromRows([[0.5]]);
 * const gradient = sds(Matrix.fromRows([[3]]), { prior, noise, alpha: 0.6, sigma: 0.8, weight: 1 });
 * // x = 0.6 * 3 + 0.8 * 0.5, and the prior expects the noise 0.8 (x - 0.6).
 * assertAlmostEquals(gradient.get(0, 0), 0.8 * (2.2 - 0.6) - 0.5, 1e-15);
 * ```
 */
export function sds(scenes: Matrix, options: SdsOptions): Matrix {
  requireSdsOptions(options);
  return pullBack(scenes, options, ({ noise }) => noise.data);
}

/**
 * The gradient of score Jacobian chaining (Wang et al. 2022): that of {@linkcode sds} without the noise in
 * the residual, `omega eps_prior(x)`. It has the same expectation. Its variance is larger where noise is
 * large: `(sigma^2 / (alpha^2 l))^2` times that of SDS for a Gaussian prior of variance l.
 *
 * @param scenes Parameters, one scene per row.
 * @param options As for {@linkcode sds}.
 * @returns The gradient, of the shape of `scenes`, to be descended.
 * @throws {RangeError} as {@linkcode sds}.
 * @throws {TypeError} as {@linkcode sds}.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { GaussianMixture } from "refigure/diffusion";
 * import { sjc } from "refigure/score_distillation";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const prior = new GaussianMixture({ weights: [1], means: Matrix.fromRows([[1]]), variances: [1] });
 * const noise = Matrix.fromRows([[0.5]]);
 * const gradient = sjc(Matrix.fromRows([[3]]), { prior, noise, alpha: 0.6, sigma: 0.8, weight: 1 });
 * assertAlmostEquals(gradient.get(0, 0), 0.8 * (2.2 - 0.6), 1e-15);
 * ```
 */
export function sjc(scenes: Matrix, options: SdsOptions): Matrix {
  requireSdsOptions(options);
  return pullBack(scenes, options, () => undefined);
}

/**
 * The gradient of variational score distillation (Wang et al. 2023, ProlificDreamer, Theorem 2): the
 * particles' images are noised, x = alpha x_0 + sigma eps, and `omega (eps_prior(x) - eps_q(x))` is pulled
 * back through the renderer, where eps_q predicts the noise of the particles' own distribution. It is the
 * Wasserstein gradient flow of a Kullback-Leibler divergence between the two: particles spread until they are
 * samples of the prior. With one particle and the exact eps_q it is {@linkcode sds}.
 *
 * @param scenes Parameters of the particles, one scene per row.
 * @param options As for {@linkcode sds}, and `variational`, which makes eps_q.
 * @returns The gradient, of the shape of `scenes`, to be descended.
 * @throws {RangeError} as {@linkcode sds}.
 * @throws {TypeError} as {@linkcode sds}.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { GaussianMixture } from "refigure/diffusion";
 * import { sds, vsd } from "refigure/score_distillation";
 * import { assert, assertAlmostEquals } from "@std/assert";
 *
 * const prior = new GaussianMixture({ weights: [1], means: Matrix.fromRows([[0]]), variances: [1] });
 * const options = { prior, noise: Matrix.fromRows([[0], [0]]), alpha: 0.6, sigma: 0.8 };
 * const two = Matrix.fromRows([[-0.1], [0.1]]);
 * // SDS pulls both to the middle; with VSD they push each other away.
 * assert(sds(two, options).get(1, 0) > 0 && vsd(two, options).get(1, 0) < 0);
 * const single = { ...options, noise: Matrix.fromRows([[0.3]]) };
 * const [one] = [Matrix.fromRows([[0.1]])];
 * assertAlmostEquals(vsd(one, single).get(0, 0), sds(one, single).get(0, 0), 1e-15);
 * ```
 */
export function vsd(scenes: Matrix, options: VsdOptions): Matrix {
  requireOptions("options", options, [
    "prior",
    "renderer",
    "camera",
    "alpha",
    "sigma",
    "noise",
    "weight",
    "variational",
  ]);
  const { variational = particleCloud } = options;
  requireFunction("variational", variational);
  return pullBack(scenes, options, ({ images, noised, alpha, sigma, camera }) => {
    const model = variational(images, camera);
    requirePredictor("variational(images, camera)", model);
    return predict("variational(images, camera)", model, noised, alpha, sigma);
  });
}

function requireSdsOptions(options: SdsOptions): void {
  requireOptions("options", options, ["prior", "renderer", "camera", "alpha", "sigma", "noise", "weight"]);
}

interface Noised {
  images: Matrix;
  noised: Matrix;
  noise: Matrix;
  alpha: number;
  sigma: number;
  camera: number;
}

/** Pulls `omega (eps_prior - baseline)` back; `baseline` is the noise to compare with, undefined for none. */
function pullBack(
  scenes: Matrix,
  options: SdsOptions,
  baseline: (noised: Noised) => Float64Array | undefined,
): Matrix {
  requireBatch("scenes", scenes);
  const { prior, renderer = identityRenderer(scenes.columns), camera = 0, alpha, sigma, noise } = options;
  requireNumber("alpha", alpha, { min: 0 });
  requireNumber("sigma", sigma, { above: 0 });
  const { weight = sigma * sigma } = options;
  requireNumber("weight", weight, { min: 0 });
  requireNumber("camera", camera);
  requireRenderer("renderer", renderer);
  if (scenes.columns !== renderer.parameters) {
    throw new RangeError(
      `\`scenes\` must have the ${renderer.parameters} columns that \`renderer\` needs, ` +
        `got ${scenes.columns}`,
    );
  }
  requireBatch("noise", noise, renderer.pixels, scenes.rows);
  const model = typeof prior === "function" ? prior(camera) : prior;
  requirePredictor("prior", model);
  const { images, pullback } = renderer.render(scenes, camera);
  requireBatch("images", images, renderer.pixels, scenes.rows);
  const noised = new Matrix(
    images.rows,
    images.columns,
    images.data.map((value, k) => alpha * value + sigma * noise.data[k]),
  );
  const residual = predict("prior", model, noised, alpha, sigma).slice();
  const other = baseline({ images, noised, noise, alpha, sigma, camera });
  for (let k = 0; k < residual.length; k++) {
    residual[k] = weight * (residual[k] - (other === undefined ? 0 : other[k]));
  }
  return pullback(new Matrix(images.rows, images.columns, residual));
}

function predict(
  name: string,
  model: NoisePredictor,
  noised: Matrix,
  alpha: number,
  sigma: number,
): Float64Array {
  if (model.dim !== noised.columns) {
    throw new RangeError(
      `\`${name}\` must have the dimension of an image, ${noised.columns}, got ${model.dim}`,
    );
  }
  const noise = model.noisePrediction(noised.data, alpha, sigma);
  if (noise.length !== noised.data.length) {
    throw new RangeError(
      `\`${name}\` must predict ${noised.data.length} numbers for as many, got ${noise.length}`,
    );
  }
  return noise;
}
