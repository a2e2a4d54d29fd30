/** What is run, kind by kind. */
import { defineTrials, grid, type Report, seedsOf } from "../../lib/experiment/mod.ts";
import { CONTENDERS } from "./contenders.ts";
import type { Row } from "./rows.ts";
import { momentumForms, rootMeanSquares, scalars, spectra } from "./scalars.ts";
import { digitsRun, memory, noise } from "./training.ts";

/** Parameters. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Seeds of the digits and of the matrices. */
  seeds: number;
  /** Seeds of the associative memory. */
  memorySeeds: number;
  /** Facts of the associative memory, and its dimension. */
  facts: number;
  /** Other numbers of facts at which the tail is looked at. */
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
  /** Lengths of Muon's and Adam's runs beside that of 100 steps. */
  lengths: number[];
  /** Batches whose gradients are compared with the full one. */
  noiseBatches: number[];
}

const laptop: Params = {
  seed: 0,
  seeds: 5,
  memorySeeds: 3,
  facts: 64,
  sizes: [32, 36, 40, 44, 48, 52, 56, 60, 64, 68, 72, 76, 80, 84, 88, 92, 96],
  angles: [0, 2, 5, 10, 20, 30, 45, 60, 75, 90],
  ratios: [0.1, 0.2, 0.4, 1, 2, 4],
  ablationRatios: [0.4, 1, 2, 4, 10],
  smallBatches: [2, 8, 32],
  smallBatchRatios: [0.04, 0.1, 0.2, 0.4, 1, 2, 4],
  lengths: [150, 200, 250],
  noiseBatches: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    // One whose best rates lie inside a grid of three.
    seed: 1,
    seeds: 1,
    memorySeeds: 1,
    sizes: [32, 64, 96],
    angles: [0, 20, 90],
    ratios: [0.4, 1, 2],
    ablationRatios: [],
    smallBatches: [],
    lengths: [],
    noiseBatches: [8, 128],
  },
  laptop,
  full: { ...laptop, seeds: 20, memorySeeds: 10, ratios: [0.04, ...laptop.ratios, 10] },
};

/** One optimizer on the digits, at every learning rate of a grid. */
export interface Digits {
  optimizer: string;
  ratios: number[];
  batch: number;
  steps: number;
  seed: number;
}

const memorySeedsOf = ({ seed, memorySeeds }: Params) => seedsOf({ seed, seeds: memorySeeds });

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

export const { trials, run } = defineTrials<Params>()((kind) => ({
  bases: kind({
    over: (p) =>
      grid({ seed: memorySeedsOf(p), optimizer: ["Muon", "Adam", "exact polar", "SGD", "normalized SGD"] })
        .map((trial) => ({ ...trial, facts: p.facts })),
    run: (trial) =>
      CONTENDERS[trial.optimizer].memoryRates.flatMap((learningRate) =>
        ([0, "random"] as const).map((turn) => memory({ kind: "bases", ...pick(trial), turn, learningRate }))
      ),
  }),
  angles: kind({
    over: (p) =>
      grid({ seed: memorySeedsOf(p), optimizer: ["Muon", "Adam", "SGD"] })
        .map((trial) => ({ ...trial, facts: p.facts, angles: p.angles })),
    run: (trial) => trial.angles.map((turn) => memory({ kind: "angles", ...pick(trial), turn })),
  }),
  sizes: kind({
    over: ({ seed, sizes }) =>
      grid({ optimizer: ["Muon", "Adam", "exact polar", "SGD", "Polar Express"], seed: [seed] })
        .map((trial) => ({ ...trial, sizes })),
    run: ({ optimizer, sizes, seed }) =>
      sizes.map((facts) => memory({ kind: "sizes", optimizer, facts, turn: "random", seed })),
  }),
  scalars: kind({ over: ({ seed }) => [{ seed }], run: () => scalars() }),
  matrices: kind({
    over: (p) => grid({ seed: seedsOf(p) }),
    run: ({ seed }) => [
      ...spectra(64, 64, seed),
      ...spectra(64, 256, seed),
      ...SHAPES.flatMap(([rows, columns, rank]) => rootMeanSquares(rows, columns, rank, seed)),
      // Small matrices scatter about the law: their mean needs some more of them.
      ...[1, 2, 3, 4, 5, 6, 7].flatMap((draw) => rootMeanSquares(64, 64, 64, seed, draw)),
      ...momentumForms(seed),
    ],
  }),
  digits: kind({ over: (p) => seedsOf(p).flatMap((seed) => digitsOf(p, seed)), run: runDigits }),
  noise: kind({
    over: (p) => grid({ seed: seedsOf(p) }).map((trial) => ({ ...trial, batches: p.noiseBatches })),
    run: ({ batches, seed }) => noise(batches, seed),
  }),
}));

/** What a trial says of a run of the memory. */
function pick({ optimizer, facts, seed }: { optimizer: string; facts: number; seed: number }) {
  return { optimizer, facts, seed };
}

/** The trials on the digits of one seed. */
function digitsOf(p: Params, seed: number): Digits[] {
  const of = (optimizers: string[], ratios: number[], batch = 128, steps = 100) =>
    optimizers.map((optimizer): Digits => ({ optimizer, ratios, batch, steps, seed }));
  return [
    ...of(["Muon", "Adam", "SGD", "normalized SGD"], p.ratios),
    ...p.ablationRatios.length === 0 ? [] : of(["exact polar", "Polar Express", "cubic"], p.ablationRatios),
    ...(seed - p.seed < 3 ? p.smallBatches : [])
      .flatMap((batch) => of(["Muon", "Adam", "SGD"], p.smallBatchRatios, batch)),
    ...p.lengths.flatMap((steps) => [
      ...of(["Adam"], [0.4, 1, 2], 128, steps),
      ...of(["Muon"], [0.4, 1, 2, 4], 128, steps),
    ]),
  ];
}

function runDigits({ ratios, ...setting }: Digits, report: Report<Row<"digits">>): Row<"digits">[] {
  const rows: Row<"digits">[] = [];
  for (const ratio of ratios) {
    const learningRate = Number((ratio * CONTENDERS[setting.optimizer].digitsScale).toPrecision(6));
    rows.push(digitsRun({ ...setting, learningRate }));
    report(rows.length / ratios.length, rows);
  }
  return rows;
}
