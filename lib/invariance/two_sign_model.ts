import { requireInteger, requireNumber, requireNumbers, requireOptions } from "../arrays/mod.ts";
import { type InvarianceOptions, leastEnvironments, requirePenalty } from "./invariance_objective.ts";
import { sigmoid, softplus } from "./logistic_loss.ts";

/** Options of {@linkcode TwoSignModel}. */
export interface TwoSignModelOptions {
  /** Probability, eta, that the image's sign is not that of the label. Default 0.25. */
  labelNoise?: number;
  /**
   * Probability, e, that the color's sign is not that of the label, for each environment. Default [0.1, 0.2].
   */
  colorFlips?: readonly number[];
}

/** What {@linkcode TwoSignModel.objective} returns. */
export interface TwoSignObjective {
  /** Sum of the risks and the weighted penalty, divided by the larger of 1 and the weight. */
  loss: number;
  /** Its derivatives by a and b. */
  gradient: [number, number];
  /** Mean cross-entropy in each environment, in nats. */
  risks: number[];
  /** The penalty, without its weight. */
  penalty: number;
}

/** Options of {@linkcode TwoSignModel.descend}. */
export interface TwoSignDescentOptions extends InvarianceOptions {
  /** Steps of gradient descent. */
  steps: number;
  /** Factor on the gradient. Default 1. */
  stepSize?: number;
}

/**
 * Colored images with one sign u for the image and one sign v for the color, and the predictor `a u + b v`.
 * With the sign of the label folded in, u is +1 with probability 1 - eta and v is +1 with probability 1 - e,
 * independently, so the risk in an environment is exact: `R_e(a, b) = sum over u, v of P(u) P(v) log(1 +
 * exp(-(a u + b v)))`.
 *
 * @example Empirical risk minimization decides by the color
 * ```ts
 * import { TwoSignModel } from "refigure/invariance";
 * import { assertAlmostEquals, assertLess } from "@std/assert";
 *
 * const model = new TwoSignModel({ labelNoise: 0.25, colorFlips: [0.1, 0.2] });
 * const [a, b] = model.pooledMinimizer();
 * assertLess(a, b);
 * assertAlmostEquals(a, Math.log(3), 1e-12);
 * ```
 */
export class TwoSignModel {
  /** Probability that the image's sign is not that of the label. */
  readonly labelNoise: number;
  /** Probability that the color's sign is not that of the label, for each environment. */
  readonly colorFlips: readonly number[];

  /**
   * The model with its probabilities.
   *
   * @param options The probabilities.
   * @throws {RangeError} if a probability is not in (0, 1), or there are no environments.
   * @throws {TypeError} if an option is of the wrong type or unknown.
   */
  constructor(options: TwoSignModelOptions = {}) {
    requireOptions("options", options, ["labelNoise", "colorFlips"]);
    const { labelNoise = 0.25, colorFlips = [0.1, 0.2] } = options;
    requireNumber("labelNoise", labelNoise, { above: 0, below: 1 });
    requireInteger("colorFlips.length", requireNumbers("colorFlips", colorFlips).length, { min: 1 });
    this.colorFlips = Array.from(colorFlips);
    this.colorFlips.forEach((flip, e) => requireNumber(`colorFlips[${e}]`, flip, { above: 0, below: 1 }));
    this.labelNoise = labelNoise;
  }

  /**
   * The risk where the color is flipped with any probability.
   *
   * @param a Coefficient of the image.
   * @param b Coefficient of the color.
   * @param colorFlip The probability.
   * @returns Mean cross-entropy, in nats; NaN if a coefficient is.
   * @throws {RangeError} if the probability is not in [0, 1].
   *
   * @example Without the color all environments are alike
   * ```ts
   * import { TwoSignModel } from "refigure/invariance";
   * import { assertAlmostEquals } from "@std/assert";
   *
   * const model = new TwoSignModel();
   * assertAlmostEquals(model.risk(1, 0, 0.1), model.risk(1, 0, 0.9), 1e-15);
   * ```
   */
  risk(a: number, b: number, colorFlip: number): number {
    requireCoefficients(a, b);
    requireNumber("colorFlip", colorFlip, { min: 0, max: 1 });
    return this.#sum(colorFlip, (u, v) => softplus(-(a * u + b * v)));
  }

