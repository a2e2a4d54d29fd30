import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { frobeniusNorm } from "../../lib/linalg/mod.ts";
import {
  type AdamInSubspaceState,
  adamwUpdates,
  coordinatesIn,
  type GradientTransformation,
  rankedBasis,
  scaleByAdamInSubspace,
  SubspaceProjector,
} from "../../lib/optimizers/mod.ts";
import { recordingSteps } from "../../lib/sensing/mod.ts";
import { trainOnDigits } from "../../lib/training/mod.ts";
import { transformationOf } from "./methods.ts";
import {
  type Basis,
  type BoostRow,
  COLUMNS,
  CORRELATION,
  type Data,
  type GradientSide,
  meanOf,
  type Method,
  type ProjectionRow,
  type Row,
  ROWS,
} from "./rows.ts";

/** One unit of work. */
export type Trial =
  | { part: "projection"; data: Data; ranks: number[]; seed: number }
  | { part: "gradients"; rank: number; seed: number }
  | { part: "training"; method: Method; rates: number[]; steps: number; seed: number }
  | { part: "usage"; selection: string; method: Method; rate: number; steps: number; seed: number }
  | { part: "momentum"; method: Method; rate: number; steps: number; seed: number }
  | { part: "boost"; correction: "step" | "age"; steps: number; seed: number };

/** Runs one trial. */
export function runTrial(trial: Trial, report: (fraction: number) => void): Row[] {
  switch (trial.part) {
    case "projection":
      return project(trial);
    case "gradients":
      return projectGradients(trial);
    case "training":
      return trial.rates.map((learningRate, i) => {
        const { method, steps, seed } = trial;
        const loss = finalLoss(transformationOf(method, learningRate, steps, seed), steps, seed);
        report((i + 1) / trial.rates.length);
        return { ...method, type: "training" as const, steps, learningRate, seed, loss };
      });
    case "usage":
      return usage(trial);
    case "momentum":
      return missedMomentum(trial);
    case "boost":
      return boost(trial);
  }
}

/** A matrix whose rows are what is projected. */
function sample(data: Data, seed: number): Matrix {
  const rng = new Rng(seed).split("matrix");
  const g = rng.normalMatrix(ROWS, COLUMNS);
  if (data === "gaussian") return g;
  for (let i = 0; i < ROWS; i++) {
    const row = g.row(i);
    for (let j = 1; j < COLUMNS; j++) {
      row[j] = CORRELATION * row[j - 1] + Math.sqrt(1 - CORRELATION ** 2) * row[j];
    }
  }
  return data === "permuted" ? shuffleColumns(g, new Rng(seed).split("order")) : g;
}

function shuffleColumns(g: Matrix, rng: Rng): Matrix {
  const order = rng.permutation(g.columns);
  return g.map((_, i, j) => g.get(i, order[j]));
}

/** The projection of `g` and the share of its squared norm that is lost. */
function lost(g: Matrix, projector: SubspaceProjector): { error: number; identity: number } {
  const low = projector.update(g);
  const total = frobeniusNorm(g) ** 2;
  const error = frobeniusNorm(g.minus(projector.reconstruct(low))) ** 2 / total;
  return { error, identity: Math.abs(error - 1 + frobeniusNorm(low) ** 2 / total) };
}

function project({ data, ranks, seed }: Extract<Trial, { part: "projection" }>): Row[] {
  const g = sample(data, seed);
  const choices: [Basis, 1 | 2][] = [["svd", 2], ["dct2", 2], ["dct2", 1], ["dct3", 2], ["random", 2], [
    "axes",
    2,
  ]];
  return choices.flatMap(([basis, norm]) =>
    ranks.map((rank): ProjectionRow => {
      const projector = new SubspaceProjector(g, rank, { basis, norm, seed });
      return { type: "projection", data, seed, basis, norm, rank, ...lost(g, projector) };
    })
  );
}

/** Steps at which gradients of the digits network are looked at. */
const LOOKED_AT = [5, 20, 50, 90];

function projectGradients({ rank, seed }: Extract<Trial, { part: "gradients" }>): Row[] {
  const rows: Row[] = [];
  trainOnDigits({
    optimizer: adamwUpdates({ learningRate: 0.01 }),
    steps: 90,
    rng: new Rng(seed),
    onStep({ step, gradients }) {
      if (!LOOKED_AT.includes(step)) return;
      gradients.forEach((gradient, layer) => {
        // Weights are [out, in]: a row of the gradient is indexed by the inputs.
        const sides: [GradientSide, Matrix, "left" | "right"][] = [
          ["inputs", gradient, "right"],
          ["shuffled inputs", shuffleColumns(gradient, new Rng(seed).split("order")), "right"],
          ["outputs", gradient, "left"],
        ];
        for (const [name, g, side] of sides) {
          for (const basis of ["svd", "dct2", "dct3", "random", "axes"] as const) {
            const { error } = lost(g, new SubspaceProjector(g, rank, { basis, side, seed }));
            rows.push({ type: "gradient", seed, step, layer, side: name, basis, error });
          }
        }
      });
    },
  });
  return rows;
}

