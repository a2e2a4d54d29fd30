/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { baselineRows, borderRows, landscapeRows, scalingRows, startRows } from "./descents.ts";
import { endingRow, minimumRows, sliceRows } from "./minima.ts";
import { releaseRows } from "./release.ts";
import type { Layer, Row } from "./rows.ts";
import { boundRow, constantRow, existenceRows, floorRow, gradientRow, identityRow } from "./theorems.ts";

/** Layers of the landscape that differ in the number of filters only. */
export interface LayerGroup {
  C: number;
  k: number;
  S: number;
  /** Numbers of filters M. */
  filters: number[];
}

/** Parameters. */
export interface Params {
  /** Seed of everything random. */
  seed: number;
  /** Seeds of the landscape. */
  seeds: number;
  /** Layers of the landscape. */
  groups: LayerGroup[];
  /** Steps of a descent. */
  steps: number;
  /** Its learning rate; a tenth of it in the last third. */
  learningRate: number;
  /** Outputs per side of the images in the scaling. */
  sizes: number[];
  /** Kernels of the scaling. */
  scalingSeeds: number;
  /** Kernels under other borders. */
  borderSeeds: number;
  /** Shares of zero padding between circular (0) and zero padding (1). */
  blends: number[];
  /** Random kernels for the spectral bound, per shape. */
  kernels: number;
  /** Numbers of filters, 1 to this, of the map of existence. */
  mapFilters: number;
  /** Channels, 1 to this, of the map of existence. */
  mapChannels: number;
  /** Sizes of kernels of the map of existence. */
  mapKernels: number[];
  /** Descents of a single filter. */
  endings: number;
  /** Points per side of maps of a minimum. */
  points: number;
  /** Passes over the digits; 0 leaves them out. */
  epochs: number;
  /** Seeds of the digits. */
  digitSeeds: number;
  /** Weights of the regularizer for the digits. */
  lambdas: number[];
}

/** M around C S^2 and far from it, without 0 and repetitions. */
function around([C, k, S]: [number, number, number]): LayerGroup {
  const q = C * S * S;
  const filters = [Math.floor(q / 2), q - 1, q, q + 1, 2 * q].filter((M) => M > 0);
  return { C, k, S, filters: [...new Set(filters)] };
}

const SHAPES: [number, number, number][] = [
  [1, 3, 1],
  [2, 3, 1],
  [4, 3, 1],
  [1, 5, 2],
  [2, 5, 1],
  [1, 3, 2],
  [2, 3, 2],
];

const laptop: Params = {
  seed: 0,
  seeds: 8,
  groups: SHAPES.map(around),
  steps: 1500,
  learningRate: 0.01,
  sizes: [5, 8, 16, 32, 64, 128],
  scalingSeeds: 20,
  borderSeeds: 12,
  blends: [0, 0.25, 0.5, 0.75, 1],
  kernels: 150,
  mapFilters: 64,
  mapChannels: 8,
  mapKernels: [1, 3, 5, 7],
  endings: 100,
  points: 21,
  epochs: 12,
  digitSeeds: 3,
  lambdas: [0, 0.01, 0.1, 1, 10],
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    groups: [
      { C: 2, k: 3, S: 1, filters: [1, 2, 3, 4] },
      { C: 1, k: 3, S: 1, filters: [1] },
      { C: 4, k: 3, S: 1, filters: [4] },
      { C: 2, k: 5, S: 1, filters: [2] },
    ],
    steps: 600,
    sizes: [5, 8, 16, 32, 64],
    borderSeeds: 8,
    blends: [0, 0.5, 1],
    mapFilters: 20,
    mapChannels: 3,
    mapKernels: [1, 3, 5],
    endings: 25,
    points: 17,
    epochs: 0,
  },
  laptop,
  full: {
    ...laptop,
    seeds: 24,
    scalingSeeds: 200,
    borderSeeds: 40,
    kernels: 1000,
    endings: 300,
    epochs: 24,
    digitSeeds: 5,
  },
};

/** M, C, k, S of the checks of the theorems; N is the number of outputs per side. */
const CHECKED: (Layer & { N: number })[] = [
  { M: 3, C: 2, k: 3, S: 1, N: 6 },
  { M: 2, C: 3, k: 3, S: 1, N: 6 },
  { M: 4, C: 1, k: 3, S: 2, N: 4 },
  { M: 5, C: 1, k: 3, S: 2, N: 4 },
  { M: 3, C: 1, k: 3, S: 2, N: 4 },
  { M: 2, C: 2, k: 5, S: 1, N: 9 },
  { M: 6, C: 1, k: 5, S: 2, N: 5 },
];
/** An image so small that shifted filters meet around the border. */
const ALIASED = { M: 3, C: 2, k: 3, S: 1, N: 3 };
/** Layers whose spectral constant is tabulated. */
const TABULATED: Layer[] = [
  { M: 4, C: 2, k: 3, S: 1 },
  { M: 2, C: 3, k: 3, S: 1 },
  { M: 4, C: 1, k: 3, S: 2 },
  { M: 6, C: 1, k: 5, S: 2 },
];
/** Layers without an orthogonal kernel. */
const IMPOSSIBLE: Layer[] = [
  { M: 10, C: 1, k: 3, S: 4 },
  { M: 17, C: 1, k: 3, S: 4 },
  { M: 3, C: 1, k: 1, S: 2 },
  { M: 5, C: 1, k: 1, S: 2 },
];
/** The layer of the scaling, of the borders and of the baselines; and the square one of the other starts. */
const WIDE: Layer = { M: 4, C: 2, k: 3, S: 1 };
const SQUARE: Layer = { M: 2, C: 2, k: 3, S: 1 };
/** Filters of the layers with C = 2, k = 3, S = 1 whose ways are kept. */
const WITH_PATH = [2, 3];

