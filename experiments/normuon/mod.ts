/**
 * NorMuon (Li, Liu, Liang, Chen & Zhao 2025): Muon makes the singular values of an update equal but not its
 * neurons; one running mean square a neuron does both.
 *
 * @module
 */
import { legacy, type LegacyExperiment } from "../../lib/experiment/legacy.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import type { Method } from "./methods.ts";
import type { Row } from "./rows.ts";
import { runTrial, type Trial } from "./run.ts";

export { type Method, METHODS, type Setting } from "./methods.ts";
export type { Row } from "./rows.ts";
export type { Trial } from "./run.ts";

/** What can be turned. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Seeds of the network whose updates are looked at, and of the quadratic. */
  seeds: number;
  /** Seeds of the training comparison. */
  trainingSeeds: number;
  /** Decay of NorMuon's second moments. */
  beta2: number;
  /** Neurons of the wide layers of the network that is looked at; the narrow ones have 64. */
  width: number;
  /** Learning rates of the training comparison, the same for all. */
  learningRates: number[];
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  trainingSeeds: 5,
  beta2: 0.95,
  width: 256,
  learningRates: [0.0125, 0.025, 0.05, 0.1, 0.2],
};

/** The experiment. */
export const old: LegacyExperiment<Params, Trial, Row> = {
  slug: "normuon",
  title: "NorMuon: Making Muon more efficient and scalable",
  paper: {
    authors: "Zichong Li, Liming Liu, Chen Liang, Weizhu Chen, Tuo Zhao",
    year: 2025,
    arxiv: "2510.05491",
    figure: "Figure 1: singular values and per-neuron norms of the update, for SGD, Adam, Muon and NorMuon",
  },
  notReproduced:
    "The steps saved on language models of 124 million to 5.4 billion parameters, and the distributed implementation.",
  presets: {
    quick: { ...laptop, seeds: 1, trainingSeeds: 2, learningRates: [0.025, 0.05, 0.1] },
    laptop,
    full: {
      ...laptop,
      seeds: 10,
      trainingSeeds: 20,
      width: 512,
      learningRates: [0.00625, 0.0125, 0.025, 0.035, 0.05, 0.07, 0.1, 0.14, 0.2],
    },
  },
  trials,
  run: runTrial,
  figures,
  claims,
};

/** Learning rates at which the updates are looked at. */
const LOOKED_AT: [Method, number][] = [["SGD", 3], ["Adam", 0.01], ["Muon", 0.03], ["NorMuon", 0.03]];

/** What travels on the tall quadratic; on the square one only the two that the paper is about. */
const TRAVELLERS: Method[] = ["Muon", "exact polar", "wrong axis", "Front", "coordinate-wise", "NorMuon"];

function trials({ seed: first, seeds, trainingSeeds, beta2, width, learningRates }: Params): Trial[] {
  const out: Trial[] = [];
  for (let seed = first; seed < first + seeds; seed++) {
    for (const [optimizer, learningRate] of LOOKED_AT) {
      out.push({ kind: "spread", optimizer, learningRate, beta2, width, seed });
    }
    out.push({ kind: "travel", methods: TRAVELLERS, outputs: 256, inputs: 64, beta2, seed });
    out.push({ kind: "travel", methods: ["Muon", "NorMuon"], outputs: 64, inputs: 64, beta2, seed });
    out.push({ kind: "identities", seed });
  }
  out.push({ kind: "gaussian", seed: first }, { kind: "dead", beta2, seed: first });
  for (let seed = first; seed < first + trainingSeeds; seed++) {
    for (const optimizer of ["Adam", "Muon", "NorMuon"] as const) {
      out.push({ kind: "training", optimizer, learningRates, beta2, seed });
    }
  }
  return out;
}

/** The experiment. */
export const experiment = legacy(old);
