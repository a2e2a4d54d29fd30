import {
  type IterationOutcome,
  requireInteger,
  requireNumber,
  requireNumbers,
  requireOptions,
} from "../arrays/mod.ts";
import { requirePath } from "./linear_mode.ts";
import { solveOde } from "../numerics/ode.ts";
import { integrate } from "../numerics/quadrature.ts";

/** One mode of a deep linear network whose layers all start equally strong. */
export interface DeepMode {
  /** Strength of the correlation to be learned. */
  s: number;
  /** End-to-end strength at time 0. */
  u0: number;
  /** Number of weight matrices n: one less than the layers of units, inputs and outputs included. */
  weightLayers: number;
  /**
   * Time constant 1 / step size. Default 1. For infinitely many layers: the time constant over their
   * number.
   */
  tau?: number;
}

/**
 * The time in which a mode of a deep network gets from `u0` to `uf`, where
 * `tau du/dt = n u^(2 - 2/n) (s - u)` (Saxe, McClelland & Ganguli 2014, equation 13, with n weight matrices).
 * In the limit of many layers n times that time is
 * `tau [ln(uf (s - u0) / (u0 (s - uf))) / s^2 + 1 / (s u0) - 1 / (s uf)]`. For finite n > 2 by quadrature in
 * `ln(u / (s - u))`, where the integrand is smooth.
 *
 * @throws {RangeError} if `u0` is not positive, `uf` not strictly between `u0` and `s`, or `weightLayers` not
 * from 1 to Infinity.
 *
 * @example
 * ```ts
 * import { deepModeTime, optimalStepSize } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const tau = 1 / optimalStepSize({ s1: 1, weightLayers: 4 });
 * const mode = { s: 1, u0: 0.001, uf: 0.999 };
 * assertAlmostEquals(deepModeTime({ ...mode, weightLayers: 4, tau }), 69.4748352575, 1e-9);
 * assertAlmostEquals(deepModeTime({ ...mode, weightLayers: Infinity }), 1012.8125085563, 1e-9);
 * ```
 */
export function deepModeTime(mode: DeepMode & { uf: number }): number {
  requireOptions("mode", mode, ["s", "u0", "uf", "weightLayers", "tau"]);
  const { s, u0, uf, weightLayers: n, tau = 1 } = mode;
  requirePath(s, u0, uf);
  requireWeightLayers(n);
  requireNumber("tau", tau, { above: 0 });
  const odds = (u: number) => Math.log(u / Math.abs(s - u));
  const from = odds(u0);
  const to = odds(uf);
  if (n === Infinity) return tau * ((to - from) / (s * s) + (1 / u0 - 1 / uf) / s);
  if (n === 1) return tau * Math.log((s - u0) / (s - uf));
  if (n === 2) return tau / (2 * s) * (to - from);
  const sign = u0 < s ? 1 : -1;
  const power = 2 / n - 1;
  return tau / (n * s) * integrate((y) => (s / (1 + sign * Math.exp(-y))) ** power, from, to);
}

/**
 * The strength of a mode of a deep network at given times, ascending from 0: the inverse of {@linkcode
 * deepModeTime}, by {@linkcode solveOde}.
 *
 * @throws {RangeError} if an argument is out of range.
 *
 * @example
 * ```ts
 * import { deepModeStrength, linearModeStrength } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const [, u] = deepModeStrength({ s: 2, u0: 0.01, weightLayers: 2 }, [0, 1]);
 * assertAlmostEquals(u, linearModeStrength({ s: 2, u0: 0.01 }, 1), 1e-10);
 * ```
 */
export function deepModeStrength(mode: DeepMode, times: ArrayLike<number>): Float64Array {
  requireOptions("mode", mode, ["s", "u0", "weightLayers", "tau"]);
  requireNumbers("times", times);
  const { s, u0, weightLayers: n, tau = 1 } = mode;
  requireNumber("s", s, { min: 0 });
  requireNumber("u0", u0, { min: 0 });
  requireWeightLayers(n);
  requireNumber("tau", tau, { above: 0 });
  const power = 2 - 2 / n;
  const speed = (n === Infinity ? 1 : n) / tau;
  const { states, advice } = solveOde(
    (_t, y, dy) => dy[0] = speed * Math.max(0, y[0]) ** power * (s - y[0]),
    [u0],
    times,
    { rtol: 1e-11, atol: 1e-14 * (Math.min(1, Math.max(s, u0)) || 1) },
  );
  if (advice !== null) throw new RangeError(`Cannot follow the mode: ${advice}`);
  return states.data;
}

