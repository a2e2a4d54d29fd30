import { Rng } from "../../lib/arrays/mod.ts";
import {
  auonUpdates,
  constantThenLinear,
  coshRmsBounds,
  normalizedSgdUpdates,
  sgdUpdates,
} from "../../lib/optimizers/mod.ts";
import { associativeMemory, trainOnDigits } from "../../lib/training/mod.ts";
import { type Make, type OptimizerName, OPTIMIZERS } from "./optimizers.ts";
import type { Row } from "./rows.ts";

const STEPS = 100;
const BIN = 5;

/** The paper's definition of AuON, or that of its code since 2026. */
export type Variant = "paper" | "repo";

/** One run on digits. */
export function trainingRun(optimizer: OptimizerName, learningRate: number, seed: number): Row<"training"> {
  const curve = new Array<number>(STEPS / BIN).fill(0);
  const { loss, testError } = trainOnDigits({
    optimizer: OPTIMIZERS[optimizer].make(constantThenLinear(learningRate, STEPS)),
    steps: STEPS,
    onStep: ({ step, batchLoss }) => curve[Math.floor((step - 1) / BIN)] += batchLoss / BIN,
    rng: new Rng(seed),
  });
  return { kind: "training", optimizer, learningRate, seed, loss, testError, curve };
}

/** AuON, its double, and the rate of both. */
const PAIRS: Record<Variant, { auon: Make; descent: Make; rate: number; gamma: number }> = {
  paper: {
    auon: (learningRate) => auonUpdates({ learningRate }),
    descent: (learningRate) => normalizedSgdUpdates({ learningRate }),
    rate: 0.3,
    gamma: 1,
  },
  repo: {
    auon: (learningRate) => auonUpdates({ learningRate, variant: "repo" }),
    descent: (learningRate) => sgdUpdates({ learningRate }),
    rate: 3,
    gamma: 1.5,
  },
};

/**
 * Three runs from one start on the same batches: AuON, descent with the rate over the smallest R that 64 x 64
 * entries can have, and descent with the rate itself.
 *
 * @param auon What takes AuON's place, to see the control fail.
 */
export function control(variant: Variant, seed: number, auon: Make = PAIRS[variant].auon): Row<"control"> {
  const { descent, rate, gamma } = PAIRS[variant];
  const divisor = coshRmsBounds(64 * 64, gamma).lower;
  const braked = batchLosses(auon, rate, seed);
  const tuned = batchLosses(descent, rate / divisor, seed);
  const plain = batchLosses(descent, rate, seed);
  const distance = (losses: number[]) => losses.map((loss, i) => Math.abs(loss - tuned[i]));
  return { kind: "control", variant, seed, brake: distance(braked), tweak: distance(plain) };
}

function batchLosses(make: Make, rate: number, seed: number): number[] {
  const losses: number[] = [];
  trainOnDigits({
    optimizer: make(constantThenLinear(rate, STEPS)),
    steps: STEPS,
    onStep: ({ batchLoss }) => losses.push(batchLoss),
    rng: new Rng(seed),
  });
  return losses;
}

/** Learns facts of unequal frequency until the mean loss is 1.7. */
export function memoryRun(optimizer: OptimizerName, seed: number): Row<"memory"> {
  const { make, memoryRate } = OPTIMIZERS[optimizer];
  const points = associativeMemory({
    optimizer: make(memoryRate),
    steps: 2000,
    stopAt: 1.7,
    rng: new Rng(seed),
  });
  return {
    kind: "memory",
    optimizer,
    seed,
    mean: points.map(({ meanLoss }) => meanLoss),
    tail: points.map(({ tailLoss }) => tailLoss),
  };
}
