import {
  type Matrix,
  requireFunction,
  requireInteger,
  requireNumber,
  requireOneOf,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { type NoiseSchedule, scaledLinearSchedule } from "../diffusion/mod.ts";
import { scaleByAdam } from "../optimizers/adam.ts";
import { scaleByLearningRate } from "../optimizers/scale.ts";
import type { Schedule } from "../optimizers/schedule.ts";
import { chain } from "../optimizers/transformation.ts";
import { requireBatch, requireRenderer, requireTimeRange } from "./check.ts";
import { type Prior, sds, sjc, type VariationalModel, vsd } from "./gradients.ts";
import { identityRenderer, type Renderer } from "./renderer.ts";

/** Which gradient is descended: {@linkcode sds}, {@linkcode vsd} or {@linkcode sjc}. */
export type DistillationMethod = "sds" | "vsd" | "sjc";

/** The smallest and the largest step of the noise schedule that may be drawn. */
export type TimeRange = readonly [smallest: number, largest: number];

/** What {@linkcode DistillOptions.onStep} is told. */
export interface DistillationStep {
  /** Steps taken, from 0 (before the first one) to `steps`. */
  step: number;
  /** The scenes; a later step changes them. */
  scenes: Matrix;
}

/** Options of {@linkcode distill}. */
export interface DistillOptions {
  /** The model whose samples are wanted, guided or not. */
  prior: Prior;
  /** Source of random numbers. Noise, times and cameras have streams of their own, equal for all methods. */
  rng: Rng;
  /** Which gradient is descended. Default "vsd". */
  method?: DistillationMethod;
  /** The model of the particles' own images, for VSD. Default {@linkcode particleCloud}. */
  variational?: VariationalModel;
  /** Makes images of scenes. Default {@linkcode identityRenderer}. */
  renderer?: Renderer;
  /** Draws the camera of a step. Default: 0 for all. */
  camera?: (rng: Rng) => number;
  /** Number of steps. Default 1500. */
  steps?: number;
  /** The rate, or one per step. Default 0.1. */
  learningRate?: Schedule;
  /** Plain gradient descent, or Adam with the betas 0.9 and 0.99 of ProlificDreamer. Default "descent". */
  optimizer?: "descent" | "adam";
  /** How much noise there is at a time. Default {@linkcode scaledLinearSchedule}. */
  schedule?: NoiseSchedule;
  /** Times that are drawn, all equally likely; or those of a step. Default [20, 980]. */
  times?: TimeRange | ((step: number) => TimeRange);
  /** The weight omega of a noise level. Default sigma². */
  weight?: (alpha: number, sigma: number) => number;
  /** Called before each step and after the last one. */
  onStep?: (at: DistillationStep) => void;
}

/**
 * Moves scenes by score distillation: in each step one time and one camera are drawn for all of them, fresh
 * noise for each, and all of them descend the gradient of {@linkcode sds}, {@linkcode vsd} or {@linkcode sjc}
 * (ProlificDreamer, Algorithm 1, with an exact model of the particles in the place of the fine-tuned one).
 *
 * @param scenes Where they start: one scene per row. It is not changed.
 * @param options The prior and the random numbers; the method, the renderer, the steps and their size.
 * @returns The scenes after the last step.
 * @throws {RangeError} if a shape does not fit, a number is out of range, or an entry is or becomes infinite.
 * @throws {TypeError} if an argument is of the wrong type or an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { Matrix } from "refigure/arrays";
 * import { GaussianMixture } from "refigure/diffusion";
 * import { distill } from "refigure/score_distillation";
 * import { assert } from "@std/assert";
 *
 * const prior = new GaussianMixture({
 *   weights: [1, 1],
 *   means: Matrix.fromRows([[-1, 0], [1, 0]]),
 *   variances: [0.04, 0.04],
 * });
 * const start = new Rng(0).normalMatrix(32, 2);
 * const right = (scenes: Matrix) => scenes.column(0).filter((x) => x > 0).length;
 * const options = { prior, rng: new Rng(1), steps: 400 };
 * const spread = right(distill(start, { ...options, method: "vsd" }));
 * assert(spread > 10 && spread < 22); // both modes have about half of the particles
 * ```
 */
export function distill(scenes: Matrix, options: DistillOptions): Matrix {
  requireBatch("scenes", scenes);
  requireOptions("options", options, [
    "prior",
    "rng",
    "method",
    "variational",
    "renderer",
    "camera",
    "steps",
    "learningRate",
    "optimizer",
    "schedule",
    "times",
    "weight",
    "onStep",
  ]);
  const { prior, rng, method = "vsd", variational, renderer = identityRenderer(scenes.columns) } = options;
  const { camera = () => 0, steps = 1500, learningRate = 0.1, optimizer = "descent" } = options;
  const { schedule = scaledLinearSchedule(), times = [20, 980], weight = defaultWeight, onStep } = options;
  requireRng("rng", rng);
  requireOneOf("method", method, ["sds", "vsd", "sjc"]);
  if (variational !== undefined) requireFunction("variational", variational);
  requireRenderer("renderer", renderer);
  requireFunction("camera", camera);
  requireInteger("steps", steps, { max: 1e9 });
  requireOneOf("optimizer", optimizer, ["descent", "adam"]);
  requireFunction("weight", weight);
  requireFunction("schedule.alpha", schedule?.alpha);
  requireFunction("schedule.sigma", schedule.sigma);
  if (onStep !== undefined) requireFunction("onStep", onStep);
  const rangeOf = typeof times === "function" ? times : () => times;

  const rate = scaleByLearningRate(learningRate);
  const rule = optimizer === "adam" ? chain(scaleByAdam({ beta2: 0.99 }), rate) : rate;
  const current = scenes.clone();
  const parameter = { name: "scenes", weights: current, outputs: "rows" as const };
  const state = rule.init(parameter);
  const timeStream = rng.split("times");
  const cameraStream = rng.split("cameras");
  const noiseStream = rng.split("noise");
  for (let step = 0; step < steps; step++) {
    onStep?.({ step, scenes: current });
    const t = drawTime(rangeOf(step), timeStream);
    const alpha = schedule.alpha(t);
    const sigma = schedule.sigma(t);
    const level = {
      prior,
      renderer,
      camera: camera(cameraStream),
      alpha,
      sigma,
      noise: noiseStream.normalMatrix(scenes.rows, renderer.pixels),
      weight: weight(alpha, sigma),
    };
    const gradient = method === "vsd"
      ? vsd(current, { ...level, variational })
      : method === "sds"
      ? sds(current, level)
      : sjc(current, level);
    const update = rule.update(gradient, state as never, parameter).data;
    for (let k = 0; k < update.length; k++) current.data[k] += update[k];
  }
  onStep?.({ step: steps, scenes: current });
  return current;
}

function defaultWeight(_alpha: number, sigma: number): number {
  return sigma * sigma;
}

function drawTime(range: TimeRange, rng: Rng): number {
  requireTimeRange("times", range);
  return range[0] + rng.integer(range[1] - range[0] + 1);
}

/** Options of {@linkcode annealedTimes}. */
export interface AnnealedTimesOptions {
  /** The smallest time. Default 20. */
  smallest?: number;
  /** The largest time at first. Default 980. */
  largest?: number;
  /** The largest time after the switch. Default 500. */
  annealTo?: number;
  /** Share of the steps before the switch, from 0 to 1. Default 0.2. */
  annealAt?: number;
}

/**
 * ProlificDreamer's schedule of times (its section 3.3): large noise at first, which settles what goes where,
 * and less of it after a switch, which settles details. For {@linkcode DistillOptions.times}.
 *
 * @param steps Number of steps.
 * @param options The ranges, and when to switch.
 * @returns The range of times of a step.
 * @throws {RangeError} if a number is out of range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { annealedTimes } from "refigure/score_distillation";
 * import { assertEquals } from "@std/assert";
 *
 * const times = annealedTimes(1000);
 * assertEquals([times(199), times(200)], [[20, 980], [20, 500]]);
 * ```
 */
export function annealedTimes(
  steps: number,
  options: AnnealedTimesOptions = {},
): (step: number) => TimeRange {
  requireInteger("steps", steps, { min: 1 });
  requireOptions("options", options, ["smallest", "largest", "annealTo", "annealAt"]);
  const { smallest = 20, largest = 980, annealTo = 500, annealAt = 0.2 } = options;
  requireInteger("smallest", smallest);
  requireInteger("largest", largest, { min: smallest });
  requireInteger("annealTo", annealTo, { min: smallest });
  requireNumber("annealAt", annealAt, { min: 0, max: 1 });
  return (step) => [smallest, step < annealAt * steps ? largest : annealTo];
}
