/**
 * Muon (Jordan et al. 2024): the polynomials on singular values, an associative memory with rare facts,
 * handwritten digits.
 *
 * @module
 */
import { legacy, type LegacyExperiment } from "../../lib/experiment/legacy.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { CONTENDERS } from "./optimizers.ts";
import type { MemoryRow, Row } from "./rows.ts";
import { momentumForms, rootMeanSquares, scalars, spectra } from "./run_scalars.ts";
import { digitsRun, memory, noise } from "./run_training.ts";

export { cobweb, scheduleErrors } from "./designers.ts";
export type { Row } from "./rows.ts";

/** What can be turned. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Seeds of the digits and of the matrices. */
  seeds: number;
  /** Seeds of the associative memory. */
  memorySeeds: number;
  /** Numbers of facts at which the tail is looked at. */
  sizes: number[];
  /** Turns of the bases from the axes, in degrees. */
  angles: number[];
  /** Learning rates on the digits, as multiples of each optimizer's own scale. */
  ratios: number[];
  /** Those of the ablations (other schedules, exact polar factor); none leaves them out. */
  ablationRatios: number[];
  /** Batches beside that of 128, for Muon, Adam and SGD; on the first three seeds. */
  smallBatches: number[];
  /** Learning rates for them. */
  smallBatchRatios: number[];
  /** Lengths of Adam's runs beside that of 100 steps. */
  adamSteps: number[];
  /** Batches whose gradients are compared with the full one. */
  noiseBatches: number[];
}

/** One unit of work. */
export type Trial =
  | { kind: "scalars"; seed: number }
  | { kind: "matrices"; seed: number }
  | { kind: "bases"; optimizer: string; seed: number }
  | { kind: "sizes"; optimizer: string; sizes: number[]; seed: number }
  | { kind: "angles"; optimizer: string; angles: number[]; seed: number }
  | { kind: "digits"; optimizer: string; ratios: number[]; steps: number; batch: number; seed: number }
  | { kind: "noise"; batches: number[]; seed: number };

const laptop: Params = {
  seed: 0,
  seeds: 5,
  memorySeeds: 3,
  sizes: [32, 36, 40, 44, 48, 52, 56, 60, 64, 68, 72, 76, 80, 84, 88, 92, 96],
  angles: [0, 2, 5, 10, 20, 30, 45, 60, 75, 90],
  ratios: [0.1, 0.2, 0.4, 1, 2, 4],
  ablationRatios: [0.4, 1, 2, 4, 10],
  smallBatches: [2, 8, 32],
  smallBatchRatios: [0.04, 0.1, 0.2, 0.4, 1, 2, 4],
  adamSteps: [150, 200, 250],
  noiseBatches: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
};

/** The experiment. */
export const old: LegacyExperiment<Params, Trial, Row> = {
  slug: "muon",
  title: "Muon: An optimizer for hidden layers in neural networks",
  paper: {
    authors:
      "Keller Jordan, Yuchen Jin, Vlado Boza, Jiacheng You, Franz Cesista, Laker Newhouse, Jeremy Bernstein",
    year: 2024,
    figure:
      "The polynomial's graphs of the blog post; its claim about rare directions, on an associative memory",
  },
  notReproduced:
    "The speed records (NanoGPT 1.35 times faster, CIFAR-10 in 2.6 A100-seconds) and Moonshot's twofold compute efficiency: they need GPUs. On a laptop's tiny network Muon saves steps, not time.",
  presets: {
    quick: {
      ...laptop,
      seeds: 2,
      memorySeeds: 2,
      sizes: [32, 64, 96],
      angles: [0, 20, 90],
      ratios: [0.4, 1, 2],
      ablationRatios: [],
      smallBatches: [],
      adamSteps: [],
      noiseBatches: [8, 128],
    },
    laptop,
    full: { ...laptop, seeds: 20, memorySeeds: 10, ratios: [0.04, ...laptop.ratios, 10] },
  },
  trials,
  run: runTrial,
  figures,
  claims,
};

