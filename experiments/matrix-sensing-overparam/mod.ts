/**
 * How over-parameterization slows down gradient descent in matrix sensing (Xiong, Ding & Du 2023): three ways
 * of descending to the same low-rank matrix, with infinitely many measurements and with few.
 *
 * @module
 */
import { legacy, type LegacyExperiment } from "../../lib/experiment/legacy.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { type Row, TOLERANCE } from "./rows.ts";
import { runTrial, type Trial } from "./run.ts";

export type { CurveRow, Row, RunRow } from "./rows.ts";
export type { Trial } from "./run.ts";

/** What can be turned. */
export interface Params {
  /** First seed. */
  seed: number;
  /** How many seeds. */
  seeds: number;
  /** Columns of the symmetric factor; the target has rank 3. */
  widths: number[];
  /** Scales of the asymmetric start. */
  scales: number[];
  /** Scales of the start of the rebalanced runs. */
  rebalancedScales: number[];
  /** `||G_0|| / ||F_0||` of the asymmetric start; the paper takes 1/3, and 1 is balanced on average. */
  ratio: number;
  /** Whether the runs with few measurements are made too. */
  sensing: boolean;
  /** Whether 50 x 50 matrices are sensed as well, with 1500 measurements. */
  large: boolean;
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  widths: [3, 4, 5, 10],
  scales: [1, 0.7, 0.5, 0.3, 0.2],
  rebalancedScales: [0.5, 0.1, 0.01],
  ratio: 1 / 3,
  sensing: true,
  large: false,
};

/** The experiment. */
export const old: LegacyExperiment<Params, Trial, Row> = {
  slug: "matrix-sensing-overparam",
  title:
    "How Over-Parameterization Slows Down Gradient Descent in Matrix Sensing: The Curses of Symmetry and Initialization",
  paper: {
    authors: "Nuoya Xiong, Lijun Ding, Simon S. Du",
    year: 2023,
    arxiv: "2310.01769",
    figure: "Figures 1 and 2: error against steps, symmetric, asymmetric and rebalanced",
  },
  notReproduced:
    "The constants of the sample complexity in the proofs, and large n. The paper's own number of measurements, width and step size are not public; the protocol fixes them.",
  presets: {
    quick: { ...laptop, seeds: 1, sensing: false },
    laptop,
    full: { ...laptop, seeds: 5, large: true },
  },
  trials,
  run: runTrial,
  figures,
  claims,
};

function trials(params: Params): Trial[] {
  const { seed: first, seeds, widths, scales, rebalancedScales, ratio, sensing, large } = params;
  const population = { n: 50, rank: 3, m: null, ratio };
  const sensed = { n: 20, rank: 2, m: 320, ratio };
  const out: Trial[] = [];
  for (let seed = first; seed < first + seeds; seed++) {
    const base = { ...population, seed };
    for (const k of widths) {
      out.push({ ...base, kind: "symmetric", k, alpha: 0.5, steps: k === 3 ? 2000 : 20000 });
    }
    for (const alpha of scales) {
      out.push({ ...base, kind: "asymmetric", k: 5, alpha, steps: alpha < 0.3 ? 12000 : 3000 });
    }
    for (const alpha of rebalancedScales) {
      for (const beta of [0.5, 1]) {
        out.push({ ...base, kind: "rebalanced", k: 5, alpha, beta, tolerance: TOLERANCE, steps: 1000 });
      }
    }
    // Nearer to the target, the prediction for rebalanced runs gets exact.
    out.push({ ...base, kind: "rebalanced", k: 5, alpha: 0.01, beta: 0.5, tolerance: 0.03, steps: 1000 });
    out.push({ ...base, kind: "asymmetric", k: 5, alpha: 0.01, steps: 3000 });
    out.push({ ...base, kind: "balanced", k: 5, alpha: 0.5, steps: 1000 });
    if (sensing) {
      const base = { ...sensed, seed, k: 4 };
      out.push({ ...base, kind: "symmetric", alpha: 0.5, steps: 20000 });
      for (const alpha of [1, 0.7, 0.5, 0.35]) out.push({ ...base, kind: "asymmetric", alpha, steps: 6000 });
      for (const alpha of [0.5, 0.1, 0.01]) {
        out.push({ ...base, kind: "rebalanced", alpha, beta: 1, tolerance: TOLERANCE, steps: 3000 });
      }
      for (const kind of ["symmetric", "asymmetric"] as const) {
        out.push({ ...base, m: 120, kind, alpha: 0.5, steps: 6000 });
      }
    }
    if (large) {
      const base = { n: 50, rank: 3, m: 1500, ratio, seed, k: 5, alpha: 0.5, steps: 2500 };
      out.push({ ...base, kind: "symmetric" }, { ...base, kind: "asymmetric" });
      out.push({ ...base, kind: "rebalanced", beta: 1, tolerance: TOLERANCE });
    }
  }
  return out;
}

/** The experiment. */
export const experiment = legacy(old);