/**
 * The step size at which the mode of the largest singular value `s1` learns fastest without overshooting: 1
 * over the largest eigenvalue of the Hessian, `n s1^(2 - 2/n)`, which is reached at the solution. The optimal
 * learning rate of Saxe et al. 2014 (section 2.1: `O(1 / (depth s1^2))`). Descent diverges above twice it.
 *
 * @throws {RangeError} if `s1`, the strongest correlation, is not positive or `weightLayers` is not a
 * positive integer.
 *
 * @example
 * ```ts
 * import { optimalStepSize } from "refigure/linear_networks";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(optimalStepSize({ s1: 4, weightLayers: 2 }), 1 / 8);
 * ```
 */
export function optimalStepSize(options: { s1: number; weightLayers: number }): number {
  requireOptions("options", options, ["s1", "weightLayers"]);
  const { s1, weightLayers: n } = options;
  requireNumber("s1", s1, { above: 0 });
  requireInteger("weightLayers", n, { min: 1 });
  return 1 / (n * s1 ** (2 - 2 / n));
}

/** The end of {@linkcode descendDeepMode}. */
export interface DeepModeDescent extends IterationOutcome {
  /** Steps taken. */
  steps: number;
  /** `"converged"`, `"diverged"`, or `"step-limit"` after `maxSteps`. */
  status: "converged" | "diverged" | "step-limit";
}

/** Options of {@linkcode descendDeepMode}. */
export interface DeepModeDescentOptions {
  /** Strength of the correlation to be learned. */
  s: number;
  /** End-to-end strength at the start. */
  u0: number;
  /** Number of weight matrices. */
  weightLayers: number;
  /** Step size. */
  stepSize: number;
  /** Ends when the strength is within this share of `s`. Default 0.01. */
  tolerance?: number;
  /** Steps at most. Default 20000. */
  maxSteps?: number;
}

/**
 * Plain gradient descent on one mode of a deep network, all layers equal:
 * `a <- a + stepSize (s - a^n) a^(n-1)`, from `a = u0^(1/n)` until `|s - u| < tolerance * s`.
 *
 * @throws {RangeError} if an argument is out of range.
 *
 * @example
 * ```ts
 * import { descendDeepMode } from "refigure/linear_networks";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(descendDeepMode({ s: 1, u0: 0.1, weightLayers: 2, stepSize: 4 }).status, "diverged");
 * ```
 */
export function descendDeepMode(options: DeepModeDescentOptions): DeepModeDescent {
  requireOptions("options", options, ["s", "u0", "weightLayers", "stepSize", "tolerance", "maxSteps"]);
  const { s, u0, weightLayers: n, stepSize, tolerance = 0.01, maxSteps = 20_000 } = options;
  requireNumber("s", s, { above: 0 });
  requireNumber("u0", u0, { above: 0 });
  requireNumber("stepSize", stepSize, { above: 0 });
  requireInteger("weightLayers", n, { min: 1 });
  requireNumber("tolerance", tolerance, { above: 0 });
  requireInteger("maxSteps", maxSteps);
  let a = u0 ** (1 / n);
  for (let steps = 0; steps <= maxSteps; steps++) {
    const inner = a ** (n - 1);
    const error = s - inner * a;
    if (Math.abs(error) < tolerance * s) return { steps, status: "converged", advice: null };
    a += stepSize * error * inner;
    // Beyond four times the target the next step only goes further.
    if (!(a >= 0 && a ** n <= 4 * s + u0)) {
      const advice = "A step went far beyond the target: reduce `stepSize`, to `optimalStepSize` at most";
      return { steps: steps + 1, status: "diverged", advice };
    }
  }
  const advice = `${maxSteps} steps were not enough: raise \`maxSteps\`, or start larger`;
  return { steps: maxSteps, status: "step-limit", advice };
}

function requireWeightLayers(n: number): void {
  if (n !== Infinity) requireInteger("weightLayers", n, { min: 1 });
}