function trials(params: Params): Trial[] {
  const names = Object.keys(CONTENDERS);
  const protocol = names.slice(0, 5);
  const of = (count: number) => Array.from({ length: count }, (_, i) => params.seed + i);
  const out: Trial[] = [{ kind: "scalars", seed: params.seed }];
  for (const seed of of(params.seeds)) out.push({ kind: "matrices", seed });
  for (const seed of of(params.memorySeeds)) {
    for (const optimizer of protocol) out.push({ kind: "bases", optimizer, seed });
    for (const optimizer of ["Muon", "Adam", "SGD"]) {
      out.push({ kind: "angles", optimizer, angles: params.angles, seed });
    }
  }
  for (const optimizer of ["Muon", "Adam", "exact polar", "SGD", "Polar Express"]) {
    out.push({ kind: "sizes", optimizer, sizes: params.sizes, seed: params.seed });
  }
  for (const seed of of(params.seeds)) {
    const digits = (optimizer: string, ratios: number[], batch = 128, steps = 100) =>
      out.push({ kind: "digits", optimizer, ratios, batch, steps, seed });
    for (const optimizer of ["Muon", "Adam", "SGD", "normalized SGD"]) digits(optimizer, params.ratios);
    if (params.ablationRatios.length > 0) {
      for (const optimizer of ["exact polar", "Polar Express", "cubic"]) {
        digits(optimizer, params.ablationRatios);
      }
    }
    for (const batch of seed - params.seed < 3 ? params.smallBatches : []) {
      for (const optimizer of ["Muon", "Adam", "SGD"]) digits(optimizer, params.smallBatchRatios, batch);
    }
    for (const steps of params.adamSteps) digits("Adam", [0.4, 1, 2], 128, steps);
    out.push({ kind: "noise", batches: params.noiseBatches, seed });
  }
  return out;
}

function runTrial(trial: Trial, report: (fraction: number) => void): Row[] {
  const { seed } = trial;
  const memoryRun = (run: Pick<MemoryRow, "part" | "facts" | "turn"> & { learningRate?: number }) => {
    const { optimizer } = trial as { optimizer: string };
    return memory({ optimizer, learningRate: CONTENDERS[optimizer].memoryRate, seed, ...run });
  };
  switch (trial.kind) {
    case "scalars":
      return scalars();
    case "matrices":
      return [
        ...spectra(64, 64, seed),
        ...spectra(64, 256, seed),
        ...SHAPES.flatMap(([rows, columns, rank]) => rootMeanSquares(rows, columns, rank, seed)),
        // Small matrices scatter about the law: their mean needs some more of them.
        ...[1, 2, 3, 4, 5, 6, 7].flatMap((draw) => rootMeanSquares(64, 64, 64, seed, draw)),
        ...momentumForms(seed),
      ];
    case "bases":
      return CONTENDERS[trial.optimizer].memoryRates.flatMap((learningRate) =>
        ([0, "random"] as const).map((turn) => memoryRun({ part: "bases", facts: 64, turn, learningRate }))
      );
    case "sizes":
      return trial.sizes.map((facts) => memoryRun({ part: "sizes", facts, turn: "random" }));
    case "angles":
      return trial.angles.map((turn) => memoryRun({ part: "angles", facts: 64, turn }));
    case "digits":
      return trial.ratios.map((ratio, i) => {
        report(i / trial.ratios.length);
        const { optimizer, steps, batch } = trial;
        const learningRate = Number((ratio * CONTENDERS[optimizer].digitsScale).toPrecision(6));
        return digitsRun({ optimizer, learningRate, steps, batch, seed });
      });
    case "noise":
      return noise(trial.batches, seed);
  }
}

/** Shapes and ranks whose root mean square is measured. */
const SHAPES = [
  [16, 16, 16],
  [32, 32, 32],
  [64, 64, 64],
  [128, 128, 128],
  [32, 128, 32],
  [128, 32, 32],
  [16, 256, 16],
  [64, 256, 64],
  [128, 512, 128],
  [256, 1024, 256],
  [64, 64, 4],
  [128, 128, 16],
];

/** The experiment. */
export const experiment = legacy(old);
