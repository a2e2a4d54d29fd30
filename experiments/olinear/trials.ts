/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import type { VariateMixer } from "../../lib/forecasting/mod.ts";
import { dataRows, processRows, viewRows } from "./bases.ts";
import { descentRows, fitRows } from "./linear.ts";
import type { BasisName, Task } from "./rows.ts";
import { costRows, type NetworkSize, trainingRows } from "./training.ts";

/** Parameters. */
export interface Params {
  /** First seed of everything random. */
  seed: number;
  /** Seeds of the linear forecasters. */
  seeds: number;
  /** Correlation of neighbours of a process that is shown beside 0.5, 0.9 and 0.99. */
  rho: number;
  /** Coefficients kept of the window that is shown, beside other numbers. */
  keep: number;
  /** Deviation of the panel's noise. */
  noise: number;
  /** Steps of full-batch descent. */
  descentSteps: number;
  /** Tasks of Adam, learning rates, steps. */
  tasks: Task[];
  learningRates: number[];
  adamSteps: number;
  /** Networks: series, mixers, bases, seeds, steps, sizes. */
  variates: number[];
  mixers: VariateMixer[];
  bases: BasisName[];
  networkSeeds: number;
  networkSteps: number;
  size: NetworkSize;
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  rho: 0.7,
  keep: 6,
  noise: 0.3,
  descentSteps: 300,
  tasks: ["hourly 96 → 24", "jobs 12 → 12", "jobs 12 → 6"],
  learningRates: [1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1],
  adamSteps: 400,
  variates: [8],
  mixers: ["normlin", "attention"],
  bases: ["OrthoTrans"],
  networkSeeds: 4,
  networkSteps: 400,
  size: { inputLength: 48, horizon: 24, embedding: 4, width: 64, layers: 1 },
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    seeds: 1,
    descentSteps: 100,
    tasks: ["jobs 12 → 12" as const],
    learningRates: [1e-2, 3e-2],
    mixers: ["normlin" as const],
    networkSeeds: 1,
    networkSteps: 100,
  },
  laptop,
  full: {
    ...laptop,
    tasks: [
      "hourly 96 → 24" as const,
      "jobs 12 → 12" as const,
      "jobs 12 → 6" as const,
      "daily 96 → 24" as const,
      "daily 96 → 96" as const,
    ],
    variates: [8, 16],
    mixers: ["normlin" as const, "attention" as const, "linear" as const, "none" as const],
    networkSeeds: 8,
  },
};

const LEARNED: BasisName = "OrthoTrans";

export const { trials, run } = defineTrials<Params>()((kind) => ({
  process: kind({
    over: ({ rho }) => [
      { rhos: [...new Set([0.5, 0.9, 0.99, rho])].sort((a, b) => a - b), size: 96, learned: LEARNED },
    ],
    run: processRows,
  }),
  data: kind({
    over: ({ seed, noise }) =>
      ([["hourly", 96], ["jobs", 12], ["daily", 96], ["panel", 48]] as const).map(([data, size]) => ({
        data,
        size,
        noise,
        seed,
        learned: LEARNED,
      })),
    run: dataRows,
  }),
  view: kind({
    over: ({ seed, noise, keep }) => [
      {
        size: 16,
        length: 48,
        keeps: [...new Set([1, 2, 4, 8, 16, keep])].sort((a, b) => a - b),
        noise,
        seed,
      },
    ],
    run: viewRows,
  }),
  cost: kind({ over: () => [{ width: 512 }], run: costRows }),
  descent: kind({
    over: ({ seed, descentSteps }) => [
      { task: "jobs 12 → 12" as Task, steps: descentSteps, stepSize: 0.1, seed, stretch: 1 },
    ],
    run: descentRows,
  }),
  training: kind({
    over: ({ variates, mixers, bases, networkSeeds, networkSteps, size, noise, ...p }) =>
      grid({ variates, mixer: mixers, basis: bases, seed: seedsOf({ ...p, seeds: networkSeeds }) })
        .map((point) => ({ ...point, size, steps: networkSteps, noise })),
    run: trainingRows,
    label: ({ variates, mixer, basis, seed }) => `${mixer}, ${variates} series, ${basis}, seed ${seed}`,
  }),
  fit: kind({
    over: ({ tasks, learningRates, adamSteps, ...p }) =>
      grid({ task: tasks, basis: ["time", "DCT", "OrthoTrans"] as BasisName[], seed: seedsOf(p) })
        .map((point) => ({ ...point, learningRates, steps: adamSteps })),
    run: fitRows,
    label: ({ task, basis, seed }) => `${task}, ${basis}, seed ${seed}`,
  }),
}));
