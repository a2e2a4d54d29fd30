import { requireInteger, requireNumber, requireOptions } from "../arrays/mod.ts";
import { MOST_STEPS, requireCoefficients } from "./checks.ts";
import { composeQuintics } from "./compose_quintics.ts";

/** Coefficients (a, b, c) of the odd quintic a x + b x^3 + c x^5. */
export type Quintic = readonly [a: number, b: number, c: number];

/** One quintic per Newton-Schulz step. */
export type NewtonSchulzCoefficients = readonly Quintic[];

const repeat = (quintic: Quintic, steps: number): Quintic[] => Array.from({ length: steps }, () => quintic);

/**
 * Published coefficient schedules.
 *
 * | name | steps | source |
 * |---|---|---|
 * | `muon5` | 5 | Jordan et al. 2024: one triple, steep at zero, lands in a band around 1 |
 * | `you5` | 5 | Jiacheng You 2024, one triple per step |
 * | `polarExpress8` | 8 | Amsel et al., arXiv 2505.16932, for singular values above 1e-3; converges |
 * | `cubic` | 5 | Newton-Schulz, (3x - x^3) / 2 |
 * | `quintic` | 5 | the classic quintic, (15x - 10x^3 + 3x^5) / 8 |
 *
 * @example
 * ```ts
 * import { NEWTON_SCHULZ, newtonSchulzScalar } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(newtonSchulzScalar(0.5, NEWTON_SCHULZ.muon5), 0.765438530454, 1e-12);
 * assertAlmostEquals(newtonSchulzScalar(0.5, NEWTON_SCHULZ.polarExpress8), 1, 1e-8);
 * ```
 */
export const NEWTON_SCHULZ: Readonly<
  Record<"muon5" | "you5" | "polarExpress8" | "cubic" | "quintic", NewtonSchulzCoefficients>
> = {
  muon5: repeat([3.4445, -4.7750, 2.0315], 5),
  you5: [
    [4.0848, -6.8946, 2.9270],
    [3.9505, -6.3029, 2.6377],
    [3.7418, -5.5913, 2.3037],
    [2.8769, -3.1427, 1.2046],
    [2.8366, -3.0525, 1.2012],
  ],
  polarExpress8: [
    [8.28721201814563, -23.595886519098837, 17.300387312530933],
    [4.107059111542203, -2.9478499167379106, 0.5448431082926601],
    [3.9486908534822946, -2.908902115962949, 0.5518191394370137],
    [3.3184196573706015, -2.488488024314874, 0.51004894012372],
    [2.300652019954817, -1.6689039845747493, 0.4188073119525673],
    [1.891301407787398, -1.2679958271945868, 0.37680408948524835],
    [1.8750014808534479, -1.2500016453999487, 0.3750001645474248],
    [1.875, -1.25, 0.375],
  ],
  cubic: repeat([1.5, -0.5, 0], 5),
  quintic: repeat([15 / 8, -10 / 8, 3 / 8], 5),
};

/**
 * The image of one singular value under a schedule: the composition of its quintics at x.
 *
 * @throws {RangeError} if there are no coefficients or one is not finite. NaN and infinity in x propagate.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { NEWTON_SCHULZ, newtonSchulzScalar } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(newtonSchulzScalar(1, NEWTON_SCHULZ.muon5.slice(0, 1)), 0.701, 1e-12);
 * ```
 */
export function newtonSchulzScalar(x: number, coefficients: NewtonSchulzCoefficients): number {
  requireNumber("x", x, { finite: false });
  return composeQuintics(x, requireCoefficients("coefficients", coefficients));
}

/**
 * The odd quintic closest to 1 on [lower, upper] in the maximum norm (Amsel et al. 2025, Algorithm 2, by
 * Remez exchange).
 *
 * @param lower Left end of the interval.
 * @param upper Its right end, from 1e-40 to 1e40.
 * @returns Its coefficients and its error, max |p(x) - 1|.
 * @throws {RangeError} unless 0 < lower <= upper, with `upper` in that range.
 *
 * @example
 * ```ts
 * import { newtonSchulzScalar, optimalQuintic } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // The error alternates: it is attained at both ends.
 * const { quintic, error } = optimalQuintic(0.1, 1);
 * assertAlmostEquals(1 - newtonSchulzScalar(0.1, [quintic]), error, 1e-12);
 * assertAlmostEquals(1 - newtonSchulzScalar(1, [quintic]), -error, 1e-12);
 * ```
 */
