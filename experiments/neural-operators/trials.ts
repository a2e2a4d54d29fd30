/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { dataErrors, kernelFunctions, layers, solver, symbols } from "./exact.ts";
import { fit, type Model, type TrainingTrial } from "./fits.ts";

/** Parameters. */
export interface Params {
  /** First seed of data and weights. */
  seed: number;
  /** How many seeds, each with its own data. */
  seeds: number;
  /** Seeds of networks trained on three grids, and with the larger protocol. */
  severalGridsSeeds: number;
  largerSeeds: number;
  /** Functions to train on and to test on. */
  functions: number;
  testFunctions: number;
  /** Viscosity of the Burgers equation. */
  viscosity: number;
  /** Points and steps of its solver, for time 0.1. */
  solverPoints: number;
  solverSteps: number;
  /** Taps of the convolutions, odd. */
  taps: number;
  /** Modes of the spectral convolutions. */
  modes: number;
  /** Training: steps, functions per step, first learning rate. */
  steps: number;
  batch: number;
  learningRate: number;
  /** Functions whose data are compared with a finer solution. */
  checkedFunctions: number;
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  severalGridsSeeds: 3,
  largerSeeds: 0,
  functions: 512,
  testFunctions: 64,
  viscosity: 0.01,
  solverPoints: 256,
  solverSteps: 50,
  taps: 9,
  modes: 12,
  steps: 500,
  batch: 16,
  learningRate: 2e-3,
  checkedFunctions: 32,
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    severalGridsSeeds: 0,
    functions: 160,
    testFunctions: 32,
    steps: 200,
    batch: 8,
    learningRate: 4e-3,
    checkedFunctions: 8,
  },
  laptop,
  full: {
    ...laptop,
    seeds: 8,
    severalGridsSeeds: 8,
    largerSeeds: 3,
    testFunctions: 128,
    solverPoints: 512,
    solverSteps: 100,
    checkedFunctions: 128,
  },
};

/** Sizes of the grids, for tests of networks and for symbols and layers. */
const TEST_SIZES = [32, 64, 128, 256, 512];
const SIZES = [16, 32, 64, 128, 256, 512, 1024];

/** The protocols of notes 6.2 and 6.3. */
function training(
  p: Params,
  setting: TrainingTrial["setting"],
): Omit<TrainingTrial, "model" | "seed" | "drawn"> {
  const { functions, testFunctions, viscosity, solverPoints, solverSteps, taps, modes } = p;
  const data = { functions, testFunctions, viscosity, solverPoints, taps, modes };
  const common = { ...data, setting, testSizes: TEST_SIZES, learningRate: p.learningRate };
  return setting === "default"
    ? { ...common, time: 0.1, solverSteps, width: 16, layers: 3, steps: p.steps, batch: p.batch }
    : { ...common, time: 0.25, solverSteps: 2.5 * solverSteps, width: 24, layers: 4, steps: 800, batch: 32 };
}

export const { trials, run } = defineTrials<Params>()((kind) => ({
  training: kind({
    over: (p) => {
      const fits = (models: Model[], seeds: number, setting: TrainingTrial["setting"]) =>
        grid({ model: models, seed: seedsOf({ seed: p.seed, seeds }) }).map((one) => ({
          ...one,
          ...training(p, setting),
          drawn: setting === "default" && one.seed === p.seed,
        }));
      return [
        ...fits(["CNN", "FNO"], p.seeds, "default"),
        ...fits(["CNN on three grids"], p.severalGridsSeeds, "default"),
        ...fits(["CNN", "FNO"], p.largerSeeds, "larger"),
      ];
    },
    run: fit,
  }),
  symbol: kind({
    over: () => grid({ wave: [1, 3], sizes: [SIZES.slice(1)] }),
    run: (trial) => symbols(trial),
  }),
  kernel: kind({ over: () => [{}], run: () => kernelFunctions() }),
  layer: kind({ over: () => [{ sizes: SIZES }], run: (trial) => layers(trial) }),
  solver: kind({
    over: () => grid({ amplitude: [1, 2], steps: [50, 100, 200, 400] }),
    run: (trial) => solver(trial),
  }),
  data: kind({
    over: ({ seed, checkedFunctions: functions, viscosity, solverPoints, solverSteps }) => [
      { seed, functions, viscosity, time: 0.1, solverPoints, solverSteps },
    ],
    run: (trial) => dataErrors(trial),
  }),
}));
