/**
 * SVD-free low-rank adaptive gradient optimization (Modoranu et al. 2025): a fixed cosine basis, of which
 * each step takes the few columns that fit the gradient best, in place of singular vectors.
 *
 * @module
 */
import { legacy, type LegacyExperiment } from "../../lib/experiment/legacy.ts";
import { claims } from "./claims.ts";
import { figures } from "./figures.ts";
import { ADAM_METHODS, MUON_METHODS } from "./methods.ts";
import type { Method, Row } from "./rows.ts";
import { runTrial, type Trial } from "./run.ts";

export type {
  BoostRow,
  GradientRow,
  Method,
  MomentumRow,
  ProjectionRow,
  Row,
  TrainingRow,
  UsageRow,
} from "./rows.ts";
export type { Trial } from "./run.ts";

/** What can be turned. */
export interface Params {
  /** First seed. */
  seed: number;
  /** Seeds of the projections of synthetic matrices. */
  seeds: number;
  /** Seeds of the training runs and of their gradients. */
  trainingSeeds: number;
  /** Ranks at which synthetic matrices are projected; at most 64. */
  ranks: number[];
  /** Steps of a training run. */
  steps: number;
  /** Learning rates of Adam and its projections. */
  adamRates: number[];
  /** Learning rates of Muon, Dion and Trion. */
  muonRates: number[];
  /** Whether all methods are trained, or only the six that the paper compares. */
  allMethods: boolean;
  /** Steps of the run on noise that shows the first steps of fresh columns. */
  boostSteps: number;
}

const laptop: Params = {
  seed: 0,
  seeds: 5,
  trainingSeeds: 3,
  ranks: [1, 2, 4, 8, 12, 16, 24, 32, 48],
  steps: 150,
  adamRates: [0.03, 0.06, 0.12, 0.25, 0.5],
  muonRates: [0.02, 0.04, 0.08, 0.16, 0.32, 0.64],
  allMethods: true,
  boostSteps: 5000,
};

/** The experiment. */
export const old: LegacyExperiment<Params, Trial, Row> = {
  slug: "svd-free-dct",
  title: "SVD-Free Low-Rank Adaptive Gradient Optimization for Large Language Models",
  paper: {
    authors: "Ionut-Vlad Modoranu, Mher Safaryan, Erik Schultheis, Dan Alistarh",
    year: 2025,
    arxiv: "2505.17967",
    figure: "Projection error of selected DCT columns against the SVD, over ranks",
  },
  notReproduced:
    "Perplexities and memory of language models with 350 million to 1.3 billion parameters. The ordering of Trion and Dion is not the paper's at this scale.",
  presets: {
    quick: {
      ...laptop,
      trainingSeeds: 1,
      steps: 40,
      adamRates: [0.06, 0.12],
      muonRates: [0.08, 0.16],
      allMethods: false,
      boostSteps: 1000,
    },
    laptop,
    full: { ...laptop, seeds: 20, trainingSeeds: 10 },
  },
  trials,
  run: runTrial,
  figures,
  claims,
};

function trials(params: Params): Trial[] {
  const { seed: first, seeds, trainingSeeds, ranks, steps, adamRates, muonRates, allMethods, boostSteps } =
    params;
  const from = (count: number) => Array.from({ length: count }, (_, i) => first + i);
  // The few are DCT, SVD and random basis with feedback; Muon, and Dion and Trion at rank 8.
  const trained = (methods: Method[], few: Method[], rates: number[]) =>
    (allMethods ? methods : few).flatMap((method) =>
      from(trainingSeeds).map((seed): Trial => ({ part: "training", method, rates, steps, seed }))
    );
  const [, ranked] = ADAM_METHODS;
  const usage = (selection: string, method: Method): Trial => ({
    part: "usage",
    selection,
    method,
    rate: 0.12,
    steps,
    seed: first,
  });
  return [
    ...from(seeds).flatMap((seed) =>
      (["ar1", "permuted", "gaussian"] as const).map((data): Trial => ({
        part: "projection",
        data,
        ranks,
        seed,
      }))
    ),
    ...from(trainingSeeds).map((seed): Trial => ({ part: "gradients", rank: 8, seed })),
    ...trained(ADAM_METHODS, ADAM_METHODS.slice(1, 4), adamRates),
    ...trained(MUON_METHODS, MUON_METHODS.slice(0, 3), muonRates),
    ...MUON_METHODS.filter(({ rank, kind }) => rank === 8 && kind !== "muon").flatMap((method) =>
      from(trainingSeeds).map((seed): Trial => ({
        part: "momentum",
        method,
        rate: method.kind === "dion" ? 0.08 : 0.32,
        steps,
        seed,
      }))
    ),
    usage("with error feedback", ranked),
    usage("without", { ...ranked, errorFeedback: false }),
    ...(["step", "age"] as const).map((correction): Trial => ({
      part: "boost",
      correction,
      steps: boostSteps,
      seed: first,
    })),
  ];
}

/** The experiment. */
export const experiment = legacy(old);
