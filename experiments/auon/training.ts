import { Rng } from "../../lib/arrays/mod.ts";
import {
  auonUpdates,
  constantThenLinear,
  coshRmsBounds,
  type GradientTransformation,
  normalizedSgdUpdates,
  type Schedule,
  sgdUpdates,
} from "../../lib/optimizers/mod.ts";
import { associativeMemory, trainOnDigits } from "../../lib/training/mod.ts";
import { OPTIMIZERS } from "./optimizers.ts";
import type { ControlRow, MemoryRow, OptimizerName, RunRow } from "./rows.ts";

const STEPS = 100;
const BIN = 5;

/** One run on digits. */
export function trainingRun(optimizer: OptimizerName, learningRate: number, seed: number): RunRow {
  const curve = new Array<number>(STEPS / BIN).fill(0);
  const { loss, testError } = trainOnDigits({
    optimizer: OPTIMIZERS[optimizer].make(constantThenLinear(learningRate, STEPS)),
    steps: STEPS,
    onStep: ({ step, batchLoss }) => curve[Math.floor((step - 1) / BIN)] += batchLoss / BIN,
    rng: new Rng(seed),
  });
  return { type: "run", optimizer, learningRate, seed, loss, testError, curve };
}

type Make = (learningRate: Schedule) => GradientTransformation;

/** AuON, its double, and the rate of both. */
const PAIRS: Record<ControlRow["variant"], { auon: Make; control: Make; rate: number; gamma: number }> = {
  paper: {
    auon: (learningRate) => auonUpdates({ learningRate }),
    control: (learningRate) => normalizedSgdUpdates({ learningRate }),
    rate: 0.3,
    gamma: 1,
  },
  repo: {
    auon: (learningRate) => auonUpdates({ learningRate, variant: "repo" }),
    control: (learningRate) => sgdUpdates({ learningRate }),
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
export function control(
  variant: ControlRow["variant"],
  seed: number,
  auon: Make = PAIRS[variant].auon,
): ControlRow {
  const { control, rate, gamma } = PAIRS[variant];
  const divisor = coshRmsBounds(64 * 64, gamma).lower;
  const losses = (make: Make, rate: number) => {
    const out: number[] = [];
    trainOnDigits({
      optimizer: make(constantThenLinear(rate, STEPS)),
      steps: STEPS,
      onStep: ({ batchLoss }) => out.push(batchLoss),
      rng: new Rng(seed),
    });
    return out;
  };
  const braked = losses(auon, rate);
  const tuned = losses(control, rate / divisor);
  const plain = losses(control, rate);
  const difference = (a: number[], b: number[]) => a.map((x, i) => Math.abs(x - b[i]));
  return {
    type: "control",
    variant,
    seed,
    brake: difference(braked, tuned),
    tweak: difference(plain, tuned),
  };
}

/** Rates at which the memory is learned in some tens of steps. */
const MEMORY_RATES: Partial<Record<OptimizerName, number>> = {
  Muon: 0.1,
  "Hybrid-AuON": 0.1,
  SGD: 3,
  AuON: 0.1,
  "normalized SGD": 0.1,
  AdamW: 0.01,
};

/** Optimizers that learn the memory. */
export const MEMORY_OPTIMIZERS = Object.keys(MEMORY_RATES) as OptimizerName[];

/** Learns facts of unequal frequency until the mean loss is 1.7. */
export function memoryRun(optimizer: OptimizerName, seed: number): MemoryRow {
  const points = associativeMemory({
    optimizer: OPTIMIZERS[optimizer].make(MEMORY_RATES[optimizer]!),
    steps: 2000,
    stopAt: 1.7,
    rng: new Rng(seed),
  });
  return {
    type: "memory",
    optimizer,
    seed,
    mean: points.map(({ meanLoss }) => meanLoss),
    tail: points.map(({ tailLoss }) => tailLoss),
  };
}
