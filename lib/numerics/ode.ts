import {
  type IterationStatus,
  Matrix,
  requireFunction,
  requireInteger,
  requireNumber,
  requireNumbers,
  requireOptions,
} from "../arrays/mod.ts";

/**
 * The right-hand side of dy/dt = f(t, y): writes the derivative at (t, y) into `dy`. `y` must not be changed
 * or kept.
 */
export type OdeRightSide = (t: number, y: Float64Array, dy: Float64Array) => void;

/** Options of {@linkcode solveOde}. */
export interface OdeOptions {
  /** Error allowed per step, relative to the component. Default 1e-8. */
  rtol?: number;
  /** Error allowed per step, absolute. Default 1e-10. */
  atol?: number;
  /** Most steps, rejected ones included. Default 100000. */
  maxSteps?: number;
}

/** The result of {@linkcode solveOde}. */
export interface OdeSolution {
  /** `finished`: the last of the times was reached; otherwise why the solver stopped before. */
  status: Extract<IterationStatus, "finished" | "step-limit" | "step-too-small">;
  /** What to change if it stopped before; null if it did not. */
  advice: string | null;
  /** The times that were reached, in the order asked for. */
  times: Float64Array;
  /** The solution at these times, one row per time. */
  states: Matrix;
  /** Steps taken. */
  steps: number;
  /** Steps rejected because their error was too large. */
  rejected: number;
}

/**
 * Dormand and Prince's coefficients: nodes, stages, and the difference between the fifth and the fourth
 * order.
 */
const C = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1];
const A = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
const ERROR = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

/**
 * Solves dy/dt = f(t, y) with the embedded pair of Dormand & Prince (1980), orders 5 and 4, and a step size
 * that follows the error. Stopping before the last time is a result with a status and advice, not an exception.
 *
 * @param f The right-hand side.
 * @param y0 The state at `times[0]`, n numbers.
 * @param times Where the solution is wanted, ascending or descending; the first is where it starts.
 * @param options Tolerances, and how many steps are allowed.
 * @returns The solution at the times that were reached.
 * @throws {RangeError} if `times` is empty or not monotone, a number is not finite, or an option is out of
 * range.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { solveOde } from "refigure/numerics";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const decay = solveOde((_t, y, dy) => dy[0] = -y[0], [1], [0, 1, 2], { rtol: 1e-10, atol: 1e-12 });
 * assertEquals(decay.status, "finished");
 * assertAlmostEquals(decay.states.get(2, 0), Math.exp(-2), 1e-9);
 * ```
 */
