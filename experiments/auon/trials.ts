/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { brakes, brakesInTraining, checkBounds, identities } from "./brake.ts";
import { countOperations } from "./count.ts";
import { NAMES, type OptimizerName, OPTIMIZERS } from "./optimizers.ts";
import { stages } from "./spectra.ts";
import { control, memoryRun, trainingRun, type Variant } from "./training.ts";

/** Parameters. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Seeds of the training runs and of the controls; of all else at most three. */
  seeds: number;
  /** Learning rates, in units of the middle one of each optimizer. */
  rates: number[];
  /** Entries of the matrices at which the brake is looked at. */
  sizes: number[];
  /** Widths of the networks in whose training it is looked at. */
  widths: number[];
  /** Rows of the square matrices at which operations are counted. */
  counted: number[];
}

const laptop: Params = {
  seed: 0,
  seeds: 5,
  rates: [0.25, 0.5, 1, 2, 4],
  sizes: [4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144],
  widths: [8, 16, 32, 64, 128],
  counted: [32, 64, 128, 256],
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    seeds: 1,
    rates: [0.5, 1, 2],
    sizes: [16, 1024, 65536],
    widths: [16, 64],
    counted: [32, 64],
  },
  laptop,
  full: {
    ...laptop,
    seeds: 10,
    rates: [0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4],
    sizes: [...laptop.sizes, 2 ** 20],
    widths: [...laptop.widths, 256],
    counted: [...laptop.counted, 512],
  },
};

const VARIANTS: Variant[] = ["paper", "repo"];
const SHAPES = [[4, 4], [64, 64], [24, 40], [40, 24]];

const threeSeeds = ({ seed, seeds }: Params) => seedsOf({ seed, seeds: Math.min(seeds, 3) });

/** One optimizer on the digits, with several seeds. */
interface Training {
  seeds: number[];
  optimizer: OptimizerName;
  learningRate: number;
}

export const { trials, run } = defineTrials<Params>()((kind) => ({
  stages: kind({ over: (p) => grid({ seed: threeSeeds(p) }), run: ({ seed }) => stages(seed) }),
  bounds: kind({
    over: ({ seed }) => [{ seed, matrices: 1000 }],
    run: ({ seed, matrices }) => [checkBounds(seed, matrices)],
  }),
  brakes: kind({
    over: (p) => threeSeeds(p).map((seed) => ({ seed, sizes: p.sizes })),
    run: ({ seed, sizes }) => brakes(seed, sizes),
  }),
  brakesInTraining: kind({
    over: ({ seed, widths }) => widths.map((width) => ({ seed, width })),
    run: ({ seed, width }) => brakesInTraining(seed, width),
  }),
  identities: kind({
    over: (p) => grid({ seed: threeSeeds(p) }),
    run: ({ seed }) => SHAPES.map(([rows, columns]) => identities(seed, rows, columns)),
  }),
  control: kind({
    over: (p) => grid({ variant: VARIANTS, seed: seedsOf(p) }),
    run: ({ variant, seed }) => [control(variant, seed)],
  }),
  memory: kind({
    over: (p) => grid({ seed: threeSeeds(p) }),
    run: ({ seed }) => NAMES.map((optimizer) => memoryRun(optimizer, seed)),
  }),
  count: kind({
    over: ({ seed, counted }) => counted.map((size) => ({ seed, size })),
    run: ({ seed, size }) => countOperations(seed, size),
  }),
  training: kind({
    over: (p) =>
      NAMES.flatMap((optimizer) =>
        p.rates.map((ratio) => ({
          seeds: seedsOf(p),
          optimizer,
          learningRate: Number((ratio * OPTIMIZERS[optimizer].middle).toPrecision(6)),
        }))
      ),
    run: ({ seeds, optimizer, learningRate }: Training, report) =>
      seeds.map((seed, i) => {
        report(i / seeds.length);
        return trainingRun(optimizer, learningRate, seed);
      }),
  }),
}));