  /**
   * The coefficients with the smallest mean risk over the environments, by Bayes' rule:
   * `a = log((1 - eta) / eta)`, `b = log((1 - e) / e)` at the mean e.
   */
  pooledMinimizer(): [number, number] {
    const flip = this.colorFlips.reduce((x, y) => x + y, 0) / this.colorFlips.length;
    return [Math.log((1 - this.labelNoise) / this.labelNoise), Math.log((1 - flip) / flip)];
  }

  /**
   * `dR_e(s a, s b) / ds` at s = 1, for each environment: what IRMv1 squares.
   *
   * @throws {TypeError} if a coefficient is not a number.
   *
   * @example Zero at the invariant predictor
   * ```ts
   * import { TwoSignModel } from "refigure/invariance";
   * import { assertAlmostEquals } from "@std/assert";
   *
   * for (const slope of new TwoSignModel().slopes(Math.log(3), 0)) assertAlmostEquals(slope, 0, 1e-15);
   * ```
   */
  slopes(a: number, b: number): number[] {
    requireCoefficients(a, b);
    return this.colorFlips.map((flip) =>
      this.#sum(flip, (u, v) => -(a * u + b * v) * sigmoid(-(a * u + b * v)))
    );
  }

  /**
   * The objective of {@linkcode invarianceObjective}, exactly, with its gradient by a and b.
   *
   * @param a Coefficient of the image.
   * @param b Coefficient of the color.
   * @param options The penalty and its weight.
   * @returns The objective and its parts; NaN if a coefficient is.
   * @throws {RangeError} if the weight is negative, or there are fewer environments than the penalty needs.
   * @throws {TypeError} if an argument is of the wrong type, or there is no penalty or option of the name.
   *
   * @example
   * ```ts
   * import { TwoSignModel } from "refigure/invariance";
   * import { assertAlmostEquals } from "@std/assert";
   *
   * const { risks, penalty } = new TwoSignModel().objective(1, 2, { penalty: "vrex", weight: 10 });
   * assertAlmostEquals(penalty, (risks[0] - risks[1]) ** 2 / 2, 1e-15);
   * ```
   */
  objective(a: number, b: number, options: InvarianceOptions): TwoSignObjective {
    requireCoefficients(a, b);
    requireOptions("options", options, ["penalty", "weight"]);
    this.#requirePenalty(options);
    return this.#objective(a, b, options);
  }

  /**
   * Gradient descent on the objective.
   *
   * @param start Coefficients a and b.
   * @param options Penalty, weight, length and step size.
   * @returns The coefficients at the end; NaN or infinite if the descent diverged.
   * @throws {RangeError} if a number is out of range, or there are fewer environments than the penalty needs.
   * @throws {TypeError} if an argument is of the wrong type, or there is no penalty or option of the name.
   *
   * @example A strong IRMv1 penalty holds the descent at its start
   * ```ts
   * import { TwoSignModel } from "refigure/invariance";
   * import { assertLess } from "@std/assert";
   *
   * const model = new TwoSignModel();
   * const options = { penalty: "irmv1" as const, steps: 20_000, stepSize: 3 };
   * assertLess(Math.hypot(...model.descend([0, 0], { ...options, weight: 1000 })), 0.01);
   * assertLess(1, Math.hypot(...model.descend([0, 0], { ...options, weight: 300 })));
   * ```
   */
  descend(start: readonly [number, number], options: TwoSignDescentOptions): [number, number] {
    requireNumbers("start", start, { length: 2, finite: true });
    requireOptions("options", options, ["penalty", "weight", "steps", "stepSize"]);
    const { penalty, weight, steps, stepSize = 1 } = options;
    this.#requirePenalty({ penalty, weight });
    requireInteger("steps", steps);
    requireNumber("stepSize", stepSize, { above: 0 });
    let [a, b] = start;
    for (let step = 0; step < steps; step++) {
      const [byA, byB] = this.#objective(a, b, { penalty, weight }).gradient;
      a -= stepSize * byA;
      b -= stepSize * byB;
    }
    return [a, b];
  }