/** Loss after training; null if it diverged. */
function finalLoss(optimizer: GradientTransformation, steps: number, seed: number): number | null {
  try {
    const { loss } = trainOnDigits({ optimizer, steps, rng: new Rng(seed) });
    return Number.isFinite(loss) ? loss : null;
  } catch (error) {
    // A gradient that is no longer finite: the run diverged, and that is a result. Anything else is not.
    if (error instanceof RangeError && error.message.includes("is not finite at step")) return null;
    throw error;
  }
}

/** Which cosines a run uses, step by step, for the second of the three matrices. */
function usage({ selection, method, rate, steps, seed }: Extract<Trial, { part: "usage" }>): Row[] {
  const chain = transformationOf(method, rate, steps, seed);
  const rows: Row[] = [];
  let before: number[] = [];
  const watched: GradientTransformation = {
    init: chain.init,
    update(updates, state, parameter) {
      const out = chain.update(updates, state, parameter);
      if (parameter.name === "layer 1") {
        const indices = Array.from(
          (state.links[0] as { subspace: { indices: Int32Array } }).subspace.indices,
        );
        const fresh = indices.filter((index) => !before.includes(index)).length;
        rows.push({
          type: "usage",
          selection,
          step: rows.length + 1,
          indices,
          turnover: rows.length === 0 ? 0 : fresh / indices.length,
        });
        before = indices;
      }
      return out;
    },
  };
  trainOnDigits({ optimizer: watched, steps, rng: new Rng(seed) });
  return rows;
}

/** What Trion's cosines or Dion's power iteration miss of the momentum. */
function missedMomentum({ method, rate, steps, seed }: Extract<Trial, { part: "momentum" }>): Row[] {
  const chain = transformationOf(method, rate, steps, seed);
  const rows: Row[] = [];
  const taken = new Map<string, number>();
  const watched: GradientTransformation = {
    init: chain.init,
    update(updates, state, parameter) {
      const link = state.links[0] as { momentum: Float64Array };
      const before = updates.plus(new Matrix(updates.rows, updates.columns, link.momentum));
      const out = chain.update(updates, state, parameter);
      const { name } = parameter;
      const step = (taken.get(name) ?? 0) + 1;
      taken.set(name, step);
      if (LOOKED_AT.includes(step)) {
        // The momentum loses a twentieth of what was caught.
        const caught = before.plus(new Matrix(out.rows, out.columns, link.momentum), -1).times(1 / 0.05);
        const error = (frobeniusNorm(before.minus(caught)) / frobeniusNorm(before)) ** 2;
        rows.push({ type: "momentum", optimizer: method.optimizer, seed, step, layer: name, error });
      }
      return out;
    },
  };
  trainOnDigits({ optimizer: watched, steps, rng: new Rng(seed) });
  return rows;
}

/**
 * Adam in a subspace that changes at every step, on gradients that are noise: how far it goes along fresh
 * vectors.
 */
function boost({ correction, steps, seed }: Extract<Trial, { part: "boost" }>): Row[] {
  const rng = new Rng(seed);
  const rank = 4;
  const vectors = rankedBasis();
  const link = scaleByAdamInSubspace({ rank, errorFeedback: false, eps: 0, biasCorrection: correction });
  const w = { name: "w", weights: Matrix.zeros(16, 16), outputs: "rows" as const };
  const state: AdamInSubspaceState = link.init(w);
  const rows: BoostRow[] = [];
  const recorded = new Set(recordingSteps(steps, { count: 40, every: steps }));
  for (let step = 1; step <= steps; step++) {
    const update = link.update(rng.normalMatrix(16, 16), state, w);
    if (!recorded.has(step)) continue;
    const subspace = state.subspace as ReturnType<typeof vectors.init>;
    const coordinates = coordinatesIn(update, "right", vectors.vectors(subspace, 16, update.data));
    const squares = Array.from(state.ages.keys()).filter((j) => state.ages[j] === 1)
      .flatMap((j) => Array.from(coordinates.column(j), (x) => x * x));
    if (squares.length > 0) {
      rows.push({ type: "boost", correction, step, fresh: Math.sqrt(meanOf(squares, (x) => x)) });
    }
  }
  return rows;
}
