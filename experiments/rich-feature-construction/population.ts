/** Part A: the two-sign model, exactly: notes 3.6. */
import { type InvariancePenalty, TwoSignModel } from "../../lib/invariance/mod.ts";
import { nelderMead } from "../../lib/statistics/mod.ts";
import type { Row } from "./rows.ts";

/** The model and what is looked for. */
export interface PopulationTrial {
  seed: number;
  labelNoise: number;
  colorFlips: number[];
  /** Weights of the minima. */
  minimumWeights: number[];
  /** Weights of the descents from the origin. */
  descentWeights: number[];
  steps: number;
  stepSize: number;
}

/** Minima for each weight, and gradient descent on IRMv1 from the origin. */
export function populationRows(trial: PopulationTrial): (Row<"point"> | Row<"path">)[] {
  const { labelNoise, colorFlips, minimumWeights, descentWeights, steps, stepSize } = trial;
  const model = new TwoSignModel({ labelNoise, colorFlips });
  const rows: (Row<"point"> | Row<"path">)[] = [];
  for (const penalty of ["vrex", "irmv1"] as const) {
    for (const weight of minimumWeights) {
      const [a, b] = minimizer(model, penalty, weight);
      rows.push({
        kind: "point",
        what: "minimum",
        penalty,
        weight,
        colorFlips,
        a,
        b,
        risks: risks(model, a, b),
      });
    }
  }
  for (const weight of descentWeights) {
    let at: [number, number] = [0, 0];
    const every = Math.ceil(steps / 200);
    for (let step = 0; step <= steps; step += every) {
      rows.push({ kind: "path", weight, step, a: at[0], b: at[1] });
      if (step < steps) {
        at = model.descend(at, { penalty: "irmv1", weight, steps: Math.min(every, steps - step), stepSize });
      }
    }
    const [a, b] = at;
    rows.push({
      kind: "point",
      what: "descent",
      penalty: "irmv1",
      weight,
      colorFlips,
      a,
      b,
      risks: risks(model, a, b),
    });
  }
  return rows;
}

function risks(model: TwoSignModel, a: number, b: number): number[] {
  return model.colorFlips.map((flip) => model.risk(a, b, flip));
}

/** The best end of searches from the minimum without a penalty and from the invariant predictor. */
function minimizer(model: TwoSignModel, penalty: InvariancePenalty, weight: number): number[] {
  const f = ([a, b]: readonly number[]) => model.objective(a, b, { penalty, weight }).loss;
  const pooled = model.pooledMinimizer();
  const ends = [pooled, [pooled[0], 0]].map((start) => {
    let at: number[] = start;
    // Each restart has a fresh simplex, of 5 % of the coordinates.
    for (let restart = 0; restart < 5; restart++) {
      at = nelderMead(f, at, { tolerance: 1e-12, valueTolerance: 1e-17, maxEvaluations: 2000 }).point;
    }
    return at;
  });
  return f(ends[0]) < f(ends[1]) ? ends[0] : ends[1];
}
