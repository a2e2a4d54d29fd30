import { requireInteger, requireNumbers } from "../arrays/mod.ts";
import { requireBinaryLabels } from "./environment.ts";

/** What {@linkcode logisticLoss} returns. */
export interface LogisticLoss {
  /** Mean loss, in nats. */
  loss: number;
  /** Its derivative by each logit. */
  gradient: Float64Array;
}

/**
 * Mean cross-entropy `log(1 + exp(z)) - y z` of logits z with labels y, and its gradient, (sigmoid(z) - y) /
 * n.
 *
 * @param logits n numbers.
 * @param labels 0 or 1 for each of them.
 * @returns The loss and its gradient, NaN if a logit is.
 * @throws {RangeError} if there are no logits, not one label for each, or a label is neither 0 nor 1.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { logisticLoss } from "refigure/invariance";
 * import { assertEquals } from "@std/assert";
 *
 * const { loss, gradient } = logisticLoss([0, 0], Uint8Array.of(0, 1));
 * assertEquals(loss, Math.LN2);
 * assertEquals([...gradient], [0.25, -0.25]);
 * ```
 */
export function logisticLoss(logits: ArrayLike<number>, labels: Uint8Array): LogisticLoss {
  const n = requireNumbers("logits", logits).length;
  requireInteger("logits.length", n, { min: 1 });
  requireBinaryLabels("labels", labels, n);
  const gradient = new Float64Array(n);
  let loss = 0;
  for (let i = 0; i < n; i++) {
    const z = logits[i];
    // softplus and sigmoid, which share an exponential.
    const e = Math.exp(-Math.abs(z));
    loss += Math.max(labels[i] === 1 ? -z : z, 0) + Math.log1p(e);
    gradient[i] = ((z > 0 ? 1 / (1 + e) : sigmoid(z)) - labels[i]) / n;
  }
  return { loss: loss / n, gradient };
}

/**
 * Share of the examples whose logit has the sign of the label; a logit of 0 counts as label 0.
 *
 * @returns NaN if a logit is NaN.
 * @throws {RangeError} if there are no logits, not one label for each, or a label is neither 0 nor 1.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { binaryAccuracy } from "refigure/invariance";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(binaryAccuracy([2, -1, 3, -4], Uint8Array.of(1, 0, 0, 0)), 0.75);
 * ```
 */
export function binaryAccuracy(logits: ArrayLike<number>, labels: Uint8Array): number {
  const n = requireNumbers("logits", logits).length;
  requireInteger("logits.length", n, { min: 1 });
  requireBinaryLabels("labels", labels, n);
  let correct = 0;
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(logits[i])) return NaN;
    if ((logits[i] > 0 ? 1 : 0) === labels[i]) correct++;
  }
  return correct / n;
}

/** log(1 + exp(z)) without overflow. */
export function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

/** 1 / (1 + exp(-z)). */
export function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}
