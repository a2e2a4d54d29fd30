import { requireInteger, requireNumber, requireNumbers, requireOptions } from "../arrays/mod.ts";

/**
 * How much of the data and how much noise is left at a time: x_t = alpha(t) x_0 + sigma(t) eps, with standard
 * normal eps and alpha^2 + sigma^2 = 1.
 */
export interface NoiseSchedule {
  /** The factor of the data, in (0, 1]. */
  alpha(t: number): number;
  /** The standard deviation of the noise, in [0, 1). */
  sigma(t: number): number;
}

/** Options of {@linkcode VpSde}. */
export interface VpSdeOptions {
  /** Rate of the noise at t = 0. Default 0.1. */
  betaMin?: number;
  /** Rate of the noise at t = 1. Default 20. */
  betaMax?: number;
}

/**
 * The variance-preserving diffusion dx = -beta(t) x / 2 dt + sqrt(beta(t)) dW on [0, 1], with a rate that grows
 * linearly from `betaMin` to `betaMax` (Song et al. 2021, "Score-based generative modeling through stochastic
 * differential equations", appendix C). With B(t) the integral of the rate, alpha = exp(-B / 2) and
 * sigma^2 = 1 - exp(-B).
 *
 * @example
 * ```ts
 * import { VpSde } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const sde = new VpSde();
 * assertAlmostEquals(sde.beta(0.5), 10.05, 1e-14);
 * assertAlmostEquals(sde.alpha(1), 6.571586494930e-3, 1e-15);
 * assertAlmostEquals(sde.sigma(1e-5), 1.000497125935e-3, 1e-15);
 * ```
 */
export class VpSde implements NoiseSchedule {
  /** Rate of the noise at t = 0. */
  readonly betaMin: number;
  /** Rate of the noise at t = 1. */
  readonly betaMax: number;

  /**
   * A diffusion.
   *
   * @param options The rate at both ends.
   * @throws {RangeError} if `betaMin` is negative or `betaMax` smaller than it or zero.
   * @throws {TypeError} if an option is unknown or not a number.
   */
  constructor(options: VpSdeOptions = {}) {
    requireOptions("options", options, ["betaMin", "betaMax"]);
    const { betaMin = 0.1, betaMax = 20 } = options;
    this.betaMin = requireNumber("betaMin", betaMin, { min: 0 });
    requireNumber("betaMax", betaMax, { above: 0 });
    this.betaMax = requireNumber("betaMax", betaMax, { min: betaMin });
  }

  /** The rate of the noise at time t. @throws {RangeError} unless 0 <= t <= 1. */
  beta(t: number): number {
    requireTime(t);
    return this.betaMin + (this.betaMax - this.betaMin) * t;
  }

  /** The factor of the data at time t. @throws {RangeError} unless 0 <= t <= 1. */
  alpha(t: number): number {
    return Math.exp(-this.#integral(t) / 2);
  }

  /** The standard deviation of the noise at time t. @throws {RangeError} unless 0 <= t <= 1. */
  sigma(t: number): number {
    return Math.sqrt(-Math.expm1(-this.#integral(t)));
  }

  /** The integral of beta from 0 to t. */
  #integral(t: number): number {
    requireTime(t);
    return t * (this.betaMin + (this.betaMax - this.betaMin) * t / 2);
  }
}

function requireTime(t: number): void {
  requireNumber("t", t, { min: 0, max: 1 });
}

/** Options of {@linkcode scaledLinearSchedule}. */
export interface ScaledLinearScheduleOptions {
  /** Variance of the noise of the first step. Default 0.00085. */
  betaStart?: number;
  /** Variance of the noise of the last step. Default 0.012. */
  betaEnd?: number;
  /** Number of steps T, at least 2. Default 1000. */
  steps?: number;
}

/**
 * A schedule in discrete steps: its times are 0, 1, ..., T - 1.
 *
 * @example
 * ```ts
 * import { DiscreteSchedule } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(new DiscreteSchedule([0.64, 0.36]).sigma(1), 0.8, 1e-15);
 * ```
 */
export class DiscreteSchedule implements NoiseSchedule {
  /** alpha^2 at every step. */
  readonly alphaBar: Float64Array;

  /**
   * A schedule.
   *
   * @param alphaBar alpha^2 at every step, in (0, 1], not growing.
   * @throws {RangeError} if there is no step, or a number is out of range or larger than the one before.
   * @throws {TypeError} if `alphaBar` is not an array of numbers.
   */
  constructor(alphaBar: ArrayLike<number>) {
    requireNumbers("alphaBar", alphaBar);
    requireInteger("alphaBar.length", alphaBar.length, { min: 1 });
    for (let i = 0; i < alphaBar.length; i++) {
      requireNumber(`alphaBar[${i}]`, alphaBar[i], { above: 0, max: i === 0 ? 1 : alphaBar[i - 1] });
    }
    this.alphaBar = Float64Array.from(alphaBar);
  }

  /** The factor of the data. @throws {RangeError} unless t is 0, 1, ..., T - 1. */
  alpha(t: number): number {
    return Math.sqrt(this.#at(t));
  }

  /** The standard deviation of the noise. @throws {RangeError} unless t is 0, 1, ..., T - 1. */
  sigma(t: number): number {
    return Math.sqrt(1 - this.#at(t));
  }

  #at(t: number): number {
    return this.alphaBar[requireInteger("t", t, { max: this.alphaBar.length - 1 })];
  }
}

/**
 * The schedule of Stable Diffusion: the square roots of the variances of the steps are equally spaced, and
 * alpha_t^2 is the product of 1 - beta_i for i = 0..t (Rombach et al. 2022, in its code "scaled linear").
 *
 * @throws {RangeError} if a variance is not between 0 and 1 or the first one is the larger, or `steps` is less
 * than 2.
 * @throws {TypeError} if an option is unknown or not a number.
 *
 * @example
 * ```ts
 * import { scaledLinearSchedule } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const schedule = scaledLinearSchedule();
 * assertAlmostEquals(schedule.alphaBar[500], 0.2763326838, 1e-10);
 * assertAlmostEquals(schedule.alpha(500) ** 2 + schedule.sigma(500) ** 2, 1, 1e-15);
 * ```
 */
export function scaledLinearSchedule(options: ScaledLinearScheduleOptions = {}): DiscreteSchedule {
  requireOptions("options", options, ["betaStart", "betaEnd", "steps"]);
  const { betaStart = 0.00085, betaEnd = 0.012, steps = 1000 } = options;
  requireNumber("betaStart", betaStart, { above: 0, below: 1 });
  requireNumber("betaEnd", betaEnd, { min: betaStart, below: 1 });
  requireInteger("steps", steps, { min: 2, max: 10_000_000 });
  const alphaBar = new Float64Array(steps);
  const first = Math.sqrt(betaStart);
  const rise = Math.sqrt(betaEnd) - first;
  let product = 1;
  for (let i = 0; i < steps; i++) {
    product *= 1 - (first + i / (steps - 1) * rise) ** 2;
    alphaBar[i] = product;
  }
  return new DiscreteSchedule(alphaBar);
}
