import { Matrix, requireInstance, requireInteger, requireOneOf, requireOptions } from "../arrays/mod.ts";
import { fixedStepOde, type OdeMethod } from "../numerics/mod.ts";
import { requirePointMatrix } from "./check.ts";
import { requireTime, ScoreField } from "./score_field.ts";

/** Options of {@linkcode probabilityFlow}. */
export interface FlowOptions {
  /** Time of the points that are given, in (0, 1]. Default 1. */
  from?: number;
  /** Time to go to, in (0, 1]; above `from` the flow encodes, below it decodes. Default 1e-3. */
  to?: number;
  /** Steps, equally long in the logarithm of time. Default 1000. */
  steps?: number;
  /** Order 1, 2 or 4. Default "rk4". */
  method?: OdeMethod;
}

/**
 * Moves points along the probability-flow ODE dx/dt = -beta(t) / 2 (x + s(x, t)) (Song et al. 2021, equation
 * 13). With the exact score s it carries the law at time `from` to the law at time `to`. Steps are equally long
 * in log t, as the field grows like 1 / sigma^2 towards t = 0.
 *
 * @param field The field s.
 * @param x Points at time `from`, one per row.
 * @param options Times, steps and method.
 * @returns The points at time `to`. They are NaN or infinite where steps were far too long.
 * @throws {RangeError} if a size does not fit or an option is out of range.
 * @throws {TypeError} if an argument is of the wrong type, or an option or a name is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { gaussianScore, probabilityFlow, VpSde } from "refigure/diffusion";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const sde = new VpSde();
 * const field = gaussianScore(Matrix.diagonal([4]), sde);
 * const end = probabilityFlow(field, Matrix.fromRows([[1]]), { to: 1e-3 });
 * const deviation = (t: number) => Math.sqrt(4 * sde.alpha(t) ** 2 + sde.sigma(t) ** 2);
 * assertAlmostEquals(end.get(0, 0), deviation(1e-3) / deviation(1), 1e-9);
 * ```
 */
export function probabilityFlow(field: ScoreField, x: Matrix, options: FlowOptions = {}): Matrix {
  requireInstance("field", field, ScoreField);
  requirePointMatrix("x", x, field.dim);
  requireOptions("options", options, ["from", "to", "steps", "method"]);
  const { from = 1, to = 1e-3, steps = 1000, method = "rk4" } = options;
  requireOneOf("method", method, ["euler", "heun", "rk4"]);
  const times = logTimes(from, to, steps);
  const end = fixedStepOde(
    (logT, y, dy) => {
      const t = timeOf(logT);
      field.score(y, t, { out: dy });
      const rate = -field.sde.beta(t) / 2 * t;
      for (let i = 0; i < y.length; i++) dy[i] = rate * (y[i] + dy[i]);
    },
    x.data,
    times,
    { method },
  );
  return new Matrix(x.rows, x.columns, end);
}

/** Logarithms of times, equally spaced. @throws {TypeError | RangeError} */
export function logTimes(from: number, to: number, steps: number): Float64Array {
  requireTime("from", from);
  requireTime("to", to);
  requireInteger("steps", steps, { min: 1, max: 100_000_000 });
  const first = Math.log(from);
  const length = Math.log(to) - first;
  return Float64Array.from({ length: steps + 1 }, (_, k) => first + k / steps * length);
}

/** The time of a logarithm of {@linkcode logTimes}; rounding never takes it past 1. */
export function timeOf(logT: number): number {
  return Math.min(1, Math.exp(logT));
}
