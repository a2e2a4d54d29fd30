/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { drift, learnMode, limit, linearized, shallow, spread, trainFunction } from "./networks.ts";

/** Parameters. */
export interface Params {
  /** Seed of everything random. */
  seed: number;
  /** Layers of every network. */
  depth: number;
  /** Weight of the biases. */
  beta: number;
  /** Spread of the kernel at initialization. */
  spread: { widths: number[]; inits: number; angles: number };
  /** Change of the kernel by training. */
  drift: { widths: number[]; inits: number; erfInits: number; points: number; steps: number; angles: number };
  /** Trained functions against their Gaussian law. */
  functions: { widths: number[]; inits: number; steps: number; angles: number };
  /** Learning of single Fourier modes. */
  modes: { widths: number[]; inits: number; points: number; tracked: number[]; halfOnly: number[] };
  /** Exact finite-width law of depth 2. */
  shallow: { widths: number[]; draws: number };
}

const laptop: Params = {
  seed: 1,
  depth: 4,
  beta: 0.1,
  spread: { widths: [32, 64, 128, 256, 512], inits: 160, angles: 61 },
  drift: { widths: [64, 256, 500], inits: 10, erfInits: 4, points: 20, steps: 200, angles: 101 },
  functions: { widths: [50, 200], inits: 30, steps: 1000, angles: 61 },
  modes: { widths: [50, 100, 200], inits: 10, points: 32, tracked: [1, 2], halfOnly: [0, 3] },
  shallow: { widths: [50, 500], draws: 4000 },
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    spread: { widths: [64, 512], inits: 40, angles: 31 },
    drift: { widths: [32, 128], inits: 3, erfInits: 1, points: 20, steps: 200, angles: 31 },
    functions: { widths: [50], inits: 6, steps: 1000, angles: 31 },
    modes: { widths: [25, 100], inits: 3, points: 32, tracked: [1], halfOnly: [0, 2] },
    shallow: { widths: [50], draws: 3000 },
  },
  laptop,
  full: {
    ...laptop,
    spread: { widths: [32, 64, 128, 256, 512, 1024, 2048], inits: 40, angles: 101 },
    drift: { widths: [64, 256, 500, 2000], inits: 10, erfInits: 10, points: 20, steps: 200, angles: 101 },
    functions: { widths: [50, 200, 1000], inits: 20, steps: 1000, angles: 101 },
    modes: { widths: [50, 100, 200, 400, 1000], inits: 10, points: 64, tracked: [1, 2], halfOnly: [0, 3] },
  },
};

const count = (inits: number) => seedsOf({ seed: 0, seeds: inits });
const networkOf = ({ seed, depth, beta }: Params) => ({ seed, depth, beta });
/** Times at which trained functions are looked at. */
const timesOf = ({ functions }: Params) => [0, 10, 100, functions.steps];

// The longest trials first: wide networks before narrow ones.
export const { trials, run } = defineTrials<Params>()((kind) => ({
  limit: kind({
    over: (p) => [{
      ...networkOf(p),
      angles: p.drift.angles,
      bandAngles: p.functions.angles,
      times: timesOf(p),
      points: p.modes.points,
      modes: 8,
    }],
    run: limit,
  }),
  spread: kind({
    over: (p) =>
      p.spread.widths.toReversed().map((width) => ({
        ...networkOf(p),
        width,
        inits: p.spread.inits,
        angles: p.spread.angles,
      })),
    run: spread,
  }),
  drift: kind({
    over: (p) => {
      const { widths, inits, erfInits, points, steps, angles } = p.drift;
      const common = { ...networkOf(p), points, steps, angles };
      return widths.toReversed().flatMap((width) => [
        ...count(inits).map((init) => ({ ...common, width, init, activation: "relu" as const })),
        ...count(erfInits).map((init) => ({ ...common, width, init, activation: "erf" as const })),
      ]);
    },
    run: drift,
  }),
  function: kind({
    over: (p) =>
      grid({ width: p.functions.widths.toReversed(), init: count(p.functions.inits) })
        .map((trial) => ({ ...networkOf(p), ...trial, times: timesOf(p), angles: p.functions.angles })),
    run: trainFunction,
  }),
  mode: kind({
    over: (p) => {
      const { widths, inits, points, tracked, halfOnly } = p.modes;
      const common = { ...networkOf(p), points };
      return widths.toReversed().flatMap((width) => [
        ...grid({ init: count(inits), mode: tracked }).map((trial) => ({
          ...common,
          width,
          ...trial,
          span: 3,
        })),
        // Half times of further modes, in five of the widest networks.
        ...width < Math.max(...widths) ? [] : grid({ init: count(Math.min(5, inits)), mode: halfOnly })
          .map((trial) => ({ ...common, width, ...trial, span: 2 })),
      ]);
    },
    run: learnMode,
  }),
  linearized: kind({
    over: (p) => [{ ...networkOf(p), width: 50, points: 8, steps: 500 }],
    run: linearized,
  }),
  shallow: kind({
    over: (p) => p.shallow.widths.map((width) => ({ ...networkOf(p), width, draws: p.shallow.draws })),
    run: shallow,
  }),
}));
