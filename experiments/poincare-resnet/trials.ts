/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { boundaryRows, depthRows, diskRows, releasedRows } from "./depth.ts";
import { graphRows } from "./graph.ts";
import { meansRow, normalizationRows } from "./means.ts";
import { resnetRows } from "./resnet.ts";
import type { NetworkStart, Norm, Row } from "./rows.ts";
import { trainingRows } from "./training.ts";

/** Parameters. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Seeds of the stacks of layers. */
  depthSeeds: number;
  /** Seeds of the samples, and of the trained networks. */
  seeds: number;
  /** Layers of the stacks. */
  depth: number;
  /** Vectors that go through them. */
  directions: number;
  /** Curvature -c of the networks, and of the stacks in the key figure. */
  c: number;
  /** Tangent norm ρ of the vectors in the key figure. */
  rho: number;
  /** Learning rate of Adam. */
  learningRate: number;
  /** Epochs of networks of up to 8 layers; deeper ones have about half as many. */
  epochs: number;
  /** Which networks are trained. */
  networks: { layers: number; init: NetworkStart; norm: Norm }[];
  /** Epochs of the ResNets; 0 leaves them out. */
  resnetEpochs: number;
}

const STARTS: NetworkStart[] = ["identity", "hnn++"];
const networks: Params["networks"] = [
  // The slowest first.
  { layers: 8, init: "hnn++", norm: "frechet" },
  { layers: 8, init: "identity", norm: "frechet" },
  ...grid({ layers: [16, 8, 2], init: STARTS, norm: ["none"] }) as Params["networks"],
  ...grid({ layers: [8], init: STARTS, norm: ["midpoint"] }) as Params["networks"],
  { layers: 16, init: "orthogonal", norm: "none" },
];

const laptop: Params = {
  seed: 0,
  depthSeeds: 8,
  seeds: 3,
  depth: 20,
  directions: 256,
  c: 0.1,
  rho: 2,
  learningRate: 3e-3,
  epochs: 15,
  networks,
  resnetEpochs: 5,
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    depthSeeds: 3,
    seeds: 1,
    directions: 48,
    epochs: 5,
    networks: grid({ layers: [8], init: STARTS, norm: ["none"] }) as Params["networks"],
    resnetEpochs: 0,
  },
  laptop,
  full: { ...laptop, depthSeeds: 24, seeds: 8, resnetEpochs: 10 },
};

/** Curvatures and norms of the claims; the key figure's are added to them. */
export const CURVATURES: readonly number[] = [0.1, 1];
/** See {@linkcode CURVATURES}. */
export const RHOS: readonly number[] = [0.5, 2];
/** The values, with the one of the key figure at the end. */
function withLast(values: readonly number[], last: number): number[] {
  return [...values.filter((value) => value !== last), last];
}

const SIGMAS = [0.1, 0.5, 1, 2];

export const { trials, run } = defineTrials<Params>()((kind) => ({
  training: kind({
    over: (p) =>
      seedsOf(p).flatMap((seed) =>
        p.networks.map((network) => ({
          ...network,
          c: p.c,
          learningRate: p.learningRate,
          // The deepest networks are trained for half as long, the normalized ones need less.
          epochs: network.layers > 8
            ? Math.ceil(p.epochs * 8 / 15)
            : network.norm === "none"
            ? p.epochs
            : Math.ceil(p.epochs / 3),
          seed,
        }))
      ),
    run: trainingRows,
  }),
  resnet: kind({
    over: (p) =>
      p.resnetEpochs === 0 ? [] : grid({
        network: ["Poincaré", "Euclidean"],
        c: [p.c],
        epochs: [p.resnetEpochs],
        images: [1400],
        seed: seedsOf(p),
      }),
    run: resnetRows,
  }),
  depth: kind({
    over: (p) =>
      grid({ d: [64, 16], seed: seedsOf({ seed: p.seed, seeds: p.depthSeeds }) }).map((trial) => ({
        ...trial,
        curvatures: withLast(CURVATURES, p.c),
        rhos: withLast(RHOS, p.rho),
        layers: p.depth,
        directions: p.directions,
      })),
    run: depthRows,
  }),
  exact: kind({
    over: (p) => [{
      seed: p.seed,
      curvatures: withLast(CURVATURES, p.c),
      rhos: withLast(RHOS, p.rho),
      layers: p.depth,
    }],
    run: ({ seed, ...trial }): Row[] => [...releasedRows(trial), ...boundaryRows(), ...diskRows(seed)],
  }),
  means: kind({
    over: (p) => grid({ n: [4096], d: [16], c: CURVATURES, sigma: SIGMAS, seed: seedsOf(p) }),
    run: (sample) => [meansRow(sample)],
  }),
  normalization: kind({
    over: (p) => grid({ seed: seedsOf(p) }),
    run: ({ seed }) => normalizationRows(seed),
  }),
  graph: kind({ over: ({ c, seed }) => [{ c, seed }], run: graphRows }),
}));
