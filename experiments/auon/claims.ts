/** What must be seen, as data: notes 7 numbers the criteria. */
import { sampleStandardDeviation } from "simple-statistics";
import {
  above,
  atLeast,
  atLeastSeeds,
  atMost,
  below,
  defineClaims,
  derived,
  distinct,
  fromFigure,
  fromTable,
  mean,
  near,
  type RowTable,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { fitPowerLaw } from "../../lib/statistics/mod.ts";
import { tuneLearningRates } from "../../lib/training/mod.ts";
import type { OptimizerName } from "./optimizers.ts";
import type { Row, Stage } from "./rows.ts";

export const claims = defineClaims<Row>((claim) => ({
  "brake-is-a-rate": claim({
    figure: "control",
    criterion: 4,
    headline: true,
    statement:
      "AuON is normalized SGD with a learning rate 0.012 % smaller: batch by batch it has the same loss, " +
      "while changing the rate by that 0.012 % moves the loss far more.",
    source: derived("3.5"),
    measure: ({ control }) => {
      const runs = control.filter(({ variant }) => variant === "paper");
      return {
        "difference of the batch losses, first 30 steps, every seed": runs.map(({ brake }) =>
          Math.max(...brake.slice(0, 30))
        ),
        "over 100 steps, share of what the rate makes": runs.map(shareOfTweak),
      };
    },
    expect: {
      "difference of the batch losses, first 30 steps, every seed": below(1e-5),
      "over 100 steps, share of what the rate makes": below(1e-3),
    },
    context: ({ control }) => {
      const runs = control.filter(({ variant }) => variant === "paper");
      return {
        "difference over 100 steps": runs.map(({ brake }) => Math.max(...brake)),
        "by the rate alone": runs.map(({ tweak }) => Math.max(...tweak)),
      };
    },
  }),
  "repo-is-sgd": claim({
    figure: null,
    statement: "AuON as its code defines it since 2026 is plain Nesterov SGD with a rate 0.027 % smaller.",
    source: derived("3.5"),
    measure: ({ control }) => ({
      "difference of the batch losses over 100 steps, share of what the rate makes": control
        .filter(({ variant }) => variant === "repo").map(shareOfTweak),
    }),
    expect: {
      "difference of the batch losses over 100 steps, share of what the rate makes": atMost(0.01),
    },
  }),
  bounds: claim({
    figure: "brake",
    criterion: 1,
    statement:
      "R, the root mean square of cosh, has no room: cosh(γ/√N) ≤ R ≤ √(1 + sinh²γ/N) for every matrix, " +
      "attained by flat and by one-hot ones.",
    source: theorem("Jensen's inequality and the corners of the simplex", { notes: "3.5" }),
    measure: ({ bounds }) => ({
      "matrices of all shapes": bounds.reduce((sum, { matrices }) => sum + matrices, 0),
      "least of (R − 1)/lower − 1": bounds.map(({ aboveLower }) => aboveLower - 1),
      "largest of (R − 1)/upper − 1": bounds.map(({ belowUpper }) => belowUpper - 1),
      "distance from the bounds of flat and one-hot matrices": bounds.map(({ tightness }) => tightness),
    }),
    expect: {
      "matrices of all shapes": atLeast(1000),
      "least of (R − 1)/lower − 1": atLeast(-1e-12),
      "largest of (R − 1)/upper − 1": atMost(1e-12),
      "distance from the bounds of flat and one-hot matrices": atMost(1e-14),
    },
  }),
  "no-emergency": claim({
    figure: "brake",
    statement:
      "There is no emergency in which it brakes: from flat matrices over momentum in training and Cauchy " +
      "entries to a single spike, the step changes by less than 0.005 %.",
    source: derived("3.5"),
    measure: ({ brake }) => {
      const large = brake.filter(({ n }) => n >= 4096);
      return {
        "kinds of matrices of at least 4096 entries": distinct(large, "entries").length,
        "least of (R − 1)/lower − 1": large.map(({ rmsMinus1, lower }) => rmsMinus1 / lower - 1),
        "largest of (R − 1)/upper − 1": large.map(({ rmsMinus1, upper }) => rmsMinus1 / upper - 1),
        "how much shorter than of a flat matrix": large.map(({ rmsMinus1, lower }) =>
          (rmsMinus1 - lower) / (1 + lower)
        ),
      };
    },
    expect: {
      "kinds of matrices of at least 4096 entries": atLeast(5),
      "least of (R − 1)/lower − 1": atLeast(-1e-9),
      "largest of (R − 1)/upper − 1": atMost(1e-9),
      "how much shorter than of a flat matrix": below(5e-5),
    },
  }),
  bfloat16: claim({
    figure: null,
    statement: "In bfloat16, in which the paper's script runs, R rounds to exactly 1.",
    source: derived("3.5"),
    measure: ({ brake }) => ({
      "R − 1 of momentum in training, at least 1024 entries": brake
        .filter(({ n, entries }) => n >= 1024 && entries === "training").map(({ rmsMinus1 }) => rmsMinus1),
    }),
    expect: { "R − 1 of momentum in training, at least 1024 entries": within(0, 2 ** -8) },
  }),
  direction: claim({
    figure: "key",
    criterion: 2,
    statement:
      "AuON does not recondition anything: its update is parallel to the momentum and has its condition " +
      "number; a spectral norm below 1 comes from the norm alone.",
    source: theorem("σᵢ(U) = σᵢ(G) / (‖G‖ R)", { notes: "3.5" }),
    measure: ({ identity }) => ({
      "1 − cosine of the angle to the momentum": identity.map(({ angle }) => angle),
      "relative change of the condition number": identity.map(({ condition }) => condition),
      "‖U‖₂": identity.map(({ spectralNorm }) => spectralNorm),
    }),
    expect: {
      "1 − cosine of the angle to the momentum": atMost(1e-12),
      "relative change of the condition number": atMost(1e-9),
      "‖U‖₂": below(1),
    },
  }),
  scale: claim({
    figure: null,
    criterion: 3,
    statement:
      "The paper's AuON forgets the scale of the gradient; the one of its code does not: its step grows " +
      "with it, as SGD's does.",
    source: theorem("Definitions of the two variants", { notes: "3.3" }),
    measure: ({ identity }) => ({
      "c from 1e-3 to 1e6, relative distance of AuON(cG) from AuON(G): paper": identity.map((
        { paperScale },
      ) => paperScale),
      "from c AuON(G): code": identity.map(({ repoScale }) => repoScale),
    }),
    expect: {
      "c from 1e-3 to 1e6, relative distance of AuON(cG) from AuON(G): paper": atMost(1e-6),
      "from c AuON(G): code": atMost(1e-6),
    },
  }),
  "figure-1": claim({
    figure: "key",
    statement:
      "Newton–Schulz moves all singular values near 1, one step goes part of the way, AuON only scales them.",
    source: fromFigure("Figure 1", { notes: "8" }),
    measure: ({ stage }) => ({
      "distance from the exact singular values: AuON": distances(stage, "AuON", EXACT_AUON),
      "Hybrid-AuON": distances(stage, "Hybrid-AuON", EXACT_HYBRID),
      "singular values after five steps": ofFixed(stage, "5").flat(),
    }),
    expect: {
      "distance from the exact singular values: AuON": below(1e-7),
      "Hybrid-AuON": below(1e-7),
      "singular values after five steps": within(0.6818314, 1.2023687),
    },
  }),
  "repo-hybrid-is-muon": claim({
    figure: null,
    criterion: 7,
    statement: "Hybrid-AuON as its code defines it is Muon, without the shape factor, times 0.9997.",
    source: theorem("Definition of the code's variant", { notes: "3.4" }),
    measure: ({ identity }) => {
      const own = identity.filter(({ hybrid }) => hybrid.n === 4096);
      return {
        "relative distance from Muon / R, 64 × 64": own.map(({ hybrid }) => hybrid.distance),
        "R − 1": own.map(({ hybrid }) => hybrid.rmsMinus1),
      };
    },
    expect: { "relative distance from Muon / R, 64 × 64": atMost(2e-8), "R − 1": within(0, 6e-4) },
  }),
  "linear-cost": claim({
    figure: "operations",
    criterion: 5,
    statement:
      "AuON's cost is linear in the number of entries, Newton–Schulz's is cubic in the rows; Hybrid-AuON " +
      "pays one of its five steps.",
    source: fromFigure("Figure 2, in counted operations", { notes: "6.2" }),
    decidedBy: ({ count }) => count.some(({ size }) => size === 256),
    measure: ({ count }) => ({
      "power of the rows, from 64 on: AuON": powerOfRows(count, "AuON"),
      "five steps": powerOfRows(count, "Newton–Schulz, 5 steps"),
      "five steps over Hybrid-AuON, 256 rows": operationsAt256(count, "Newton–Schulz, 5 steps") /
        operationsAt256(count, "Hybrid-AuON"),
      "relative distance of the counted result from the library's": count.map(({ distance }) => distance),
    }),
    expect: {
      "power of the rows, from 64 on: AuON": near(2, { absolute: 0.4 }),
      "five steps": near(2.8, { absolute: 0.4 }),
      "five steps over Hybrid-AuON, 256 rows": within(3.5, 5.5),
      "relative distance of the counted result from the library's": atMost(1e-7),
    },
  }),
  "rare-directions": claim({
    figure: "memory",
    statement:
      "Rare facts stay as rare for AuON as for normalized SGD; Muon learns them as fast as the others, " +
      "which is what orthogonalization is for.",
    source: derived("6.5"),
    measure: ({ memory }) => {
      const nsgd = tailOverMean(memory, "normalized SGD");
      const auon = tailOverMean(memory, "AuON");
      return {
        "loss of the rarest quarter over the mean, at mean loss 1.7: AuON": auon,
        "its distance from normalized SGD's": auon.map((ratio, i) => Math.abs(ratio - nsgd[i])),
        "Muon": tailOverMean(memory, "Muon"),
      };
    },
    expect: {
      "loss of the rarest quarter over the mean, at mean loss 1.7: AuON": above(2),
      "its distance from normalized SGD's": atMost(0.01),
      "Muon": within(0.9, 1.1),
    },
    context: ({ memory }) => ({ "Hybrid-AuON": tailOverMean(memory, "Hybrid-AuON") }),
  }),
  order: claim({
    figure: "losses",
    criterion: 6,
    statement:
      "At tuned rates Muon ends far below AuON and below Hybrid-AuON, and Hybrid-AuON not above AuON, as " +
      "in the paper's Table 1.",
    source: fromTable("Table 1, in order; digits, 100 steps", { notes: "6.3" }),
    decidedBy: ({ training }) => atLeastSeeds(training, 3),
    measure: ({ training }) => {
      const best = tuned(training);
      return {
        "mean final losses: Muon over Hybrid-AuON": best["Muon"].mean / best["Hybrid-AuON"].mean,
        "Muon over AuON": best["Muon"].mean / best["AuON"].mean,
        "Hybrid-AuON over AuON": best["Hybrid-AuON"].mean / best["AuON"].mean,
        "best rates at the edge of their grid": Object.values(best).filter(({ atEdge }) => atEdge).length,
      };
    },
    expect: {
      "mean final losses: Muon over Hybrid-AuON": below(1),
      "Muon over AuON": atMost(0.6),
      "Hybrid-AuON over AuON": atMost(1.2),
      "best rates at the edge of their grid": atMost(0),
    },
    context: ({ training }) =>
      Object.fromEntries(Object.entries(tuned(training)).map(([name, { mean }]) => [name, mean])),
  }),
  "nothing-gained": claim({
    figure: "losses",
    statement: "At tuned rates the brake gains nothing over normalized SGD that seeds could show.",
    source: derived("6.4"),
    decidedBy: ({ training }) => atLeastSeeds(training, 3),
    measure: ({ training }) => {
      const { difference, error } = gainOverDescent(training);
      return { "difference of the final losses, in standard errors of pairs": Math.abs(difference) / error };
    },
    expect: { "difference of the final losses, in standard errors of pairs": atMost(2) },
    context: ({ training }) => {
      const { difference, error } = gainOverDescent(training);
      return { "difference": difference, "standard error": error };
    },
  }),
  "gap-closed": claim({
    figure: "losses",
    statement: "One Newton–Schulz step closes the gap to Muon.",
    source: fromTable("Table 1: Hybrid-AuON 0.0422, Muon 0.0375, a ratio of 1.13", { notes: "5" }),
    decidedBy: ({ training }) => atLeastSeeds(training, 3),
    measure: ({ training }) => {
      const best = tuned(training);
      return { "mean final loss of Hybrid-AuON over Muon's": best["Hybrid-AuON"].mean / best["Muon"].mean };
    },
    expect: { "mean final loss of Hybrid-AuON over Muon's": atMost(1.13) },
    context: ({ training }) => {
      const best = tuned(training);
      return {
        "share of the way from AuON to Muon": (best["AuON"].mean - best["Hybrid-AuON"].mean) /
          (best["AuON"].mean - best["Muon"].mean),
      };
    },
  }),
}));

/** Of the fixed matrix, computed with 50 digits: notes 8. */
const EXACT_AUON = [0.697643054466, 0.536536276160, 0.355157697724, 0.194050919418];
const EXACT_HYBRID = [1.052758279444, 0.954918707912, 0.911473714473, 0.571117689144];

/** How far AuON's losses are from those of its double, over how far the 0.012 % of the rate moves them. */
function shareOfTweak({ brake, tweak }: Row<"control">): number {
  return Math.max(...brake) / Math.max(...tweak);
}

/** Singular values of the fixed matrix at a stage, one list per seed. */
function ofFixed(stages: readonly Row<"stage">[], stage: Stage): number[][] {
  return stages.filter((row) => row.matrix === "fixed" && row.stage === stage)
    .map(({ singularValues }) => singularValues);
}

function distances(stages: readonly Row<"stage">[], stage: Stage, exact: readonly number[]): number[] {
  return ofFixed(stages, stage).flatMap((values) => values.map((value, i) => Math.abs(value - exact[i])));
}

function powerOfRows(counts: readonly Row<"count">[], method: Row<"count">["method"]): number {
  const own = counts.filter((row) => row.method === method && row.size >= 64);
  return fitPowerLaw(own.map(({ size }) => size), own.map(({ operations }) => operations)).slope;
}

function operationsAt256(counts: readonly Row<"count">[], method: Row<"count">["method"]): number {
  return counts.find((row) => row.method === method && row.size === 256)!.operations;
}

/** Loss of the rarest quarter over the mean at the end of every run. */
function tailOverMean(memory: RowTable<Row>["memory"], name: OptimizerName): number[] {
  return memory.filter(({ optimizer }) => optimizer === name)
    .map(({ mean, tail }) => tail[tail.length - 1] / mean[mean.length - 1]);
}

type Tuned = ReturnType<typeof tuneLearningRates>[number];

/** Every optimizer at its best rate. */
function tuned(training: RowTable<Row>["training"]): Record<OptimizerName, Tuned> {
  const list = tuneLearningRates(training);
  return Object.fromEntries(list.map((one) => [one.optimizer, one])) as Record<OptimizerName, Tuned>;
}

/**
 * Mean difference of AuON's final losses from those of normalized SGD, paired by seed, and its standard
 * error.
 */
function gainOverDescent(training: RowTable<Row>["training"]): { difference: number; error: number } {
  const best = tuned(training);
  const pairs = best["AuON"].losses.map((loss, i) => loss - best["normalized SGD"].losses[i]);
  return { difference: mean(pairs), error: sampleStandardDeviation(pairs) / Math.sqrt(pairs.length) };
}
