/** What is run, kind by kind. */
import { defineTrials, grid, seedsOf } from "../../lib/experiment/mod.ts";
import { learnedRows } from "./learned.ts";
import type { FieldKind, Surface } from "./rows.ts";
import {
  decompositionRows,
  gaugeRows,
  gridRows,
  likelihoodRows,
  pathRows,
  samplingRows,
  shearRows,
} from "./sampling.ts";
import { variabilityRows, windowRows } from "./variability.ts";

/** A network to train: so many seeds of it. */
export interface NetworkPlan {
  surface: Surface;
  dim: number;
  conservative: boolean[];
  width: number;
  steps: number;
  seeds: number;
}

/** Parameters. */
export interface Params {
  /** Seed of everything random. */
  seed: number;
  /** Seeds of the samples. */
  seeds: number;
  /** Samples of the mixture per run. */
  samples: number;
  /** Steps of Heun's method for the wrong fields and the pictures. */
  heunSteps: number;
  /** Steps of Heun's method for the gauge fields. */
  stepCounts: number[];
  /** Strength of the gauge that is shown beside 0 and 1. */
  omega: number;
  /** Strengths of the gauge on the sphere. */
  omegas: number[];
  /** Relative error of the conservative field that is wrong. */
  delta: number;
  /** Data for the singular values: which, and in how many coordinates. */
  surfaces: { surface: Surface; dim: number }[];
  /** Points of the finite sample; 0 leaves it out. */
  windowPoints: number;
  /** Learned scores. */
  networks: NetworkPlan[];
}

const small: NetworkPlan = {
  surface: "sphere",
  dim: 3,
  conservative: [false, true],
  width: 48,
  steps: 1500,
  seeds: 3,
};
const long: NetworkPlan = { ...small, conservative: [false], width: 96, steps: 8000, seeds: 1 };

const laptop: Params = {
  seed: 0,
  seeds: 3,
  samples: 2000,
  heunSteps: 256,
  stepCounts: [16, 32, 64, 128, 256, 512],
  omega: 5,
  omegas: [0, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20],
  delta: 0.2,
  surfaces: (["sphere", "Swiss roll"] as const).flatMap((surface) => [3, 5].map((dim) => ({ surface, dim }))),
  windowPoints: 1000,
  networks: [long, small],
};

/** Parameters per preset. */
export const presets = {
  quick: {
    ...laptop,
    seeds: 1,
    samples: 1000,
    stepCounts: [256],
    omegas: [0, 1, 5],
    surfaces: [3, 5].map((dim) => ({ surface: "sphere" as const, dim })),
    windowPoints: 0,
    networks: [],
  },
  laptop,
  full: {
    ...laptop,
    seeds: 10,
    windowPoints: 2000,
    networks: [
      { ...long, seeds: 3 },
      { ...small, seeds: 5 },
      { ...long, conservative: [false, true], dim: 5 },
      { ...long, conservative: [false, true], surface: "Swiss roll" as const },
    ],
  },
};

/** Strengths of the wrong fields. */
const ROTATIONS = [0.2, 1];

export const { trials, run } = defineTrials<Params>()((kind) => ({
  learned: kind({
    over: ({ networks, seed }) =>
      networks.flatMap(({ seeds, conservative, ...network }) =>
        grid({ conservative, seed: seedsOf({ seed, seeds }) }).map((point) => ({
          ...network,
          ...point,
          // Of one network of each kind: the basis is made for the sphere.
          split: network.surface === "sphere" && network.dim === 3 && point.seed === seed,
        }))
      ),
    run: learnedRows,
  }),
  variability: kind({
    over: ({ surfaces, omegas, omega }) =>
      surfaces.flatMap(({ surface, dim }) => {
        // The roll's score is a sum over thousands of nodes: fewer strengths, longer steps.
        const isRoll = surface === "Swiss roll";
        const strengths = isRoll || dim > 3 ? [0, omega] : [...omegas, omega];
        return [...new Set(strengths)].map((strength) => ({
          surface,
          dim,
          omega: strength,
          steps: isRoll ? 500 : strength > 5 ? 8000 : 4000,
        }));
      }),
    run: variabilityRows,
  }),
  window: kind({
    over: ({ windowPoints, seed }) => windowPoints === 0 ? [] : [{ points: windowPoints, starts: 8, seed }],
    run: windowRows,
  }),
  gaugeSampling: kind({
    over: ({ stepCounts, samples, omega, ...p }) =>
      grid({ strength: [...new Set([0, 1, omega])], seed: seedsOf(p) }).map((point) => ({
        field: "gauge" as FieldKind,
        ...point,
        steps: stepCounts,
        samples,
      })),
    run: samplingRows,
  }),
  wrongSampling: kind({
    over: ({ heunSteps, samples, delta, ...p }) =>
      seedsOf(p).flatMap((seed) =>
        [
          ...[...new Set([delta, -delta])].map((strength) => ({ field: "scaled" as FieldKind, strength })),
          ...ROTATIONS.map((strength) => ({ field: "rotation" as FieldKind, strength })),
        ].map((field) => ({ ...field, steps: [heunSteps], samples, seed }))
      ),
    run: samplingRows,
  }),
  gauge: kind({
    over: ({ omega, seed }) => [...new Set([1, omega])].map((strength) => ({ omega: strength, seed })),
    run: gaugeRows,
  }),
  paths: kind({
    over: ({ omega }) =>
      [...new Set([0, 2, 5, 10, omega])].map((strength) => ({ omega: strength, paths: 4 })),
    run: pathRows,
  }),
  likelihood: kind({
    over: ({ delta, omega }) => [
      ...[...new Set([0, 1, omega])].map((strength) => ({ field: "gauge" as const, strength })),
      { field: "scaled" as const, strength: delta },
    ],
    run: likelihoodRows,
  }),
  decomposition: kind({
    over: () => grid({ weight: ["weighted", "ordinary"] }),
    run: decompositionRows,
  }),
  grid: kind({ over: () => grid({ cells: [32, 64] }), run: gridRows }),
  shear: kind({ over: () => grid({ kappa: [1, 10] }), run: shearRows }),
}));
