import { Rng } from "../../lib/arrays/mod.ts";
import {
  type GradientTransformation,
  matricesTo,
  stateLeaves,
  TransformationOptimizer,
  warmupCosine,
} from "../../lib/optimizers/mod.ts";
import { TextTraining } from "../../lib/training/text_training.ts";
import { tuneLearningRates } from "../../lib/training/tuning.ts";
import { useBestBackend } from "../../lib/tfjs/mod.ts";
import { contestantNamed } from "./optimizers.ts";
import type { Row } from "./rows.ts";

/** One optimizer: tuned on the first seed, then run on the others at its best rate. */
export interface Trial {
  /** Name of the optimizer. */
  optimizer: string;
  /** Seeds; the runs of the first choose the learning rate. */
  seeds: number[];
  /** Learning rates tried, as multiples of the optimizer's own middle rate. */
  ratios: number[];
  /** Steps a run. */
  steps: number;
  /** Windows a step. */
  batch: number;
  /** Characters a window. */
  length: number;
  /** Width of the model; it has 4 heads. */
  width: number;
  /** Blocks of the model. */
  layers: number;
}

/** AdamW's rate for embeddings, head and norms, whatever steps the hidden matrices. */
export const OTHERS_RATE = 6e-3;

/** Share of the steps in which every rate rises to its peak, before half a cosine to zero. */
const WARMUP = 0.1;

/** Points of a curve, and held-out windows that each is measured on. */
const POINTS = 10;
const WINDOWS = 64;

/** Tunes one optimizer and runs it at its best rate. */
export async function tuneAndRun(
  trial: Trial,
  report: (fraction: number, partial?: Row[]) => void,
): Promise<Row[]> {
  await useBestBackend({ verbose: false });
  const { learningRate: middle } = contestantNamed(trial.optimizer);
  const [first, ...others] = trial.seeds;
  const runs = trial.ratios.length + others.length;
  const rows: Row[] = [];
  let done = 0;
  const at = (learningRate: number, seed: number) => {
    const result = train(trial, learningRate, seed, (fraction) => report((done + fraction) / runs, rows));
    done++;
    return result;
  };
  const grid = trial.ratios.map((ratio) => at(ratio * middle, first));
  const [{ learningRate }] = tuneLearningRates(
    grid.map(({ run }) => ({ ...run, loss: run.loss ?? Infinity })),
  );
  for (const { run, curve } of grid) {
    const chosen = run.learningRate === learningRate;
    rows.push(...(chosen ? curve : []), { ...run, tuning: true, chosen });
  }
  for (const seed of others) {
    const { run, curve } = at(learningRate, seed);
    rows.push(...curve, { ...run, tuning: false, chosen: true });
  }
  return rows;
}

function train(
  trial: Trial,
  learningRate: number,
  seed: number,
  report: (fraction: number) => void,
): { run: Omit<Row<"run">, "tuning" | "chosen">; curve: Row<"curve">[] } {
  const { optimizer, steps, batch, length, width, layers } = trial;
  const { make } = contestantNamed(optimizer);
  let numbers = 0;
  let weights = 0;
  const counted = counting(make(schedule(learningRate, steps)), (parameter, state) => {
    weights += parameter;
    numbers += state;
  });
  const others = { learningRate: schedule(OTHERS_RATE, steps) };
  const training = new TextTraining({
    optimizer: new TransformationOptimizer(matricesTo(counted, { others })),
    sizes: { length, width, layers },
    batch,
    rng: new Rng(seed),
  });
  try {
    const key = { optimizer, learningRate, seed };
    const curve: Row<"curve">[] = [];
    const every = Math.ceil(steps / POINTS);
    let finite = true;
    const point = (step: number) =>
      curve.push({ ...key, kind: "curve", step, loss: training.heldOutLoss({ windows: WINDOWS }) });
    point(0);
    for (let step = 1; step <= steps && finite; step++) {
      finite = survives(() => training.step());
      if (finite && step % every === 0) {
        point(step);
        report(step / steps);
      }
    }
    const loss = finite ? training.heldOutLoss() : NaN;
    const run = {
      ...key,
      kind: "run" as const,
      loss: Number.isFinite(loss) ? loss : null,
      stateSize: numbers / weights,
    };
    return { run, curve };
  } finally {
    training[Symbol.dispose]();
  }
}

const schedule = (peak: number, steps: number) =>
  warmupCosine(peak, steps, { warmup: Math.floor(WARMUP * steps) });

/** Whether a step could be taken: at too large a rate gradients stop being finite. */
function survives(step: () => number): boolean {
  try {
    return Number.isFinite(step());
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Tells, for every parameter, how many weights it has and how many numbers are kept for it. */
function counting(
  transformation: GradientTransformation,
  tell: (weights: number, numbers: number) => void,
): GradientTransformation {
  return {
    ...transformation,
    init(parameter) {
      const state = transformation.init(parameter);
      const sizes = stateLeaves(state).map(({ value }) => typeof value === "number" ? 1 : value.length);
      tell(parameter.weights.data.length, sizes.reduce((sum, size) => sum + size, 0));
      return state;
    },
  };
}
