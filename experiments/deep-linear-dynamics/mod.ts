/**
 * Exact solutions to the nonlinear dynamics of learning in deep linear neural networks (Saxe, McClelland &
 * Ganguli 2014): every mode learns along a known sigmoid, and with the right start depth costs only a finite
 * delay.
 *
 * @module
 */
import { legacy, type LegacyExperiment } from "../../lib/experiment/legacy.ts";
import { claims } from "./claims.ts";
import { delays, depth, type JacobianOptions, jacobians, learning, spectrum } from "./depth.ts";
import { figures } from "./figures.ts";
import type { Row, Start } from "./rows.ts";
import { balancedStart, descent, flow } from "./small_networks.ts";
import { tree, type TreeOptions } from "./tree.ts";

export type { Row } from "./rows.ts";

/** What can be turned. */
export interface Params {
  /** First seed. */
  seed: number;
  /** The task of Figure 3. */
  tree: TreeOptions;
  /** Random starts of the linear network on the tree. */
  linearSeeds: number;
  /** Random starts of the tanh network. */
  tanhSeeds: number;
  /** Learning rates of plain descent. */
  rates: number[];
  /** Factor before the gradient: 1 for the sum of squared errors; 1/P would be their mean, another law. */
  lossScale: number;
  /** Whether layers are updated one after the other, which is wrong, or at once. */
  sequential: boolean;
  /** Depths of the scalar recursion, layers of units. */
  depths: number[];
  /** Whole networks of many layers. */
  learning: { layers: number[]; width: number; factors: number[]; cap: number; seeds: number };
  /** Products of random matrices. */
  products: { size: number; factors: number[]; draws: number };
  /** Tanh networks of 100 layers. */
  jacobians: { size: number; gains: number[]; q1: number[]; draws: number };
}

/** One unit of work. */
export type Trial =
  & { seed: number }
  & (
    | ({ kind: "tree" } & Parameters<typeof tree>[0])
    | { kind: "small"; rates: number[]; lossScale: number; sequential: boolean }
    | { kind: "depth"; depths: number[] }
    | { kind: "learning"; runs: Parameters<typeof learning>[0][] }
    | { kind: "products"; runs: Parameters<typeof spectrum>[0][] }
    | ({ kind: "jacobians" } & JacobianOptions)
  );

const laptop: Params = {
  seed: 0,
  tree: { levels: 5, features: 1000, flip: 0.1, rate: 5e-4, u0: 1e-6, steps: 3000 },
  linearSeeds: 20,
  tanhSeeds: 3,
  rates: [1e-2, 1e-3, 1e-4],
  lossScale: 1,
  sequential: false,
  depths: [3, 4, 5, 7, 10, 20, 50, 100],
  learning: { layers: [3, 5, 10, 20, 40], width: 32, factors: [0.1, 0.3, 1, 1.8], cap: 400, seeds: 3 },
  products: { size: 100, factors: [1, 5, 20, 99], draws: 5 },
  jacobians: { size: 100, gains: [0.9, 0.95, 1, 1.05, 1.1], q1: [0.2, 1, 4], draws: 5 },
};

function trials(params: Params): Trial[] {
  const { seed, lossScale, sequential, rates, depths } = params;
  const out: Trial[] = [];
  const range = (count: number) => Array.from({ length: count }, (_, i) => seed + i);
  const { layers, width, factors, cap, seeds } = params.learning;
  for (const start of ["gaussian", "orthogonal", "decoupled"] as Start[]) {
    for (const at of range(seeds)) {
      const runs = [...layers].reverse().map((depth) => ({
        start,
        layers: depth,
        width,
        factors,
        cap,
        seed: at,
      }));
      // Slow ones each on their own, so that two workers share them.
      if (start === "gaussian") {
        for (const run of runs) out.push({ kind: "learning", seed: at, runs: [run] });
      } else out.push({ kind: "learning", seed: at, runs });
    }
  }
  for (const model of ["linear", "tanh"] as const) {
    for (const at of range(model === "linear" ? params.linearSeeds : params.tanhSeeds)) {
      out.push({ kind: "tree", ...params.tree, model, seed: at, curves: at === seed, lossScale });
    }
  }
  out.push({ kind: "small", seed, rates, lossScale, sequential }, { kind: "depth", seed, depths });
  for (const at of range(params.products.draws)) {
    const runs = (["gaussian", "orthogonal"] as const).flatMap((start) =>
      params.products.factors.map((factors) => ({
        start,
        size: params.products.size,
        factors,
        seed: at,
        details: at === seed,
      }))
    );
    out.push({ kind: "products", seed: at, runs });
  }
  const { draws, ...networks } = params.jacobians;
  for (const at of range(draws)) out.push({ kind: "jacobians", ...networks, seed: at });
  return out;
}

function run(trial: Trial, report: (fraction: number) => void): Row[] {
  const each = <Options, Result>(runs: Options[], work: (options: Options) => Result): Result[] =>
    runs.map((options, i) => {
      report(i / runs.length);
      return work(options);
    });
  switch (trial.kind) {
    case "tree":
      return tree(trial, report);
    case "small": {
      const { seed, rates, lossScale, sequential } = trial;
      return [
        ...flow(3, seed, lossScale),
        ...flow(5, seed, lossScale),
        ...balancedStart(seed),
        ...each(rates, (rate) => descent(rate, seed, lossScale, sequential)),
      ];
    }
    case "depth":
      return [
        ...delays(),
        ...each(trial.depths, (layers) => [1e-3, 0.1].map((u0) => depth(layers, u0))).flat(),
      ];
    case "learning":
      return each(trial.runs, learning);
    case "products":
      return each(trial.runs, spectrum);
    case "jacobians":
      return jacobians(trial);
  }
}

/** The experiment. */
export const old: LegacyExperiment<Params, Trial, Row> = {
  slug: "deep-linear-dynamics",
  title: "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
  paper: {
    authors: "Andrew M. Saxe, James L. McClelland, Surya Ganguli",
    year: 2014,
    arxiv: "1312.6120",
    figure: "Figure 3: the modes of a hierarchy are learned one by one, along the analytic curves",
  },
  notReproduced:
    "The MNIST networks of width 1000 (Figures 4 and 6A run on one mode and on a white task of width 32) and greedy " +
    "autoencoder pretraining, whose linear fixed point, orthogonal layers, is used in its place. What belongs to the " +
    "paper's appendices was derived anew.",
  presets: {
    quick: {
      ...laptop,
      linearSeeds: 2,
      tanhSeeds: 1,
      rates: [1e-2, 1e-3],
      learning: { ...laptop.learning, layers: [3, 20, 40], factors: [1, 1.8], seeds: 1 },
      products: { ...laptop.products, draws: 1 },
      jacobians: { ...laptop.jacobians, gains: [0.9, 1, 1.1], q1: [1], draws: 2 },
    },
    laptop,
    full: {
      ...laptop,
      linearSeeds: 100,
      tanhSeeds: 10,
      learning: { ...laptop.learning, layers: [3, 5, 10, 20, 40, 80], width: 128, seeds: 5 },
      products: { size: 1000, factors: [1, 5, 20, 99], draws: 5 },
      jacobians: { ...laptop.jacobians, size: 1000 },
    },
  },
  trials,
  run,
  figures,
  claims,
};

/** The experiment. */
export const experiment = legacy(old);
