import { Rng } from "../../lib/arrays/mod.ts";
import { quantile } from "simple-statistics";
import { SingularMatrixError } from "../../lib/linalg/mod.ts";
import {
  type Design,
  designKinds,
  type FunctionSpace,
  hermiteSpace,
  isWellConditioned,
  legendreSpace,
  sampleDesign,
  type WeightedFit,
  weightedLeastSquares,
} from "../../lib/sampling/mod.ts";
import type { Family, Row, Target } from "./rows.ts";
import { project, TARGETS } from "./targets.ts";

/** How often each design is well conditioned. */
export function conditioningRows(
  { family, m, ratios, replicates, delta, seed }: {
    family: Family;
    m: number;
    ratios: readonly number[];
    replicates: number;
    delta: number;
    seed: number;
  },
): Row<"conditioning">[] {
  const space = family === "Legendre" ? legendreSpace(m) : hermiteSpace(m);
  return designKinds.flatMap((design) =>
    ratios.map((ratio): Row<"conditioning"> => {
      const rng = new Rng(seed).split(`${family} ${m} ${design} ${ratio}`);
      let good = 0;
      for (let k = 0; k < replicates; k++) {
        if (isWellConditioned(space, sampleDesign(space, ratio * m, { kind: design, rng }), { delta })) {
          good++;
        }
      }
      return {
        kind: "conditioning",
        family,
        m,
        delta,
        design,
        ratio,
        seed,
        replicates,
        probability: good / replicates,
      };
    })
  );
}

/** Errors of fits of one function, over the error of its best approximation. */
export function errorRows(
  { m, target, ratios, replicates, seed }: {
    m: number;
    target: Target;
    ratios: readonly number[];
    replicates: number;
    seed: number;
  },
): Row<"error">[] {
  const space = legendreSpace(m);
  const f = TARGETS[target];
  const { coefficients: best, square, largest } = project(space, f);
  return designKinds.flatMap((design) =>
    ratios.map((ratio): Row<"error"> => {
      const rng = new Rng(seed).split(`${target} ${m} ${design} ${ratio}`);
      const errors: number[] = [];
      const accepted: number[] = [];
      let worst = 0;
      for (let k = 0; k < replicates; k++) {
        const sample = sampleDesign(space, ratio * m, { kind: design, rng });
        const fit = fitOrNone(space, sample, sample.points.map(f));
        if (fit === undefined) {
          errors.push(Infinity);
          continue;
        }
        const { coefficients, eigenvalues } = fit;
        const off = coefficients.reduce((sum, a, j) => sum + (a - best[j]) ** 2, 0);
        errors.push(1 + off / square);
        if (eigenvalues[0] >= 0.5) accepted.push(1 + off / square);
        const weight = sample.weights.reduce((sum, w) => sum + w, 0) / sample.weights.length;
        const bound = Math.sqrt(square) + Math.sqrt(weight / eigenvalues[0]) * largest;
        worst = Math.max(worst, Math.sqrt(square + off) / bound);
      }
      return {
        kind: "error",
        m,
        target,
        design,
        n: ratio * m,
        seed,
        replicates,
        q05: quantile(errors, 0.05),
        median: quantile(errors, 0.5),
        q95: quantile(errors, 0.95),
        worst,
        accepted: accepted.length / replicates,
        acceptedMean: accepted.length === 0 ? 0 : accepted.reduce((sum, x) => sum + x) / accepted.length,
      };
    })
  );
}

/** The fit; nothing where rounding leaves none, as about once in 1000 designs of m points of the measure itself. */
export function fitOrNone(
  space: FunctionSpace,
  design: Design,
  values: Float64Array,
): WeightedFit | undefined {
  try {
    return weightedLeastSquares(space, design, values);
  } catch (error) {
    if (error instanceof SingularMatrixError) return undefined;
    throw error;
  }
}
