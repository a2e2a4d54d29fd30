/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { sizeRows, usageRows, widthRows } from "./counts.ts";
import type { Start } from "./rows.ts";
import { startRows } from "./starts.ts";

/** Parameters. */
export interface Params {
  /** First seed of everything random. */
  seed: number;
  seeds: number;
  /** Steps of the training of a hypernetwork. */
  steps: number;
  /** Number of columns of the factors. */
  rank: number;
  /** Largest outputs or inputs that the low-rank decoder can make, twice the largest width. */
  maxSize: number;
  /** What networks start from. */
  starts: Start[];
  /** Widths whose accuracy is measured before fine-tuning. */
  widths: number[];
  /** Width of the networks that are fine-tuned at every rate. */
  width: number;
  rates: number[];
  /** Orders of the data for fine-tuning. */
  orders: number;
  /** Steps of fine-tuning after which accuracy is measured. */
  at: number[];
}

const laptop: Params = {
  seed: 0,
  seeds: 3,
  steps: 600,
  rank: 16,
  maxSize: 512,
  starts: ["tiled", "LoGAH", "transposed", "random"],
  widths: [32, 64, 128, 256],
  width: 256,
  rates: [0.005, 0.02, 0.05, 0.1, 0.2],
  orders: 1,
  at: [0, 20, 50, 100, 200],
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    seeds: 1,
    steps: 10,
    starts: ["tiled" as const, "LoGAH" as const, "random" as const],
    widths: [64, 256],
    rates: [0.1],
    at: [0, 20, 200],
  },
  laptop,
  full: { ...laptop, steps: 1500, orders: 2 },
};

/** Beside the sweep over rates: a width of the training, at one rate. */
const NARROW = { width: 64, rate: 0.05 };

export const { trials, run } = defineTrials<Params>()((kind) => ({
  // First, since the key figure needs nothing else.
  counts: kind({ over: () => [{}], run: () => [...sizeRows(), ...widthRows()] }),
  start: kind({
    over: (p) => {
      const { steps, rank, maxSize, widths, at } = p;
      const orders = Array.from({ length: p.orders }, (_, order) => order);
      const isInSweep = p.width === NARROW.width && p.rates.includes(NARROW.rate);
      const points = [...p.rates.map((rate) => ({ width: p.width, rate })), ...(isInSweep ? [] : [NARROW])];
      const tunings = points.flatMap((point) => orders.map((order) => ({ ...point, order })));
      return grid({ start: p.starts, seed: seedsOf(p) })
        .map((point) => ({
          ...point,
          steps,
          rank,
          maxSize,
          widths,
          // The other layout is compared before fine-tuning.
          tunings: point.start === "transposed" ? [] : tunings,
          at,
        }));
    },
    run: startRows,
    label: ({ start, seed }) => `${start} start, seed ${seed}`,
  }),
  usage: kind({
    over: ({ seed }) =>
      [
        { rank: 32, shapes: [[1536, 384], [768, 768], [2048, 2048]], layout: "official", seed },
        { rank: 90, shapes: [[1536, 384]], layout: "official", seed },
      ] as Parameters<typeof usageRows>[0][],
    run: usageRows,
    label: ({ rank }) => `seeds of the decoder, rank ${rank}`,
  }),
}));
