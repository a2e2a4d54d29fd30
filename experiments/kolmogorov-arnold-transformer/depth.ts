/** Second moments through a deep stack of blocks at the start. */
import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import { grid } from "../../lib/experiment/mod.ts";
import {
  fixedActivation,
  gaussianSecondMoment,
  rationalForward,
  rationalPreset,
  rationalValue,
  variancePreservingGain,
} from "../../lib/kan/mod.ts";
import type { Row, StackInit } from "./rows.ts";

/** Sizes of a stack. */
export interface Stack {
  blocks: number;
  /** Rows of the normal input. */
  rows: number;
  /** Width d; a block goes to 4 d and back. */
  width: number;
  seed: number;
}

const swish = rationalPreset("swish");
const swishValue = (x: number) => rationalValue(x, swish);

/** Second moments of it by the deviation of its input: blocks and seeds share them. */
const secondMoments = new Map<number, number>();

function secondMoment(sigma: number): number {
  let moment = secondMoments.get(sigma);
  if (moment === undefined) {
    moment = gaussianSecondMoment(swishValue, { sigma });
    secondMoments.set(sigma, moment);
  }
  return moment;
}

/** Variances of the two dense layers of a block, times their numbers of inputs d and 4 d. */
const GAINS: Record<StackInit, (width: number) => [first: number, second: number]> = {
  "variance-preserving": () => [
    variancePreservingGain(fixedActivation("identity")),
    variancePreservingGain(swishValue),
  ],
  // The gain of ReLU.
  "He": () => [1, 2],
  "LeCun": () => [1, 1],
  // What the released code does.
  "0.02": (width) => [0.02 ** 2 * width, 0.02 ** 2 * 4 * width],
};

/** All starts, with and without layer normalization, from the same draws. */
export function depthRows({ blocks, rows, width, seed }: Stack): Row<"depth">[] {
  const rng = new Rng(seed).split("stack");
  const input = rng.split("input").normalMatrix(rows, width);
  const stacks = grid({ init: Object.keys(GAINS) as StackInit[], norm: [false, true] })
    .map((stack) => ({ ...stack, x: input, predicted: 1 }));
  const out: Row<"depth">[] = [];
  for (let block = 1; block <= blocks; block++) {
    const draws = rng.split(`block ${block}`);
    const up = draws.split("up").normalMatrix(width, 4 * width, 1 / Math.sqrt(width));
    const down = draws.split("down").normalMatrix(4 * width, width, 1 / Math.sqrt(4 * width));
    for (const stack of stacks) {
      const { init, norm } = stack;
      const [first, second] = GAINS[init](width);
      const hidden = matmul(norm ? layerNorm(stack.x) : stack.x, up, { alpha: Math.sqrt(first) });
      rationalForward(hidden.data, rows, 4 * width, swish, { out: hidden.data });
      stack.x = matmul(hidden, down, { alpha: Math.sqrt(second) });
      const sigma = Math.sqrt(first * (norm ? 1 : stack.predicted));
      stack.predicted = second * secondMoment(sigma);
      const moment = stack.x.data.reduce((sum, value) => sum + value * value, 0) / stack.x.data.length;
      out.push({ kind: "depth", init, norm, seed, block, moment, predicted: stack.predicted });
    }
  }
  return out;
}

/** Every row with mean 0 and variance 1. */
function layerNorm(x: Matrix): Matrix {
  const out = x.clone();
  for (let i = 0; i < x.rows; i++) {
    const row = out.row(i);
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
    const scale = 1 / Math.sqrt(variance + 1e-6);
    for (let j = 0; j < row.length; j++) row[j] = (row[j] - mean) * scale;
  }
  return out;
}
