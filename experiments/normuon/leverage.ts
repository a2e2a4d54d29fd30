import { coefficientOfVariation } from "simple-statistics";
import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import { leverageScores, polarFactor, rowNorms } from "../../lib/linalg/mod.ts";
import {
  NEWTON_SCHULZ,
  newtonSchulz,
  type NewtonSchulzCoefficients,
  polarExpressCoefficients,
} from "../../lib/optimizers/mod.ts";
import type { Row } from "./rows.ts";

const squaredRowNorms = (a: Matrix) => Array.from(rowNorms(a), (norm) => norm * norm);

/** What Muon does to the rows of a momentum beside what the leverage scores say. */
export function leverageView(momentum: Matrix, seed: number): Row<"leverage"> {
  return {
    kind: "leverage",
    seed,
    leverage: Array.from(leverageScores(momentum)),
    exact: squaredRowNorms(polarFactor(momentum)),
    muon: squaredRowNorms(newtonSchulz(momentum)),
  };
}

/** Most Newton-Schulz steps that are tried, and the schedules by their number of steps. */
const MOST_STEPS = 20;
const SCHEDULES: Record<string, (steps: number) => NewtonSchulzCoefficients> = {
  "Polar Express": (steps) => polarExpressCoefficients({ steps }),
  "Muon's quintic": (steps) => new Array(steps).fill(NEWTON_SCHULZ.muon5[0]),
  "cubic": (steps) => new Array(steps).fill(NEWTON_SCHULZ.cubic[0]),
};

/** How unequal the rows stay as the polar factor gets exact. */
export function precisionView(momentum: Matrix, shape: "tall" | "wide", seed: number): Row<"precision">[] {
  const limit = coefficientOfVariation(Array.from(leverageScores(momentum), Math.sqrt));
  return Object.entries(SCHEDULES).flatMap(([schedule, coefficients]) =>
    Array.from({ length: MOST_STEPS }, (_, i) => {
      const update = newtonSchulz(momentum, { coefficients: coefficients(i + 1) });
      const variation = coefficientOfVariation(Array.from(rowNorms(update)));
      return { kind: "precision" as const, seed, shape, schedule, steps: i + 1, variation, limit };
    })
  );
}

/** Six Gaussian matrices: scores, the polar factor's rows, and the law of the scores, Beta(n/2, (m-n)/2). */
export function gaussianLeverage(seed: number): Row<"gaussian">[] {
  const rows = 256;
  const columns = 64;
  return Array.from({ length: 6 }, (_, draw) => {
    const matrix = new Rng(seed).split(draw).normalMatrix(rows, columns);
    const { leverage, exact } = leverageView(matrix, seed);
    return {
      kind: "gaussian",
      draw,
      rows,
      columns,
      variation: coefficientOfVariation(leverage),
      error: Math.max(...leverage.map((score, i) => Math.abs(score - exact[i]))),
    };
  });
}
