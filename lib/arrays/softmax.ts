/** Softmax in place. Not public. */
import type { RealArray } from "./matrix.ts";

/**
 * Replaces the logits from `from` up to `to` by their softmax; the largest is subtracted first, so that no
 * exponential overflows.
 *
 * @param logits Changed.
 * @param from Index of the first. Default 0.
 * @param to Index after the last. Default the length.
 * @returns The logarithm of the sum of their exponentials.
 */
export function softmax(logits: RealArray, from = 0, to: number = logits.length): number {
  let largest = -Infinity;
  for (let i = from; i < to; i++) largest = Math.max(largest, logits[i]);
  let sum = 0;
  for (let i = from; i < to; i++) sum += logits[i] = Math.exp(logits[i] - largest);
  for (let i = from; i < to; i++) logits[i] /= sum;
  return largest + Math.log(sum);
}

/** Replaces each row of `columns` logits by its softmax. */
export function softmaxRows(logits: RealArray, columns: number): void {
  for (let from = 0; from < logits.length; from += columns) softmax(logits, from, from + columns);
}
