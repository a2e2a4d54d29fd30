import { Rng } from "../../lib/arrays/mod.ts";
import {
  constantThenLinear,
  type GradientTransformation,
  matricesTo,
  stateLeaves,
  TransformationOptimizer,
} from "../../lib/optimizers/mod.ts";
import { TextTraining } from "../../lib/testbeds/text_training.ts";
import { tuneLearningRates } from "../../lib/testbeds/tuning.ts";
import { useBestBackend } from "../../lib/tfjs/mod.ts";
import { contestantNamed } from "./optimizers.ts";
import type { CurveRow, Row, RunRow } from "./rows.ts";

/** One optimizer: tuned on one seed, then run on others. */
export interface Trial {
  /** Name of the optimizer. */
  optimizer: string;
  /** Seed of the runs that choose the learning rate. */
  seed: number;
  /** Seeds of the final runs. */
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
export const OTHERS_RATE = 3e-3;

/** Points of a curve. */
const POINTS = 30;

/** Tunes one optimizer and runs it at its best rate. */
export async function runTrial(
  trial: Trial,
  report: (fraction: number, partial?: Row[]) => void,
): Promise<Row[]> {
  await useBestBackend({ verbose: false });
  const { learningRate: middle } = contestantNamed(trial.optimizer);
  const runs = trial.ratios.length + trial.seeds.length, rows: Row[] = [];
  let done = 0;
  const add = (learningRate: number, seed: number, stage: RunRow["stage"]) => {
    const { run, curve } = train(trial, learningRate, seed, stage, (fraction) => {
      report((done + fraction) / runs, rows);
    });
    rows.push(...(stage === "final" ? curve : []), run);
    done++;
    return run;
  };
  const grid = trial.ratios.map((ratio) => add(ratio * middle, trial.seed, "grid"));
  const [best] = tuneLearningRates(grid.map((run) => ({ ...run, loss: run.loss ?? Infinity })));
  for (const seed of trial.seeds) add(best.learningRate, seed, "final");
  return rows;
}

function train(
  trial: Trial,
  learningRate: number,
  seed: number,
  stage: RunRow["stage"],
  report: (fraction: number) => void,
): { run: RunRow; curve: CurveRow[] } {
  const { optimizer, steps, batch, length, width, layers } = trial;
  const { make } = contestantNamed(optimizer);
  let numbers = 0, weights = 0;
  const counted = counting(make(constantThenLinear(learningRate, steps)), (parameter, state) => {
    weights += parameter;
    numbers += state;
  });
  const others = { learningRate: constantThenLinear(OTHERS_RATE, steps) };
  using training = new TextTraining({
    optimizer: new TransformationOptimizer(matricesTo(counted, { others })),
    sizes: { length, width, layers },
    batch,
    rng: new Rng(seed),
  });
  const key = { optimizer, learningRate, seed }, curve: CurveRow[] = [];
  const every = Math.ceil(steps / POINTS);
  let sum = 0, since = 0, finite = true;
  for (let step = 1; step <= steps && finite; step++) {
    try {
      sum += training.step();
      since++;
    } catch (error) {
      // A gradient that is not finite: the rate was too large.
      if (!(error instanceof RangeError)) throw error;
      finite = false;
    }
    if (since === every || step === steps) {
      if (Number.isFinite(sum)) curve.push({ ...key, type: "curve", step, loss: sum / since });
      sum = since = 0;
      report(step / steps);
    }
  }
  const loss = finite ? training.heldOutLoss() : NaN;
  const run: RunRow = {
    ...key,
    type: "run",
    stage,
    loss: Number.isFinite(loss) ? loss : null,
    stateSize: numbers / weights,
  };
  return { run, curve };
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
