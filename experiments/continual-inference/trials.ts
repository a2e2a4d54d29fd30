/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { adapterRows } from "./adapters.ts";
import {
  attentionCountRows,
  attentionRows,
  driftRows,
  positionRows,
  residualRows,
  secondLayerRows,
} from "./attention.ts";
import { countRows, ENCODERS, GRAPHS, identityRow, STACKS } from "./networks.ts";
import { signalRows } from "./signal.ts";

/** Parameters. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Seeds of everything but the adapters. */
  seeds: number;
  /** Frames of the clips of convolutions, of ST-GCNs (0 for none) and of encoders. */
  frames: { stacks: number; graphs: number; encoders: number };
  /** Windows of attention: counts for all, outputs compared up to `largest`. */
  windows: number[];
  /** Largest window whose outputs are compared with attention from scratch. */
  largest: number;
  /** Full windows compared. */
  attentionSteps: number;
  /** Standard deviations of queries, keys and values in the drift test. */
  sigmas: number[];
  /** The one whose errors are shown step by step. */
  sigma: number;
  /** Tokens in the window of the drift test. */
  window: number;
  /** Steps of the drift test. */
  driftSteps: number;
  /** Ranks of the adapters beside fine-tuning. */
  ranks: number[];
  /** One more rank. */
  rank: number;
  /** Shares of hidden units that are kept. */
  keeps: number[];
  /** Seeds of the adapters. */
  adapterSeeds: number;
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  frames: { stacks: 400, graphs: 300, encoders: 320 },
  windows: [8, 16, 32, 64, 128, 256, 512],
  largest: 512,
  attentionSteps: 200,
  sigmas: [1, 2, 3, 5],
  sigma: 3,
  window: 64,
  driftSteps: 1500,
  ranks: [8],
  rank: 2,
  keeps: [0.5, 0.1],
  adapterSeeds: 5,
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    frames: { ...laptop.frames, graphs: 0, encoders: 96 },
    largest: 128,
    attentionSteps: 50,
    sigmas: [1, 3],
    driftSteps: 300,
    ranks: [],
    adapterSeeds: 1,
  },
  laptop,
  full: {
    ...laptop,
    seeds: 10,
    attentionSteps: 400,
    driftSteps: 5000,
    keeps: [1, 0.5, 0.25, 0.1],
    adapterSeeds: 10,
  },
};

const DTYPES = ["float64", "float32"] as const;

export const { trials, run } = defineTrials<Params>()((kind) => ({
  identity: kind({
    over: ({ frames, ...p }) =>
      ([[STACKS, frames.stacks], [GRAPHS, frames.graphs], [ENCODERS, frames.encoders]] as const)
        .filter(([, count]) => count > 0)
        .flatMap(([networks, count]) =>
          grid({ network: [...networks], frames: [count], dtype: DTYPES, seed: seedsOf(p) })
        ),
    run: (trial) => [identityRow(trial)],
  }),
  adapter: kind({
    over: ({ ranks, rank, keeps, seed, adapterSeeds }) =>
      seedsOf({ seed, seeds: adapterSeeds })
        .map((seed) => ({ ranks: [...new Set([0, ...ranks, rank])], keeps, seed })),
    run: adapterRows,
  }),
  drift: kind({
    over: ({ sigmas, sigma, window, driftSteps, ...p }) =>
      [...new Set([...sigmas, sigma])].flatMap((value) =>
        grid({
          method: ["plain", "guarded"],
          dtype: DTYPES,
          sigma: [value],
          window: [window],
          steps: [driftSteps],
          seed: seedsOf(p),
        }).map((trial) => ({
          ...trial,
          traced: value === sigma && trial.dtype === "float32" && trial.seed === p.seed,
        }))
      ),
    run: driftRows,
  }),
  attention: kind({
    over: ({ windows, largest, attentionSteps, ...p }) =>
      grid({
        window: windows.filter((window) => window <= largest),
        dim: [64],
        steps: [attentionSteps],
        dtype: DTYPES,
        seed: seedsOf(p),
      }),
    run: attentionRows,
  }),
  counts: kind({
    over: ({ seed, windows }) => [{ seed, windows }],
    run: ({ seed, windows }) => [...countRows(seed), ...attentionCountRows(windows, 64)],
  }),
  failures: kind({
    over: (p) => grid({ window: [16], seed: seedsOf(p) }),
    run: ({ window, seed }) => [...residualRows(window, seed), ...secondLayerRows(seed)],
  }),
  positions: kind({ over: () => [{ window: 8 }], run: ({ window }) => positionRows(window) }),
  signal: kind({ over: ({ seed }) => [{ seed }], run: ({ seed }) => signalRows(seed) }),
}));
