/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { ADAM_METHODS, type Method, MUON_METHODS } from "./methods.ts";
import { project, projectGradients } from "./projections.ts";
import { PROTOCOL_STEPS } from "./rows.ts";
import { boost, missedMomentum, train, usage } from "./training.ts";

/** Parameters. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Seeds of the synthetic matrices. */
  seeds: number;
  /** Seeds of the training runs and of their gradients. */
  trainingSeeds: number;
  /** Correlation of neighbouring entries of the smooth matrices. */
  correlation: number;
  /** Ranks at which synthetic matrices are projected. */
  ranks: number[];
  /** Steps of a training run. */
  steps: number;
  /** Learning rates of Adam and its projections. */
  adamRates: number[];
  /** Learning rates of Muon, Dion and Trion. */
  muonRates: number[];
  /** Whether all methods are trained, or only the six that the paper compares. */
  allMethods: boolean;
  /** Steps of the run on noise that shows the first steps of fresh columns. */
  boostSteps: number;
}

const laptop: Params = {
  seed: 0,
  seeds: 5,
  trainingSeeds: 3,
  correlation: 0.95,
  ranks: [1, 2, 4, 8, 12, 16, 24, 32, 48],
  steps: PROTOCOL_STEPS,
  adamRates: [0.03, 0.06, 0.12, 0.25, 0.5],
  muonRates: [0.02, 0.04, 0.08, 0.16, 0.32, 0.64],
  allMethods: true,
  boostSteps: 5000,
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    trainingSeeds: 1,
    steps: 40,
    adamRates: [0.06, 0.12],
    muonRates: [0.08, 0.16],
    allMethods: false,
    boostSteps: 1000,
  },
  laptop,
  full: { ...laptop, seeds: 20, trainingSeeds: 10 },
};

const FEW: Method[] = ["DCT", "SVD", "random basis", "Muon, full rank", "Dion, rank 8", "Trion, rank 8"];

/** Near the best learning rates of the two. */
const MOMENTA: { optimizer: Method; learningRate: number }[] = [
  { optimizer: "Dion, rank 8", learningRate: 0.08 },
  { optimizer: "Trion, rank 8", learningRate: 0.32 },
];

export const { trials, run } = defineTrials<Params>()((kind) => ({
  projection: kind({
    over: ({ correlation, ranks, ...p }) =>
      grid({ seed: seedsOf(p), data: ["ar1", "permuted", "gaussian"] })
        .map((trial) => ({ ...trial, correlation, ranks })),
    run: project,
  }),
  gradient: kind({
    over: (p) => trainingSeedsOf(p).map((seed) => ({ rank: 8, seed })),
    run: projectGradients,
  }),
  training: kind({
    over: ({ adamRates, muonRates, allMethods, steps, ...p }) => {
      const over = (methods: object, rates: number[]) =>
        grid({ optimizer: Object.keys(methods) as Method[], seed: trainingSeedsOf(p) })
          .filter(({ optimizer }) => allMethods || FEW.includes(optimizer))
          .map((trial) => ({ ...trial, rates, steps }));
      return [...over(ADAM_METHODS, adamRates), ...over(MUON_METHODS, muonRates)];
    },
    run: train,
  }),
  momentum: kind({
    over: ({ steps, ...p }) =>
      MOMENTA.flatMap((method) => trainingSeedsOf(p).map((seed) => ({ ...method, steps, seed }))),
    run: missedMomentum,
  }),
  usage: kind({
    over: ({ seed, steps }) =>
      grid({ optimizer: ["DCT", "DCT, no feedback"] }).map((method) => ({
        ...method,
        learningRate: 0.12,
        steps,
        seed,
      })),
    run: usage,
  }),
  boost: kind({
    over: ({ seed, boostSteps }) => grid({ correction: ["step", "age"], steps: [boostSteps], seed: [seed] }),
    run: boost,
  }),
}));

function trainingSeedsOf({ seed, trainingSeeds }: Pick<Params, "seed" | "trainingSeeds">): number[] {
  return seedsOf({ seed, seeds: trainingSeeds });
}