export function optimalQuintic(lower: number, upper: number): { quintic: Quintic; error: number } {
  requireNumber("lower", lower, { above: 0 });
  requireNumber("upper", upper, { min: Math.max(lower, 1e-40), max: 1e40 });
  if (lower / upper >= 1 - 5e-6) {
    // The interval is a point to rounding: the quintic that is flattest at 1 is the limit.
    return { quintic: [15 / 8 / upper, -10 / 8 / upper ** 3, 3 / 8 / upper ** 5], error: 0 };
  }
  // In w = x / middle, p is the quintic that is flattest at w = 1 plus a small correction w (k0 + k1 s + k2
  // s^2), where s in [-1, 1] stands for w^2. Solving for the correction keeps all digits on short intervals
  // too, where the powers of x themselves are nearly dependent.
  const middle = (lower + upper) / 2;
  const low = (lower / middle) ** 2;
  const high = (upper / middle) ** 2;
  const y0 = (low + high) / 2;
  const half = (high - low) / 2;
  const equation = (x: number, sign: number) => {
    const w = x / middle;
    const s = (w * w - y0) / half;
    return [w, w * s, w * s * s, sign, (1 - w) ** 3 * (8 + 9 * w + 3 * w * w) / 8];
  };
  let q = (3 * lower + upper) / 4;
  let r = (lower + 3 * upper) / 4;
  let previous = Infinity;
  for (let iteration = 0; iteration < 200; iteration++) {
    const [k0, k1, k2, error] = solve4([
      equation(lower, 1),
      equation(q, -1),
      equation(r, 1),
      equation(upper, -1),
    ]);
    const a = (15 / 8 + k0 - (k1 - k2 * y0 / half) * y0 / half) / middle;
    const b = (-10 / 8 + (k1 - 2 * k2 * y0 / half) / half) / middle ** 3;
    const c = (3 / 8 + k2 / half ** 2) / middle ** 5;
    if (Math.abs(error - previous) < 1e-15) return { quintic: [a, b, c], error };
    previous = error;
    const root = Math.sqrt(9 * b * b - 20 * a * c);
    q = Math.sqrt((-3 * b - root) / (10 * c));
    r = Math.sqrt((-3 * b + root) / (10 * c));
  }
  throw new RangeError(
    `The exchange for [${lower}, ${upper}] did not settle within 200 rounds: use a larger \`lower\``,
  );
}

/** Options of {@linkcode polarExpressCoefficients}. */
export interface PolarExpressOptions {
  /** Smallest normalized singular value that must reach 1. Default 1e-3. */
  lower?: number;
  /** Number of quintics, 1 to 1000. Default 8. */
  steps?: number;
  /**
   * Smallest lower/upper ratio a quintic is fitted for, which keeps small values from collapsing. Default
   * 0.02407327424182761.
   */
  cushion?: number;
  /** Contracts all but the last quintic against rounding in low precision, such as 1.01. Default 1 (none). */
  safety?: number;
}

/**
 * The Polar Express schedule: greedy minimax quintics, each for the interval on which the one before leaves
 * the singular values (Amsel et al., arXiv 2505.16932, Algorithm 1).
 *
 * @throws {RangeError} if `lower` is not in (0, 1), `steps` is not a positive integer or `safety` is below 1.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { NEWTON_SCHULZ, polarExpressCoefficients } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(polarExpressCoefficients()[2][0], NEWTON_SCHULZ.polarExpress8[2][0], 1e-11);
 * ```
 */
export function polarExpressCoefficients(options: PolarExpressOptions = {}): Quintic[] {
  requireOptions("options", options, ["lower", "steps", "cushion", "safety"]);
  const { lower = 1e-3, steps = 8, cushion = 0.02407327424182761, safety = 1 } = options;
  requireNumber("lower", lower, { above: 0, below: 1 });
  requireInteger("steps", steps, { min: 1, max: MOST_STEPS });
  requireNumber("cushion", cushion, { min: 0, below: 1 });
  requireNumber("safety", safety, { min: 1 });
  const schedule: Quintic[] = [];
  let low = lower;
  let high = 1;
  for (let step = 0; step < steps; step++) {
    const { quintic } = optimalQuintic(Math.max(low, cushion * high), high);
    // Fitted on a shorter interval, p may sit lower at `low` than at `high`: center the two around 1.
    const center = 2 / (newtonSchulzScalar(low, [quintic]) + newtonSchulzScalar(high, [quintic]));
    const [a, b, c] = quintic.map((x) => x * center) as unknown as Quintic;
    low = newtonSchulzScalar(low, [[a, b, c]]);
    high = 2 - low;
    schedule.push(step < steps - 1 ? [a / safety, b / safety ** 3, c / safety ** 5] : [a, b, c]);
  }
  return schedule;
}

/**
 * Solves a 4 x 4 system given with its right-hand side as the fifth column, by elimination with row
 * exchanges.
 */
function solve4(system: number[][]): number[] {
  for (let k = 0; k < 4; k++) {
    const pivot = system.slice(k).reduce(
      (best, row, i) => Math.abs(row[k]) > Math.abs(system[best][k]) ? i + k : best,
      k,
    );
    [system[k], system[pivot]] = [system[pivot], system[k]];
    for (let i = k + 1; i < 4; i++) {
      const factor = system[i][k] / system[k][k];
      for (let j = k; j < 5; j++) system[i][j] -= factor * system[k][j];
    }
  }
  const x = [0, 0, 0, 0];
  for (let k = 3; k >= 0; k--) {
    let sum = system[k][4];
    for (let j = k + 1; j < 4; j++) sum -= system[k][j] * x[j];
    x[k] = sum / system[k][k];
  }
  return x;
}