  #requirePenalty({ penalty, weight }: InvarianceOptions): void {
    requirePenalty(penalty, weight);
    requireInteger("colorFlips.length", this.colorFlips.length, { min: leastEnvironments(penalty) });
  }

  #objective(a: number, b: number, { penalty, weight }: InvarianceOptions): TwoSignObjective {
    const count = this.colorFlips.length;
    const risks: number[] = [];
    const slopes: number[] = [];
    let squares = 0;
    const [riskByA, riskByB, slopeByA, slopeByB] = Array.from({ length: 4 }, () => new Float64Array(count));
    let squareByA = 0;
    let squareByB = 0;
    this.colorFlips.forEach((flip, e) => {
      risks[e] = 0;
      slopes[e] = 0;
      for (const u of [1, -1]) {
        for (const v of [1, -1]) {
          const p = (u > 0 ? 1 - this.labelNoise : this.labelNoise) * (v > 0 ? 1 - flip : flip);
          const z = a * u + b * v;
          const s = sigmoid(-z);
          const slopeByZ = -s + z * s * (1 - s);
          risks[e] += p * softplus(-z);
          riskByA[e] -= p * s * u;
          riskByB[e] -= p * s * v;
          slopes[e] -= p * z * s;
          slopeByA[e] += p * slopeByZ * u;
          slopeByB[e] += p * slopeByZ * v;
          squares += p * z * z;
          squareByA += 2 * p * z * u;
          squareByB += 2 * p * z * v;
        }
      }
    });
    const mean = risks.reduce((x, y) => x + y, 0) / count;
    // The derivative of the penalty by each risk, each slope and the sum of squares.
    const byRisk = risks.map((risk) => penalty === "vrex" ? 2 * (risk - mean) / (count - 1) : 0);
    const bySlope = slopes.map((slope) => penalty === "irmv1" ? 2 * slope / count : 0);
    const bySquares = penalty === "sd" ? 1 : 0;
    const value = penalty === "vrex"
      ? risks.reduce((sum, risk) => sum + (risk - mean) ** 2, 0) / (count - 1)
      : penalty === "irmv1"
      ? slopes.reduce((sum, slope) => sum + slope ** 2, 0) / count
      : bySquares * squares;
    const scale = 1 / Math.max(1, weight);
    const gradient = (ofRisk: Float64Array, ofSlope: Float64Array, ofSquares: number) => {
      let sum = weight * bySquares * ofSquares;
      for (let e = 0; e < count; e++) {
        sum += (1 + weight * byRisk[e]) * ofRisk[e] + weight * bySlope[e] * ofSlope[e];
      }
      return scale * sum;
    };
    return {
      loss: scale * (count * mean + weight * value),
      gradient: [
        gradient(riskByA, slopeByA, squareByA),
        gradient(riskByB, slopeByB, squareByB),
      ],
      risks,
      penalty: value,
    };
  }

  /** Mean over both signs. */
  #sum(flip: number, f: (u: number, v: number) => number): number {
    const eta = this.labelNoise;
    return (1 - eta) * ((1 - flip) * f(1, 1) + flip * f(1, -1)) +
      eta * ((1 - flip) * f(-1, 1) + flip * f(-1, -1));
  }
}

function requireCoefficients(a: number, b: number): void {
  requireNumber("a", a, { finite: false });
  requireNumber("b", b, { finite: false });
}
