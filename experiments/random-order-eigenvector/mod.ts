/**
 * The top eigenvector of a stream in random order (Kacham & Woodruff 2024): memory for the heavy rows
 * decides, Oja's rule fails at every learning rate.
 *
 * @module
 */
import { legacy, type LegacyExperiment } from "../../lib/experiment/legacy.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import type { Row } from "./rows.ts";
import { runTrial, type Trial } from "./run.ts";

export type {
  DigitsRow,
  OjaRow,
  Order,
  RaceRow,
  Row,
  SpikedRow,
  SplitRow,
  StaircaseRow,
  StoredRow,
} from "./rows.ts";
export type { Trial } from "./run.ts";

/** What can be turned. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Seeds of the staircase. */
  seeds: number;
  /** Budgets of the staircase. */
  budgets: number[];
  /** Whether heavy rows are stored at all; false is the ablation. */
  storeHeavy: boolean;
  /** Dimensions of the streams that Oja's rule meets. */
  dimensions: number[];
  /** Numbers of heavy rows there; the gap is one more. */
  heavies: number[];
  /** Random starts of Oja's rule. */
  starts: number;
  /** Gaps of the spiked streams. */
  gaps: number[];
  /** Seeds of the spiked streams. */
  spikedSeeds: number;
  /** Rows of a spiked stream. */
  rows: number;
  /** Length of a row there. */
  d: number;
}

const laptop: Params = {
  seed: 0,
  seeds: 10,
  budgets: [0, 1, 2, 4, 6, 7, 8, 16, 32],
  storeHeavy: true,
  dimensions: [256, 1024, 4096],
  heavies: [2, 3, 4, 5, 6, 7, 8],
  starts: 200,
  gaps: [4, 8, 16, 32, 64],
  spikedSeeds: 5,
  rows: 20000,
  d: 100,
};

/** The experiment. */
export const old: LegacyExperiment<Params, Trial, Row> = {
  slug: "random-order-eigenvector",
  title: "Approximating the Top Eigenvector in Random Order Streams",
  paper: {
    authors: "Praneeth Kacham, David P. Woodruff",
    year: 2024,
    arxiv: "2412.11963",
    figure: "Theorems (the paper has no figures): error against memory, Oja's rule against its learning rate",
  },
  notReproduced:
    "Bit complexity, the polylogarithmic constants and the proof of the lower bound, of which only the extremal instance is run. The algorithm is a reconstruction in the paper's model; its constants are ours.",
  presets: {
    quick: { ...laptop, seeds: 2, dimensions: [256, 1024], starts: 100, gaps: [4, 16, 64], spikedSeeds: 1 },
    laptop,
    full: { ...laptop, dimensions: [256, 1024, 4096, 16384], spikedSeeds: 20 },
  },
  trials,
  run: runTrial,
  figures,
  claims,
};

function trials(params: Params): Trial[] {
  const {
    seed: first,
    seeds,
    budgets,
    storeHeavy,
    dimensions,
    heavies,
    starts,
    gaps,
    spikedSeeds,
    rows: n,
    d,
  } = params;
  const out: Trial[] = [];
  for (let seed = first; seed < first + seeds; seed++) {
    out.push({ kind: "staircase", budgets, storeHeavy, seed });
  }
  for (const d of dimensions) out.push({ kind: "oja", d, heavies, starts, seed: first });
  for (let seed = first; seed < first + spikedSeeds; seed++) {
    for (const [share, heavy] of [[0, 0], [0.5, 4], [1, 8]]) {
      out.push({ kind: "spiked", n, d, gaps, share, heavy, seed });
    }
    out.push({ kind: "order", n, d, gap: 16, seed }, { kind: "digits", seed }, { kind: "race", n, seed });
  }
  out.push({ kind: "split", matrices: 200, seed: first });
  return out;
}

/** The experiment. */
export const experiment = legacy(old);
