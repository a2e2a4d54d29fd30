import {
  requireFunction,
  requireInteger,
  requireNumber,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { gaussHermite, type Quadrature } from "../numerics/mod.ts";

/** Options of {@linkcode gaussianSecondMoment}. */
export interface GaussianSecondMomentOptions {
  /** Standard deviation of the input. Default 1. */
  sigma?: number;
  /** Nodes of the Gauss-Hermite quadrature, 1 to 300. Default 200. */
  nodes?: number;
}

/** Rules that were used: their nodes take some milliseconds. */
const rules = new Map<number, Quadrature>();

/**
 * The second moment E[f(sigma z)^2] of a function of a standard normal z, by Gauss-Hermite quadrature.
 *
 * @throws {RangeError} if `sigma` is negative or not finite, or `nodes` is not an integer from 1 to 300.
 * @throws {TypeError} if `f` is not a function, or an option is unknown or of the wrong type.
 *
 * @example The exact GELU: 1/3 + 1 / (2 sqrt(3) pi)
 * ```ts
 * import { fixedActivation, gaussianSecondMoment } from "refigure/kan";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const moment = gaussianSecondMoment(fixedActivation("gelu"));
 * assertAlmostEquals(moment, 1 / 3 + 1 / (2 * Math.sqrt(3) * Math.PI), 1e-12);
 * ```
 */
export function gaussianSecondMoment(
  f: (x: number) => number,
  options: GaussianSecondMomentOptions = {},
): number {
  requireFunction("f", f);
  requireOptions("options", options, ["sigma", "nodes"]);
  const { sigma = 1, nodes: count = 200 } = options;
  requireNumber("sigma", sigma, { min: 0 });
  requireInteger("nodes", count, { min: 1, max: 300 });
  const rule = rules.get(count) ?? gaussHermite(count);
  rules.set(count, rule);
  return rule.nodes.reduce((sum, z, i) => sum + rule.weights[i] * f(sigma * z) ** 2, 0);
}

/**
 * The gain alpha = 1 / E[f(z)^2] of an activation: a dense layer after it, whose weights have the variance
 * alpha / fan-in, gives outputs with second moment 1 for standard normal inputs (Yang & Wang 2024,
 * variance-preserving initialization). 1 for the identity and 2 for ReLU.
 *
 * @throws {RangeError} if the second moment of `f` is zero or not finite.
 * @throws {TypeError} if `f` is not a function.
 *
 * @example
 * ```ts
 * import { fixedActivation, variancePreservingGain } from "refigure/kan";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(variancePreservingGain(fixedActivation("silu")), 2.810761124074, 1e-10);
 * ```
 */
export function variancePreservingGain(f: (x: number) => number): number {
  const moment = gaussianSecondMoment(f);
  if (!(moment > 0 && Number.isFinite(moment))) {
    throw new RangeError(
      `\`f\` must have a positive, finite second moment under the normal distribution, got ${moment}`,
    );
  }
  return 1 / moment;
}

/**
 * How the weights of a dense layer start, normal with mean zero. `"variance-preserving"`: variance
 * gain / fan-in with the {@linkcode variancePreservingGain} of the activation before; `"lecun"`:
 * 1 / fan-in; a number: that standard deviation, such as the 0.02 that the paper's released code really uses.
 */
export type KernelInit = "variance-preserving" | "lecun" | number;

/** Returns `init` if it is one. @throws {RangeError | TypeError} */
export function requireKernelInit(name: string, init: KernelInit): KernelInit {
  if (typeof init === "number") return requireNumber(name, init, { min: 0 });
  return requireOneOf<Exclude<KernelInit, number>>(name, init, ["variance-preserving", "lecun"]);
}

/** The standard deviation of the weights of a dense layer with `fanIn` inputs after an activation. */
export function kernelDeviation(init: KernelInit, activation: (x: number) => number, fanIn: number): number {
  if (typeof init === "number") return init;
  return Math.sqrt((init === "lecun" ? 1 : variancePreservingGain(activation)) / fanIn);
}
