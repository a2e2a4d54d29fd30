/** What must be seen, as data: notes 7 numbers the criteria. */
import { median } from "simple-statistics";
import {
  above,
  atLeast,
  atLeastSeeds,
  below,
  defineClaims,
  derived,
  distinct,
  mean,
  near,
  type RowTable,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { nearestMeanError } from "../../lib/latent_variables/mod.ts";
import { fitPowerLaw } from "../../lib/statistics/mod.ts";
import type { Method, Row } from "./rows.ts";

const LARGE = 1_000_000;

export const claims = defineClaims<Row>((claim) => ({
  "labels-pay-for-the-head": claim({
    figure: "targets",
    criterion: 1,
    headline: true,
    statement:
      "With a hundred targets and many unlabeled inputs, pretraining has a thirtieth of the excess risk of " +
      "least squares on the inputs, as the exact formulas say.",
    source: theorem("the bound for factor models with linear regression, section 4", { notes: "3.3" }),
    measure: ({ mean: rows }) => {
      const ols = meanOf(rows, "ols", 100);
      const pretrained = meanOf(rows, "pretrained", 100, LARGE);
      return {
        "least squares over its formula": ols.map(overFormula),
        "pretrained over its formula": pretrained.map(overFormula),
        "least squares over pretrained": ols.map((row, i) => row.mean / pretrained[i].mean),
      };
    },
    expect: {
      "least squares over its formula": near(1, { absolute: 0.08 }),
      "pretrained over its formula": near(1, { absolute: 0.2 }),
      "least squares over pretrained": atLeast(29),
    },
  }),
  supervised: claim({
    figure: "targets",
    criterion: 2,
    statement: "The excess risk of least squares with d unknowns is τ² d/(n - d - 1).",
    source: derived("3.3"),
    measure: ({ mean: rows }) => ({
      "mean over the formula, n = 200, 500, 1000": [200, 500, 1000].flatMap((n) =>
        meanOf(rows, "ols", n).map(overFormula)
      ),
    }),
    expect: { "mean over the formula, n = 200, 500, 1000": near(1, { absolute: 0.05 }) },
  }),
  unlabeled: claim({
    figure: "unlabeled",
    criterion: 3,
    statement:
      "With infinitely many targets the risk falls as 1/m, twice as fast on logarithmic axes as the bound.",
    source: derived("3.3"),
    measure: ({ subspace }) => {
      const rows = subspace.filter(({ sampled }) => sampled === "Wishart");
      return {
        "mean over the formula, m = 1000, 5000, 100 000": rows
          .filter(({ m }) => m === 1000 || m === 5000 || m === 100_000)
          .map(overFormula),
        "slope in m, from m = 500 to a million": distinct(rows, "seed").map((seed) =>
          slope(rows.filter((row) => row.seed === seed))
        ),
      };
    },
    expect: {
      "mean over the formula, m = 1000, 5000, 100 000": near(1, { absolute: 0.06 }),
      "slope in m, from m = 500 to a million": within(-1.03, -0.97),
    },
  }),
  combined: claim({
    figure: "targets",
    criterion: 4,
    statement: "Both phases together cost what the sum of their formulas says.",
    source: derived("3.3"),
    measure: ({ mean: rows }) => ({
      "mean over the formula, (m, n) = (500, 30), (5000, 30), (5000, 1000)": [
        ...meanOf(rows, "pretrained", 30, 500),
        ...meanOf(rows, "pretrained", 30, 5000),
        ...meanOf(rows, "pretrained", 1000, 5000),
      ].map(overFormula),
    }),
    expect: {
      "mean over the formula, (m, n) = (500, 30), (5000, 30), (5000, 1000)": near(1, { absolute: 0.2 }),
    },
  }),
  structure: claim({
    figure: "targets",
    criterion: 5,
    statement:
      "Most of the gain is the structure of the inputs: principal components of the labeled inputs alone are " +
      "nearly as good as pretraining on as many fresh ones.",
    source: derived("3.3"),
    measure: ({ mean: rows }) => {
      const ratio = (n: number, above: Method, m: number | null, below: Method, other: number | null) => {
        const denominators = meanOf(rows, below, n, other);
        return meanOf(rows, above, n, m).map((row, i) => row.mean / denominators[i].mean);
      };
      return {
        "components over pretraining with m = n = 100, 200": [
          ...ratio(100, "pcr", null, "pretrained", 100),
          ...ratio(200, "pcr", null, "pretrained", 200),
        ],
        "least squares over both at n = 200": [
          ...ratio(200, "ols", null, "pcr", null),
          ...ratio(200, "ols", null, "pretrained", 200),
        ],
      };
    },
    expect: {
      "components over pretraining with m = n = 100, 200": within(0.95, 1.4),
      "least squares over both at n = 200": atLeast(5),
    },
  }),
  invariance: claim({
    figure: null,
    criterion: 6,
    statement:
      "A rotation of the factors, or any invertible map of them, does not change the predictor: the head " +
      "undoes it.",
    source: theorem("Assumption 3.2, the transformation of the model", { notes: "3.1" }),
    measure: ({ invariance }) => ({ "relative change": invariance.map(({ change }) => change) }),
    expect: { "relative change": below(1e-10) },
  }),
  "phase-transition": claim({
    figure: "transition",
    criterion: 7,
    statement:
      "With d/m inputs' entries per input fixed, the direction of a factor is found above a strength of √(d/m) " +
      "and lost below.",
    source: derived("3.3"),
    decidedBy: ({ spike }) => spike.filter(({ d }) => d === 400).every(({ replicates }) => replicates >= 24),
    measure: ({ spike }) => {
      const at = (s: number, gamma: number) =>
        spike.filter((row) => row.d === 400 && row.s === s && row.gamma === gamma).map(({ cosine2 }) =>
          cosine2
        );
      return {
        "cos² at s = 1, d/m = 1/4": at(1, 0.25),
        "cos² at s = 2, d/m = 1": at(2, 1),
        "cos² at s = 1/2, d/m = 0.3": at(0.5, 0.3),
      };
    },
    expect: {
      "cos² at s = 1, d/m = 1/4": near(0.6, { absolute: 0.04 }),
      "cos² at s = 2, d/m = 1": near(0.5, { absolute: 0.04 }),
      "cos² at s = 1/2, d/m = 0.3": below(0.12),
    },
  }),
  clusters: claim({
    figure: "clusters",
    criterion: 8,
    statement:
      "Clusters found without labels need a label each: 32 labels give a classifier that neighbours and a " +
      "mixture of the labeled inputs do not come near.",
    source: theorem("Theorem 5.3", { notes: "3.4" }),
    decidedBy: ({ mixture }) => distinct(mixture, "seed").length >= 6,
    measure: ({ mixture }) => ({
      "mean error of the pretrained classifier, n = 32": mean(errorsOf(mixture, "pretrained", 32)),
      "mean error of the nearest neighbour": mean(errorsOf(mixture, "1-NN", 32)),
      "mean error of a mixture of the labeled inputs": mean(errorsOf(mixture, "EM on the labeled", 32)),
      "median error at n = 128 minus that of the true means": median(errorsOf(mixture, "pretrained", 128)) -
        LIMIT,
    }),
    expect: {
      "mean error of the pretrained classifier, n = 32": within(0.004, 0.016),
      "mean error of the nearest neighbour": atLeast(0.08),
      "mean error of a mixture of the labeled inputs": atLeast(0.12),
      "median error at n = 128 minus that of the true means": near(0, { absolute: 0.001 }),
    },
    context: ({ clusters }) => ({
      "means that a fit missed": clusters.reduce((sum, { missed }) => sum + missed, 0),
    }),
  }),
  "never-worse": claim({
    figure: "trade",
    criterion: 9,
    statement: "From 2000 unlabeled inputs and 70 targets on, pretraining beats least squares everywhere.",
    source: derived("7"),
    measure: ({ risk }) => ({
      "pretrained over least squares": risk
        .filter(({ method, m, n }) => method === "pretrained" && m! >= 2000 && n >= 70)
        .map((row) =>
          row.mean /
          risk.find(({ method, n, seed }) => method === "ols" && n === row.n && seed === row.seed)!.mean
        ),
    }),
    expect: { "pretrained over least squares": below(1) },
  }),
  assumption: claim({
    figure: "assumption",
    statement:
      "A target that also depends on the noise of the input leaves pretraining with a risk that no number of " +
      "targets removes, and least squares wins.",
    source: theorem("the target depends on the latent variable only, section 3", { notes: "11" }),
    measure: ({ "noise target": rows }) => {
      const last = rows.filter(({ n }) => n === Math.max(...rows.map((row) => row.n)));
      return {
        "pretrained minus the floor, most targets": last
          .filter(({ method }) => method === "pretrained")
          .map(({ mean, floor }) => mean - floor),
        "least squares over the floor": last
          .filter(({ method }) => method === "ols")
          .map(({ mean, floor }) => mean / floor),
      };
    },
    expect: {
      "pretrained minus the floor, most targets": within(0, 0.02),
      "least squares over the floor": below(0.5),
    },
  }),
  shortcut: claim({
    figure: null,
    statement: "Inputs and Wishart matrices give the same risks at m = 5000.",
    source: derived("6"),
    measure: ({ subspace }) => ({
      "difference in standard errors": distinct(subspace, "seed").map((seed) => {
        const [a, b] = (["inputs", "Wishart"] as const).map((sampled) =>
          subspace.find((row) => row.m === 5000 && row.seed === seed && row.sampled === sampled)!
        );
        return (a.mean - b.mean) / Math.hypot(a.standardError, b.standardError);
      }),
    }),
    expect: { "difference in standard errors": within(-4, 4) },
  }),
  ridge: claim({
    figure: "targets",
    statement:
      "Ridge regression, the fair supervised competitor, is far behind pretraining at 100 targets, too.",
    source: derived("4"),
    decidedBy: ({ risk }) => atLeastSeeds(risk, 1),
    measure: ({ risk }) => ({
      "ridge over pretrained on the most inputs, n = 100": risk
        .filter(({ method, n }) => method === "ridge" && n === 100)
        .map((row) => {
          const others = risk.filter(({ method, n, seed }) =>
            method === "pretrained" && n === 100 && seed === row.seed
          );
          return row.mean / others.reduce((a, b) => a.m! > b.m! ? a : b).mean;
        }),
    }),
    expect: { "ridge over pretrained on the most inputs, n = 100": above(4) },
  }),
}));

/** Errors with the true means: of 4 labels among the 7 other clusters a mistake is one. */
const LIMIT = 4 / 7 * nearestMeanError(8, 4.5);

function meanOf(
  rows: readonly Row<"mean">[],
  method: Method,
  n: number,
  m: number | null = null,
): Row<"mean">[] {
  return rows.filter((row) => row.method === method && row.n === n && row.m === m);
}

function overFormula(row: Row<"mean"> | Row<"subspace">): number {
  return row.mean / row.expected!;
}

function slope(rows: readonly Row<"subspace">[]): number {
  return fitPowerLaw(rows.map(({ m }) => m), rows.map(({ mean }) => mean)).slope;
}

function errorsOf(rows: RowTable<Row>["mixture"], of: Row<"mixture">["method"], size: number): number[] {
  return rows.filter(({ method, n }) => method === of && n === size).map(({ error }) => error);
}