export const { trials, run } = defineTrials<Params>()((kind) => ({
  digits: kind({
    over: ({ epochs, lambdas, seed, digitSeeds }) =>
      epochs === 0
        ? []
        : grid({ lambda: lambdas, seed: seedsOf({ seed, seeds: digitSeeds }), epochs: [epochs] }),
    run: async (trial, report): Promise<Row<"digits">[]> => {
      // tfjs is loaded where it is needed only.
      const { digitsRows } = await import("./digits.ts");
      return await digitsRows(trial, report);
    },
  }),
  landscape: kind({
    over: ({ groups, steps, learningRate, ...p }) =>
      groups.flatMap((group) => seedsOf(p).map((seed) => ({ ...group, steps, learningRate, seed }))),
    run: ({ C, k, S, filters, seed, ...descent }) =>
      filters.flatMap((M) =>
        landscapeRows({ M, C, k, S }, descent, seed, C === 2 && k === 3 && S === 1 && WITH_PATH.includes(M))
      ),
  }),
  start: kind({
    over: ({ steps, learningRate, ...p }) =>
      grid({ steps: [steps], learningRate: [learningRate], seed: seedsOf(p) }),
    run: ({ seed, ...descent }) => startRows(SQUARE, descent, seed),
  }),
  existence: kind({
    over: ({ mapFilters, mapChannels, mapKernels, seed }) =>
      grid({ k: mapKernels, S: [1, 2, 3, 4] }).map((sizes) => ({
        ...sizes,
        filters: mapFilters,
        channels: mapChannels,
        seed,
      })).reverse(),
    run: ({ channels, ...trial }) =>
      Array.from({ length: channels }, (_, c) => existenceRows({ ...trial, C: c + 1 })).flat(),
  }),
  floor: kind({
    over: ({ seed }) => grid({ seed: seedsOf({ seed, seeds: 3 }) }),
    run: ({ seed }) => IMPOSSIBLE.map((layer) => floorRow(layer, seed)),
  }),
  scaling: kind({
    over: ({ seed, scalingSeeds, sizes }) =>
      seedsOf({ seed, seeds: scalingSeeds }).map((seed) => ({ sizes, seed })),
    run: ({ sizes, seed }) => scalingRows(WIDE, sizes, seed),
  }),
  border: kind({
    over: ({ seed, borderSeeds, blends }) =>
      seedsOf({ seed, seeds: borderSeeds }).map((seed) => ({ blends, seed })),
    run: ({ blends, seed }) => borderRows(WIDE, blends, seed),
  }),
  baseline: kind({
    over: (p) => grid({ seed: seedsOf(p) }),
    run: ({ seed }) => baselineRows(WIDE, seed),
  }),
  release: kind({ over: (p) => grid({ seed: seedsOf(p) }), run: ({ seed }) => releaseRows(seed) }),
  identity: kind({
    over: ({ seed }) => grid({ seed: seedsOf({ seed, seeds: 3 }) }),
    run: ({ seed }) => [
      ...CHECKED.flatMap((layer) => [identityRow(layer, "sine", seed), identityRow(layer, "random", seed)]),
      identityRow(ALIASED, "sine", seed),
      identityRow(ALIASED, "random", seed),
      ...CHECKED.map(({ N: _, ...layer }) => gradientRow(layer, seed)),
    ],
  }),
  bound: kind({
    over: ({ seed, kernels }) => [{ seed, kernels }],
    run: ({ seed, kernels }) => [
      ...TABULATED.map(constantRow),
      ...CHECKED.map(({ N: _, ...layer }) => boundRow(layer, kernels, seed)),
    ],
  }),
  ending: kind({
    over: ({ seed, endings }) =>
      seedsOf({ seed, seeds: Math.ceil(endings / 25) }).map((seed) => ({ first: 25 * seed, count: 25 })),
    run: ({ first, count }) => Array.from({ length: count }, (_, i) => endingRow(first + i)),
  }),
  minima: kind({
    over: ({ seed, points }) => [{ seed, points }],
    run: ({ seed, points }) => [...minimumRows(points - 1, seed), ...sliceRows(points)],
  }),
}));
