import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { mean, type Report } from "../../lib/experiment/mod.ts";
import { frobeniusNorm } from "../../lib/linalg/mod.ts";
import {
  constantThenLinear,
  coordinatesIn,
  type GradientTransformation,
  rankedBasis,
  type RankedBasisState,
  scaleByAdamInSubspace,
} from "../../lib/optimizers/mod.ts";
import { recordingSteps } from "../../lib/sensing/mod.ts";
import { type DigitsStep, trainOnDigits } from "../../lib/training/mod.ts";
import { type Method, METHODS } from "./methods.ts";
import { LOOKED_AT } from "./projections.ts";
import type { Row } from "./rows.ts";

/** A training run of one method. */
export interface DigitsRun {
  optimizer: Method;
  learningRate: number;
  steps: number;
  seed: number;
}

function transformationOf({ optimizer, learningRate, steps, seed }: DigitsRun): GradientTransformation {
  return METHODS[optimizer]({ learningRate: constantThenLinear(learningRate, steps), seed });
}

/** Protocols C and D: one method at each learning rate. */
export function train(
  { rates, ...run }: Omit<DigitsRun, "learningRate"> & { rates: number[] },
  report: Report<Row<"training">>,
): Row<"training">[] {
  const rows: Row<"training">[] = [];
  for (const learningRate of rates) {
    rows.push({ kind: "training", ...run, learningRate, loss: finalLoss({ ...run, learningRate }) });
    report(rows.length / rates.length, rows);
  }
  return rows;
}

/** Loss after training; null if it diverged. */
function finalLoss(run: DigitsRun): number | null {
  try {
    const { loss } = trainOnDigits({
      optimizer: transformationOf(run),
      steps: run.steps,
      rng: new Rng(run.seed),
    });
    return Number.isFinite(loss) ? loss : null;
  } catch (error) {
    // A gradient that is no longer finite: the run diverged, and that is a result. Anything else is not.
    if (error instanceof RangeError && error.message.includes("is not finite at step")) return null;
    throw error;
  }
}

/** Trains, and shows after each step what the first link of the chain remembers of each matrix. */
function watch<LinkState>(run: DigitsRun, look: (step: DigitsStep, memories: LinkState[]) => void): void {
  const chain = transformationOf(run);
  const states = new Map<string, LinkState>();
  trainOnDigits({
    optimizer: {
      init: chain.init,
      update(updates, state, parameter) {
        // The driver works on copies of the state.
        states.set(parameter.name, state.links[0]);
        return chain.update(updates, state, parameter);
      },
    },
    steps: run.steps,
    rng: new Rng(run.seed),
    onStep: (step) => look(step, [...states.values()]),
  });
}

/** Which cosines a run uses, step by step, in the second of its three matrices. */
export function usage(run: DigitsRun): Row<"usage">[] {
  const rows: Row<"usage">[] = [];
  watch<{ subspace: RankedBasisState }>(run, ({ step }, [, { subspace }]) => {
    const indices = Array.from(subspace.indices);
    const before = rows.at(-1)?.indices ?? indices;
    const fresh = indices.filter((index) => !before.includes(index)).length;
    rows.push({ kind: "usage", optimizer: run.optimizer, step, indices, turnover: fresh / indices.length });
  });
  return rows;
}

/** What Trion's cosines or Dion's power iteration miss of the momentum. */
export function missedMomentum(run: DigitsRun): Row<"momentum">[] {
  const { optimizer, seed } = run;
  const rows: Row<"momentum">[] = [];
  const before: Matrix[] = [];
  watch<{ momentum: Float64Array }>(run, ({ step, gradients }, memories) => {
    gradients.forEach((gradient, layer) => {
      const after = new Matrix(gradient.rows, gradient.columns, memories[layer].momentum).clone();
      if (LOOKED_AT.includes(step)) {
        const whole = gradient.plus(before[layer]);
        // The momentum loses a twentieth of what was caught.
        const caught = whole.minus(after).times(1 / 0.05);
        const error = (frobeniusNorm(whole.minus(caught)) / frobeniusNorm(whole)) ** 2;
        rows.push({ kind: "momentum", optimizer, seed, step, layer, error });
      }
      before[layer] = after;
    });
  });
  return rows;
}

/** Adam in a subspace that changes at every step, on noise: its steps along fresh vectors. */
export function boost(
  { correction, steps, seed }: { correction: "step" | "age"; steps: number; seed: number },
): Row<"boost">[] {
  const rng = new Rng(seed);
  const vectors = rankedBasis();
  const link = scaleByAdamInSubspace({ rank: 4, errorFeedback: false, eps: 0, biasCorrection: correction });
  const w = { name: "w", weights: Matrix.zeros(16, 16), outputs: "rows" as const };
  const state = link.init(w);
  const rows: Row<"boost">[] = [];
  const recorded = new Set(recordingSteps(steps, { count: 40, every: steps }));
  for (let step = 1; step <= steps; step++) {
    const update = link.update(rng.normalMatrix(16, 16), state, w);
    if (!recorded.has(step)) continue;
    const chosen = vectors.vectors(state.subspace as RankedBasisState, 16, update.data);
    const coordinates = coordinatesIn(update, "right", chosen);
    const squares = Array.from(state.ages.keys()).filter((j) => state.ages[j] === 1)
      .flatMap((j) => Array.from(coordinates.column(j), (x) => x * x));
    if (squares.length > 0) rows.push({ kind: "boost", correction, step, fresh: Math.sqrt(mean(squares)) });
  }
  return rows;
}
