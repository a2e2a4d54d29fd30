/**
 * Exact learning of permutations (Giapitzakis, Back de Luca & Fountoulakis 2025): averages of wide networks
 * trained on one-hot inputs execute a permutation on every input, and how many networks that takes.
 *
 * @module
 */
import { legacy, type LegacyExperiment } from "../../lib/experiment/legacy.ts";
import { claims } from "./claims.ts";
import { accuracy, ensembleSize, firstLayer, growth, trained, weight } from "./figures.ts";
import { NNGP, NTK, type Params, type Row, type Trial } from "./rows.ts";
import { curveBits, run } from "./run.ts";

/** The trials of a preset, the longest first. */
export function trials({ seed, exactBits, process, finite }: Params): Trial[] {
  const out: Trial[] = [];
  for (const { k, rate, width, groups, perGroup, seeds } of finite) {
    for (let repetition = 0; repetition < seeds; repetition++) {
      for (let group = 0; group < groups; group++) {
        out.push({ kind: "finite", k, rate, width, group, models: perGroup, seed, repetition });
      }
    }
  }
  for (const { k, rate, models, seeds } of process) {
    for (let repetition = 0; repetition < seeds; repetition++) {
      out.push({ kind: "process", k, rate, models, seed, repetition });
    }
  }
  out.push({ kind: "laws", closedUpTo: 60 });
  for (let k = 2; k <= exactBits; k++) for (const rate of [NNGP, NTK]) out.push({ kind: "exact", k, rate });
  return out;
}

/** The experiment. */
export const old: LegacyExperiment<Params, Trial, Row> = {
  slug: "permutation-learning",
  title:
    "Exact Learning of Permutations for Nonzero Binary Inputs with Logarithmic Training Size and Quadratic Ensemble Complexity",
  paper: {
    authors: "George Giapitzakis, Artur Back de Luca, Kimon Fountoulakis",
    year: 2025,
    arxiv: "2502.16763",
    figure: "Figure 1: ensemble size and accuracy against the number of bits and of networks",
  },
  notReproduced:
    "The paper's own ensembles (hundreds of networks of width 50000, 10000 epochs each, on a GPU): its published " +
    "results are drawn as points instead. The formulas are derived here from the paper's setting, not copied from its text.",
  presets: {
    quick: {
      seed: 1,
      exactBits: 8,
      process: [{ k: 10, rate: NNGP, models: 200, seeds: 4 }, { k: 20, rate: NNGP, models: 200, seeds: 3 }],
      finite: [{ k: 5, rate: NTK, width: 300, groups: 2, perGroup: 25, seeds: 1 }],
    },
    laptop: {
      seed: 1,
      exactBits: 12,
      process: curveBits.toReversed().flatMap((k) => [
        { k, rate: NNGP, models: 318, seeds: k === 10 || k === 20 ? 20 : 5 },
        ...(k === 10 || k === 20 ? [{ k, rate: NTK, models: 600, seeds: 20 }] : []),
      ]),
      finite: [
        { k: 10, rate: NTK, width: 2000, groups: 12, perGroup: 25, seeds: 4 },
        { k: 10, rate: NNGP, width: 2000, groups: 12, perGroup: 25, seeds: 4 },
        { k: 5, rate: NTK, width: 1000, groups: 12, perGroup: 25, seeds: 3 },
        { k: 5, rate: NNGP, width: 1000, groups: 12, perGroup: 25, seeds: 3 },
      ],
    },
    full: {
      seed: 1,
      exactBits: 16,
      process: curveBits.toReversed().flatMap((k) =>
        [NNGP, NTK].map((rate) => ({ k, rate, models: 1000, seeds: 20 }))
      ),
      finite: [
        { k: 10, rate: NTK, width: 50000, groups: 60, perGroup: 10, seeds: 1 },
        { k: 10, rate: NNGP, width: 50000, groups: 30, perGroup: 10, seeds: 1 },
        { k: 20, rate: NTK, width: 10000, groups: 60, perGroup: 10, seeds: 1 },
        { k: 20, rate: NNGP, width: 10000, groups: 30, perGroup: 10, seeds: 1 },
      ],
    },
  },
  trials,
  run,
  figures: { ensembleSize, firstLayer, accuracy, trained, weight, growth },
  claims,
};

/** The experiment. */
export const experiment = legacy(old);
