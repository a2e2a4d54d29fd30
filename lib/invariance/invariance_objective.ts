import {
  describeValue,
  requireInteger,
  requireNumber,
  requireNumbers,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { requireBinaryLabels } from "./environment.ts";
import { logisticLoss, sigmoid } from "./logistic_loss.ts";

/** Penalties of {@linkcode invarianceObjective}. */
export type InvariancePenalty = "irmv1" | "vrex" | "sd" | "none";

const PENALTIES: readonly InvariancePenalty[] = ["irmv1", "vrex", "sd", "none"];

/** Options of {@linkcode invarianceObjective}. */
export interface InvarianceOptions {
  /** Which penalty P. */
  penalty: InvariancePenalty;
  /** Its weight, lambda >= 0. */
  weight: number;
}

/** What {@linkcode invarianceObjective} returns. */
export interface InvarianceObjective {
  /** Sum of the risks and the weighted penalty, divided by the larger of 1 and the weight. */
  loss: number;
  /** Mean cross-entropy in each environment, in nats. */
  risks: number[];
  /** The penalty P, without its weight. */
  penalty: number;
  /** Derivatives of the loss by the logits, for each environment. */
  gradients: Float64Array[];
}

/**
 * The objective `(sum_e R_e + lambda P) / max(1, lambda)` of out-of-distribution methods, with its gradient
 * by the logits z of E environments. The penalty P is one of
 *
 * - `"irmv1"` (Arjovsky et al. 2019): the mean over environments of `(d R_e(s z) / ds at s = 1)^2`, where the
 *   derivative is the mean of `z (sigmoid(z) - y)`;
 * - `"vrex"` (Krueger et al. 2021): the unbiased variance of the risks R_e;
 * - `"sd"`, spectral decoupling (Pezeshki et al. 2021): the sum over environments of the mean of `z^2`;
 * - `"none"`: 0.
 *
 * Dividing by the weight keeps the size of the gradient when the weight is large, as the code of Zhang,
 * Lopez-Paz & Bottou (2022) does.
 *
 * @param logits For each environment, a list of logits.
 * @param labels For each environment, a label 0 or 1 for each logit.
 * @param options The penalty and its weight.
 * @returns The objective, its parts and its gradient; NaN if a logit is.
 * @throws {RangeError} if a size does not fit, a label is neither 0 nor 1, the weight is negative, or there
 * are fewer environments than the penalty needs: two for IRMv1 and vREx, else one.
 * @throws {TypeError} if an argument is of the wrong type, or there is no penalty or option of the name.
 *
 * @example Equal risks have no variance
 * ```ts
 * import { invarianceObjective } from "refigure/invariance";
 * import { assertEquals } from "@std/assert";
 *
 * const labels = [Uint8Array.of(1, 0), Uint8Array.of(0, 1)];
 * const options = { penalty: "vrex" as const, weight: 10 };
 * const { risks, penalty } = invarianceObjective([[1, -1], [-1, 1]], labels, options);
 * assertEquals(risks[0], risks[1]);
 * assertEquals(penalty, 0);
 * ```
 */
export function invarianceObjective(
  logits: readonly ArrayLike<number>[],
  labels: readonly Uint8Array[],
  options: InvarianceOptions,
): InvarianceObjective {
  requireOptions("options", options, ["penalty", "weight"]);
  const { penalty, weight } = options;
  requirePenalty(penalty, weight);
  for (const [name, lists] of [["logits", logits], ["labels", labels]] as const) {
    if (!Array.isArray(lists)) {
      throw new TypeError(`\`${name}\` must be an array of lists, got ${describeValue(lists)}`);
    }
  }
  const count = requireInteger("logits.length", logits.length, { min: leastEnvironments(penalty) });
  if (labels.length !== count) {
    throw new RangeError(`\`labels\` must have length ${count}, as \`logits\`, got ${labels.length}`);
  }
  const parts = logits.map((z, e) => {
    requireInteger(`logits[${e}].length`, requireNumbers(`logits[${e}]`, z).length, { min: 1 });
    requireBinaryLabels(`labels[${e}]`, labels[e], z.length);
    return logisticLoss(z, labels[e]);
  });
  const risks = parts.map(({ loss }) => loss);
  const mean = risks.reduce((a, b) => a + b, 0) / count;
  let value = 0;
  // Derivative of loss by logit i: that of the risk times `ofRisk`, and what the penalty adds.
  const gradients = parts.map(({ gradient, loss }, e) => {
    const z = logits[e];
    const n = z.length;
    if (penalty === "vrex") {
      value += (loss - mean) ** 2 / (count - 1);
      const ofRisk = 1 + weight * 2 * (loss - mean) / (count - 1);
      for (let i = 0; i < n; i++) gradient[i] *= ofRisk;
    } else if (penalty === "sd") {
      for (let i = 0; i < n; i++) {
        value += z[i] ** 2 / n;
        gradient[i] += weight * 2 * z[i] / n;
      }
    } else if (penalty === "irmv1") {
      let slope = 0;
      for (let i = 0; i < n; i++) slope += z[i] * gradient[i];
      value += slope ** 2 / count;
      const factor = weight * 2 * slope / count;
      for (let i = 0; i < n; i++) {
        const p = sigmoid(z[i]);
        gradient[i] += factor * (gradient[i] + z[i] * p * (1 - p) / n);
      }
    }
    return gradient;
  });
  const scale = 1 / Math.max(1, weight);
  for (const gradient of gradients) for (let i = 0; i < gradient.length; i++) gradient[i] *= scale;
  return { loss: scale * (count * mean + weight * value), risks, penalty: value, gradients };
}

/** @throws {TypeError} if the penalty has no such name. @throws {RangeError} if the weight is negative. */
export function requirePenalty(penalty: InvariancePenalty, weight: number): void {
  requireOneOf("penalty", penalty, PENALTIES);
  requireNumber("weight", weight, { min: 0 });
}

/** How many environments a penalty compares at least. */
export function leastEnvironments(penalty: InvariancePenalty): number {
  return penalty === "irmv1" || penalty === "vrex" ? 2 : 1;
}
