/** What is run, kind by kind. */
import { Rng } from "../../lib/arrays/mod.ts";
import { defineTrials, grid, type Report, seedsOf } from "../../lib/experiment/mod.ts";
import { constantThenLinear } from "../../lib/optimizers/mod.ts";
import { trainOnDigits } from "../../lib/training/mod.ts";
import { deadNeuron } from "./dead_neuron.ts";
import { gaussianLeverage } from "./leverage.ts";
import { type Method, METHODS } from "./methods.ts";
import { identities, travel } from "./quadratic.ts";
import type { Row } from "./rows.ts";
import { spread } from "./spread.ts";

/** Parameters. */
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

/** Parameters per preset. */
export const presets = {
  quick: { ...laptop, seeds: 1, width: 128, trainingSeeds: 2, learningRates: [0.05, 0.1] },
  laptop,
  full: {
    ...laptop,
    seeds: 10,
    trainingSeeds: 20,
    width: 512,
    learningRates: [0.00625, 0.0125, 0.025, 0.035, 0.05, 0.07, 0.1, 0.14, 0.2],
  },
};

/** Learning rates at which the updates are looked at. */
const LOOKED_AT: { optimizer: Method; learningRate: number }[] = [
  { optimizer: "SGD", learningRate: 3 },
  { optimizer: "Adam", learningRate: 0.01 },
  { optimizer: "Muon", learningRate: 0.03 },
  { optimizer: "NorMuon", learningRate: 0.03 },
];
/** What travels on the tall quadratic; on the square one only the two that the paper is about. */
const TRAVELLERS: Method[] = ["Muon", "exact polar", "wrong axis", "Front", "coordinate-wise", "NorMuon"];
const TRAINED: Method[] = ["Adam", "Muon", "NorMuon"];

/** One optimizer on the digits, at every learning rate of a grid. */
export interface Training {
  optimizer: Method;
  learningRates: number[];
  beta2: number;
  seed: number;
}

export const { trials, run } = defineTrials<Params>()((kind) => ({
  spread: kind({
    over: (p) =>
      seedsOf(p).flatMap((seed) => LOOKED_AT.map((at) => ({ ...at, beta2: p.beta2, width: p.width, seed }))),
    run: spread,
  }),
  travel: kind({
    over: ({ beta2, ...p }) =>
      seedsOf(p).flatMap((seed) => [
        { methods: TRAVELLERS, outputs: 256, inputs: 64, beta2, seed },
        { methods: ["Muon", "NorMuon"] as Method[], outputs: 64, inputs: 64, beta2, seed },
      ]),
    run: ({ methods, ...setting }) => methods.map((method) => travel({ ...setting, method })),
  }),
  identities: kind({
    over: (p) => grid({ seed: seedsOf(p) }),
    run: ({ seed }) => [identities(seed)],
  }),
  gaussian: kind({ over: ({ seed }) => [{ seed }], run: ({ seed }) => gaussianLeverage(seed) }),
  dead: kind({ over: ({ beta2, seed }) => [{ beta2, seed }], run: deadNeuron }),
  training: kind({
    over: ({ seed, trainingSeeds, learningRates, beta2 }) =>
      grid({ seed: seedsOf({ seed, seeds: trainingSeeds }), optimizer: TRAINED })
        .map((trial) => ({ ...trial, learningRates, beta2 })),
    run: training,
  }),
}));

function training(
  { optimizer, learningRates, beta2, seed }: Training,
  report: Report<Row<"training">>,
): Row<"training">[] {
  const rows: Row<"training">[] = [];
  for (const learningRate of learningRates) {
    const { loss } = trainOnDigits({
      optimizer: METHODS[optimizer]({ learningRate: constantThenLinear(learningRate, 100), beta2 }),
      rng: new Rng(seed),
    });
    rows.push({ kind: "training", optimizer, learningRate, seed, loss });
    report(rows.length / learningRates.length, rows);
  }
  return rows;
}
