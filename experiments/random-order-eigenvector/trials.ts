/** What is run, kind by kind. */
import { defineTrials, grid, type Report, seedsOf } from "../../lib/experiment/mod.ts";
import { runOja } from "./oja.ts";
import type { Row } from "./rows.ts";
import { digitStreams, inOrders, race, spiked, split, staircase } from "./streams.ts";

/** Parameters. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Seeds of the staircase. */
  seeds: number;
  /** Budgets of the staircase. */
  budgets: number[];
  /** Whether heavy rows are stored at all on the staircase; false is the ablation. */
  storeHeavy: boolean;
  /** Dimensions of the streams that Oja's rule meets. */
  dimensions: number[];
  /** Numbers of heavy rows there; the gap is one more. */
  heavies: number[];
  /** Random starts of Oja's rule. */
  starts: number;
  /** Gaps of the spiked streams. */
  gaps: number[];
  /** Seeds of the spiked streams. */
  spikedSeeds: number;
  /** Rows of a spiked stream. */
  rows: number;
  /** Length of a row there. */
  d: number;
}

const laptop: Params = {
  seed: 0,
  seeds: 10,
  budgets: [0, 1, 2, 4, 6, 7, 8, 16, 32],
  storeHeavy: true,
  dimensions: [256, 1024, 4096],
  heavies: [2, 3, 4, 5, 6, 7, 8],
  starts: 200,
  gaps: [4, 8, 16, 32, 64],
  spikedSeeds: 5,
  rows: 20000,
  d: 100,
};

/** Parameters per preset. */
export const presets = {
  quick: { ...laptop, seeds: 2, dimensions: [256, 1024], starts: 100, gaps: [4, 16, 64], spikedSeeds: 1 },
  laptop,
  full: { ...laptop, dimensions: [256, 1024, 4096, 16384], spikedSeeds: 20 },
};

/** How much of the spike is in how many heavy rows. */
const SPIKES = [{ share: 0, heavy: 0 }, { share: 0.5, heavy: 4 }, { share: 1, heavy: 8 }];

const spikedSeeds = ({ seed, spikedSeeds }: Params) => seedsOf({ seed, seeds: spikedSeeds });

export const { trials, run } = defineTrials<Params>()((kind) => ({
  staircase: kind({
    over: (p) => seedsOf(p).map((seed) => ({ budgets: p.budgets, storeHeavy: p.storeHeavy, seed })),
    run: staircase,
  }),
  oja: kind({
    over: ({ dimensions, heavies, starts, seed }) => dimensions.map((d) => ({ d, heavies, starts, seed })),
    run: runOja,
  }),
  spiked: kind({
    over: (p) =>
      spikedSeeds(p).flatMap((seed) =>
        SPIKES.map((spike) => ({ n: p.rows, d: p.d, gaps: p.gaps, ...spike, seed }))
      ),
    run: ({ gaps, ...stream }, report: Report<Row<"spiked">>) => {
      const rows: Row<"spiked">[] = [];
      for (const gap of gaps) {
        rows.push(...spiked({ ...stream, gap }));
        report(rows.length / (3 * gaps.length), rows);
      }
      return rows;
    },
  }),
  order: kind({
    over: (p) => spikedSeeds(p).map((seed) => ({ n: p.rows, d: p.d, gap: 16, seed })),
    run: inOrders,
  }),
  digits: kind({ over: (p) => grid({ seed: spikedSeeds(p) }), run: digitStreams }),
  race: kind({ over: (p) => spikedSeeds(p).map((seed) => ({ n: p.rows, seed })), run: race }),
  split: kind({ over: ({ seed }) => [{ matrices: 200, seed }], run: split }),
}));
