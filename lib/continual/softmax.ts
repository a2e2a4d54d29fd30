import type { RealArray } from "../arrays/mod.ts";

/** Replaces logits by their softmax. */
export function softmax(row: RealArray): void {
  let max = -Infinity;
  for (let i = 0; i < row.length; i++) max = Math.max(max, row[i]);
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i] = Math.exp(row[i] - max);
  for (let i = 0; i < row.length; i++) row[i] /= sum;
}
