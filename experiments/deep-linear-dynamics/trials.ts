/** What is run, kind by kind. */
import { defineTrials, grid, type Report, seedsOf } from "../../lib/experiment/mod.ts";
import {
  delays,
  depth,
  type Jacobians,
  jacobians,
  type Learning,
  learning,
  type Product,
  spectrum,
} from "./depth.ts";
import type { Row, Start } from "./rows.ts";
import { balancedStart, descent, flow } from "./small_networks.ts";
import { tree } from "./tree.ts";

/** Parameters. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Probability of a flip per branch of the tree of Figure 3. */
  flip: number;
  /** Effective strength of the random start there. */
  u0: number;
  /** Random starts of the linear network on the tree. */
  linearSeeds: number;
  /** Random starts of the tanh network on the tree. */
  tanhSeeds: number;
  /** Learning rates of plain descent. */
  rates: number[];
  /** Depths of the scalar recursion, layers of units. */
  depths: number[];
  /** Depths of whole networks, layers of units. */
  layers: number[];
  /** Units of their hidden layers. */
  width: number;
  /** Learning rates of whole networks, times their number of weight matrices. */
  factors: number[];
  /** Seeds of whole networks. */
  learningSeeds: number;
  /** Size of the random matrices of products and of Jacobians. */
  size: number;
  /** Products of random matrices per kind and length. */
  productDraws: number;
  /** Gains of tanh networks of 100 layers. */
  gains: number[];
  /** Mean squares of their first pre-activations. */
  q1: number[];
  /** Draws of them. */
  jacobianDraws: number;
}

const laptop: Params = {
  seed: 0,
  flip: 0.1,
  u0: 1e-6,
  linearSeeds: 20,
  tanhSeeds: 3,
  rates: [1e-2, 1e-3, 1e-4],
  depths: [3, 4, 5, 7, 10, 20, 50, 100],
  layers: [3, 5, 10, 20, 40],
  width: 32,
  factors: [0.1, 0.3, 1, 1.8],
  learningSeeds: 3,
  size: 100,
  productDraws: 5,
  gains: [0.9, 0.95, 1, 1.05, 1.1],
  q1: [0.2, 1, 4],
  jacobianDraws: 5,
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    linearSeeds: 2,
    tanhSeeds: 1,
    rates: [1e-2, 1e-3],
    layers: [3, 20, 40],
    factors: [1, 1.8],
    learningSeeds: 1,
    productDraws: 1,
    gains: [0.9, 1, 1.1],
    q1: [1],
    jacobianDraws: 2,
  },
  laptop,
  full: {
    ...laptop,
    linearSeeds: 100,
    tanhSeeds: 10,
    layers: [3, 5, 10, 20, 40, 80],
    width: 128,
    learningSeeds: 5,
    size: 1000,
  },
};

const STARTS: Start[] = ["gaussian", "orthogonal", "decoupled"];

export const { trials, run } = defineTrials<Params>()((kind) => ({
  tree: kind({
    over: ({ seed, linearSeeds, tanhSeeds, flip, u0 }) =>
      [{ model: "linear", seeds: linearSeeds } as const, { model: "tanh", seeds: tanhSeeds } as const]
        .flatMap(
          ({ model, seeds }) =>
            seedsOf({ seed, seeds }).map((at) => ({
              model,
              flip,
              u0,
              lossScale: 1,
              curves: at === seed,
              seed: at,
            })),
        ),
    run: tree,
  }),
  learning: kind({
    // The deepest first, and slow ones each on their own, so that two workers share them.
    over: ({ seed, learningSeeds, layers, width, factors }) =>
      grid({ start: STARTS, seed: seedsOf({ seed, seeds: learningSeeds }) }).flatMap((trial) => {
        const depths = layers.toReversed();
        const groups = trial.start === "gaussian" ? depths.map((depth) => [depth]) : [depths];
        return groups.map((layers) => ({ ...trial, layers, width, factors }));
      }),
    run: (
      { layers, ...network }: Omit<Learning, "layers"> & { layers: number[] },
      report: Report<Row<"learning">>,
    ) => {
      const rows: Row<"learning">[] = [];
      for (const depth of layers) {
        rows.push(learning({ ...network, layers: depth }));
        report(rows.length / layers.length, rows);
      }
      return rows;
    },
  }),
  small: kind({
    over: ({ seed, rates }) => [{ rates, lossScale: 1, sequential: false, seed }],
    run: ({ rates, lossScale, sequential, seed }): Row[] => [
      ...flow(3, seed, lossScale),
      ...flow(5, seed, lossScale),
      ...balancedStart(seed),
      ...rates.map((rate) => descent({ rate, seed, lossScale, sequential })),
    ],
  }),
  depth: kind({
    over: ({ seed, depths }) => [{ depths, seed }],
    run: ({ depths }): Row[] => [
      ...delays(),
      ...grid({ layers: depths, u0: [1e-3, 0.1] }).map(({ layers, u0 }) => depth(layers, u0)),
    ],
  }),
  products: kind({
    over: ({ seed, productDraws, size }) =>
      seedsOf({ seed, seeds: productDraws }).map((at) => ({ size, details: at === seed, seed: at })),
    run: (trial) =>
      grid({ start: ["gaussian", "orthogonal"], factors: [1, 5, 20, 99] })
        .map((product): ReturnType<typeof spectrum> => spectrum({ ...trial, ...product } as Product)),
  }),
  jacobians: kind({
    over: ({ seed, jacobianDraws, size, gains, q1 }) =>
      seedsOf({ seed, seeds: jacobianDraws }).map((at): Jacobians => ({ size, gains, q1, seed: at })),
    run: jacobians,
  }),
}));