export function solveOde(
  f: OdeRightSide,
  y0: ArrayLike<number>,
  times: ArrayLike<number>,
  options: OdeOptions = {},
): OdeSolution {
  requireFunction("f", f);
  requireOptions("options", options, ["rtol", "atol", "maxSteps"]);
  const { rtol = 1e-8, atol = 1e-10, maxSteps = 100_000 } = options;
  requireNumber("rtol", rtol, { min: 0 });
  requireNumber("atol", atol, { min: 0 });
  if (rtol + atol === 0) throw new RangeError("`rtol` or `atol` must be positive, got 0 and 0");
  requireInteger("maxSteps", maxSteps, { min: 1 });
  const direction = requireMonotone(times);
  requireNumbers("y0", y0, { finite: true });
  const n = y0.length;
  const states = Matrix.zeros(times.length, n);
  const k = Array.from({ length: 7 }, () => new Float64Array(n));
  let y = Float64Array.from(y0);
  let next = new Float64Array(n);
  let t = times[0];
  states.data.set(y, 0);
  f(t, y, k[0]);
  const scale = (i: number) => atol + rtol * Math.max(Math.abs(y[i]), Math.abs(next[i]));
  let h = firstStep(y, k[0], atol, rtol, Math.abs(times[times.length - 1] - t));
  let steps = 0;
  let rejected = 0;
  const end = (status: OdeSolution["status"], reached: number): OdeSolution => ({
    status,
    advice: advice(status, t, maxSteps),
    times: Float64Array.from({ length: reached }, (_, i) => times[i]),
    states: states.slice(0, reached),
    steps,
    rejected,
  });
  for (let target = 1; target < times.length; target++) {
    while (t !== times[target]) {
      if (steps + rejected >= maxSteps) return end("step-limit", target);
      const left = Math.abs(times[target] - t);
      // The last step before an output lands on it; the size found for free running is kept for the next one.
      const landing = h >= left * (1 - 1e-12);
      const size = (landing ? left : h) * direction;
      if (Math.abs(size) < 4e-16 * Math.abs(t) || !(h > 0)) return end("step-too-small", target);
      for (let stage = 1; stage < 7; stage++) {
        for (let i = 0; i < n; i++) {
          let sum = 0;
          for (let j = 0; j < stage; j++) sum += A[stage][j] * k[j][i];
          next[i] = y[i] + size * sum;
        }
        f(t + C[stage] * size, next, k[stage]);
      }
      let error = 0;
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < 7; j++) sum += ERROR[j] * k[j][i];
        // Without an absolute tolerance, a component that stays at 0 has no error and no scale.
        if (sum !== 0) error += (size * sum / scale(i)) ** 2;
      }
      error = Math.sqrt(error / Math.max(1, n));
      // A step into overflow counts as far too long.
      const factor = Number.isFinite(error) ? Math.min(5, Math.max(0.2, 0.9 * error ** -0.2)) : 0.1;
      if (!(error <= 1)) {
        rejected++;
        h = Math.abs(size) * Math.min(factor, 0.9);
        continue;
      }
      steps++;
      t = landing ? times[target] : t + size;
      [y, next] = [next, y];
      // First same as last: the seventh stage is the first one of the next step.
      [k[0], k[6]] = [k[6], k[0]];
      if (!landing || factor < 1) h = Math.abs(size) * factor;
    }
    states.data.set(y, target * n);
  }
  return end("finished", times.length);
}

function requireMonotone(times: ArrayLike<number>): 1 | -1 {
  requireNumbers("times", times, { finite: true });
  if (times.length === 0) throw new RangeError("`times` must have at least the time of the start, got none");
  const direction = times[times.length - 1] >= times[0] ? 1 : -1;
  for (let i = 1; i < times.length; i++) {
    if ((times[i] - times[i - 1]) * direction < 0) {
      throw new RangeError(
        `\`times\` must ascend or descend throughout, got ${times[i]} after ${times[i - 1]}`,
      );
    }
  }
  return direction;
}

/**
 * A step in which the state changes by about a hundredth of itself (Hairer, Norsett & Wanner, section II.4).
 */
function firstStep(y: Float64Array, dy: Float64Array, atol: number, rtol: number, span: number): number {
  let size = 0;
  let speed = 0;
  for (let i = 0; i < y.length; i++) {
    const scale = atol + rtol * Math.abs(y[i]);
    if (scale === 0) continue;
    size += (y[i] / scale) ** 2;
    speed += (dy[i] / scale) ** 2;
  }
  const guess = size > 1e-10 && speed > 1e-10 ? 0.01 * Math.sqrt(size / speed) : 1e-6;
  // A guess far below the span, in units of another size, would count as vanished.
  return Math.min(Math.max(guess, 1e-12 * span), span || 1);
}

function advice(status: OdeSolution["status"], t: number, maxSteps: number): string | null {
  if (status === "finished") return null;
  const place = `at t = ${t.toPrecision(6)}`;
  return status === "step-limit"
    ? `${maxSteps} steps were not enough, ${place}: raise \`maxSteps\`, loosen \`rtol\`, or ask for a shorter time`
    : `The step size vanished ${place}: the solution may be infinite there, or the right side is not smooth`;
}
