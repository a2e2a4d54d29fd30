import {
  describeValue,
  requireFunction,
  requireNumbers,
  requireOneOf,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import type { OdeRightSide } from "./ode.ts";

/** A one-step method: Euler's (order 1), Heun's (order 2), the classical one of Runge and Kutta (order 4). */
export type OdeMethod = "euler" | "heun" | "rk4";

const METHODS: readonly OdeMethod[] = ["euler", "heun", "rk4"];

/** Options of {@linkcode fixedStepOde}. */
export interface FixedStepOdeOptions {
  /** The method. Default "rk4". */
  method?: OdeMethod;
  /** Called after each step with its number, from 0, and the state, which must not be changed or kept. */
  onStep?: (step: number, y: Float64Array) => void;
}

/**
 * Solves dy/dt = f(t, y) with one step from each time to the next, whatever its error. Four evaluations per
 * step for "rk4", two for "heun", one for "euler"; no memory is allocated per step. For a step size that
 * follows the error use {@linkcode solveOde}.
 *
 * @param f The right-hand side.
 * @param y0 The state at `times[0]`; left unchanged.
 * @param times The grid, in any order, so also backwards in time.
 * @param options Method, and what to do after each step.
 * @returns The state at the last of the times. It is NaN or infinite where the steps were too long.
 * @throws {RangeError} if `times` is empty or has an entry that is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option or a name is unknown.
 *
 * @example
 * ```ts
 * import { fixedStepOde } from "refigure/numerics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const times = Float64Array.from({ length: 101 }, (_, i) => i / 100);
 * const [y] = fixedStepOde((_t, y, dy) => dy[0] = -y[0], Float64Array.of(1), times);
 * assertAlmostEquals(y, Math.exp(-1), 1e-10);
 * ```
 */
export function fixedStepOde(
  f: OdeRightSide,
  y0: Float64Array,
  times: ArrayLike<number>,
  options: FixedStepOdeOptions = {},
): Float64Array {
  requireFunction("f", f);
  requireRealArray("y0", y0, "float64");
  requireNumbers("times", times, { finite: true });
  if (times.length === 0) throw new RangeError("`times` must have at least the time of the start, got none");
  requireOptions("options", options, ["method", "onStep"]);
  const { method = "rk4", onStep } = options;
  requireOneOf("method", method, METHODS);
  if (onStep !== undefined && typeof onStep !== "function") {
    throw new TypeError(`\`onStep\` must be a function, got ${describeValue(onStep)}`);
  }
  const n = y0.length;
  const y = y0.slice();
  const slope = new Float64Array(n);
  const sum = new Float64Array(n);
  const moved = new Float64Array(n);
  /** Adds the slope to the sum and moves the state by `length` times the slope. */
  const stage = (weight: number, length: number) => {
    for (let i = 0; i < n; i++) {
      sum[i] += weight * slope[i];
      moved[i] = y[i] + length * slope[i];
    }
  };
  for (let step = 0; step + 1 < times.length; step++) {
    const t = times[step];
    const h = times[step + 1] - t;
    sum.fill(0);
    f(t, y, slope);
    let weights = 1;
    if (method === "euler") stage(1, 0);
    else if (method === "heun") {
      stage(1, h);
      f(times[step + 1], moved, slope);
      stage(1, 0);
      weights = 2;
    } else {
      stage(1, h / 2);
      f(t + h / 2, moved, slope);
      stage(2, h / 2);
      f(t + h / 2, moved, slope);
      stage(2, h);
      f(times[step + 1], moved, slope);
      stage(1, 0);
      weights = 6;
    }
    for (let i = 0; i < n; i++) y[i] += h / weights * sum[i];
    onStep?.(step, y);
  }
  return y;
}
