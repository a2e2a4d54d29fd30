/** What must be seen, as data: notes 7 numbers the criteria. */
import {
  above,
  atMost,
  below,
  defineClaims,
  derived,
  distinct,
  equation,
  fromTable,
  near,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { type Row, runsOf, STEP_SIZE, TOLERANCE } from "./rows.ts";

const RANK = 3;

export const claims = defineClaims<Row>((claim) => ({
  sublinear: claim({
    figure: "sublinear",
    criterion: 1,
    headline: true,
    statement:
      "With more columns than the target's rank, symmetric gradient descent converges only like 1/t, with " +
      "the constant √(k−r)/2η whatever the start.",
    source: theorem("Theorem 1.1", { notes: "3.5" }),
    measure: ({ run }) => {
      const wide = runsOf(run, "symmetric").filter(({ k }) => k > RANK);
      return {
        "power of t": wide.map(({ power }) => power ?? NaN),
        "2ηtE/√(k−r)": wide.map(({ lastError, lastStep, k }) =>
          2 * STEP_SIZE * lastStep * lastError / Math.sqrt(k - RANK)
        ),
      };
    },
    expect: { "power of t": within(-1.02, -0.97), "2ηtE/√(k−r)": within(0.99, 1) },
  }),
  "exact-rank": claim({
    figure: "key",
    criterion: 2,
    statement:
      "With exactly as many columns as the rank, symmetric gradient descent is linear, with factor 1 − ησᵣ.",
    source: fromTable("Table 1, exact rank", { notes: "4" }),
    measure: ({ run }) => {
      const exact = runsOf(run, "symmetric").filter(({ k }) => k === RANK);
      return {
        "rate": exact.map(({ rate }) => rate ?? NaN),
        "step at which the error is below 1e-12": exact.map(({ below }) => below["1e-12"] ?? Infinity),
      };
    },
    expect: {
      "rate": near(Math.log(1 - STEP_SIZE), { absolute: 1e-5 }),
      "step at which the error is below 1e-12": atMost(350),
    },
  }),
  "imbalance-rate": claim({
    figure: "rates",
    criterion: 3,
    statement:
      "An imbalanced asymmetric start makes it linear again, at the rate of the imbalance on the silent " +
      "columns, which is known before the run.",
    source: theorem("Theorem 1.3", { notes: "3.5" }),
    measure: ({ run }) => {
      const over = (scales: (alpha: number) => boolean) =>
        runsOf(run, "asymmetric").filter(({ alpha }) => scales(alpha)).map(overPredicted);
      return {
        "measured over predicted rate, α ≤ 0.5": over((alpha) => alpha > 0.01 && alpha <= 0.5),
        "α = 0.7": over((alpha) => alpha === 0.7),
      };
    },
    expect: { "measured over predicted rate, α ≤ 0.5": within(0.97, 1.05), "α = 0.7": within(0.95, 1.25) },
  }),
  "imbalance-rate-large": claim({
    figure: "rates",
    criterion: 3,
    statement: "The same prediction still serves for a start as large as the target.",
    source: derived("3.5"),
    measure: ({ run }) => ({
      "measured over predicted rate, α = 1": runsOf(run, "asymmetric").filter(({ alpha }) => alpha === 1)
        .map(overPredicted),
    }),
    expect: { "measured over predicted rate, α = 1": within(0.95, 1.25) },
  }),
  "linearized-rate": claim({
    figure: "rates",
    statement:
      "At every scale the rate is that of the slowest mode of the linearization at the limit, silent or not.",
    source: derived("3.5"),
    measure: ({ run }) => ({
      "measured over predicted rate, α = 0.5, 0.7, 1": runsOf(run, "asymmetric")
        .flatMap(({ rate, linearized }) => linearized === null ? [] : [(rate ?? NaN) / linearized]),
    }),
    expect: { "measured over predicted rate, α = 0.5, 0.7, 1": within(0.94, 1.06) },
  }),
  "square-law": claim({
    figure: "rates",
    criterion: 3,
    statement: "The rate goes with the square of the start's scale: a small start is slow.",
    source: theorem("Theorem 1.3, exp(−Ω(α²T))"),
    measure: ({ run }) => {
      const runs = runsOf(run, "asymmetric");
      const rateAt = (alpha: number, seed: number) =>
        runs.find((row) => row.alpha === alpha && row.seed === seed)?.rate ?? NaN;
      return {
        "rate at α = 0.5 over rate at α = 0.2": distinct(runs, "seed")
          .map((seed) => rateAt(0.5, seed) / rateAt(0.2, seed)),
      };
    },
    expect: { "rate at α = 0.5 over rate at α = 0.2": near(6.25, { relative: 0.15 }) },
  }),
  "rebalanced-fast": claim({
    figure: "key",
    criterion: 4,
    statement: "Rebalancing once near the solution makes starts of every scale fast.",
    source: equation("Eq. 5.1", { notes: "3.4" }),
    measure: ({ run }) => {
      const steps = (beta: number) =>
        runsOf(run, "rebalanced").filter((row) => row.beta === beta && row.tolerance === TOLERANCE)
          .map(({ below }) => below["1e-8"] ?? Infinity);
      return {
        "step at which the error is below 1e-8, β = 0.5": steps(0.5),
        "β = 1": steps(1),
        "error without, α = 0.01, at step 3000": runsOf(run, "asymmetric")
          .filter(({ alpha }) => alpha === 0.01).map(({ lastError }) => lastError),
      };
    },
    expect: {
      "step at which the error is below 1e-8, β = 0.5": atMost(700),
      "β = 1": atMost(300),
      "error without, α = 0.01, at step 3000": above(1e-5),
    },
  }),
  "rebalanced-rate": claim({
    figure: "rates",
    criterion: 4,
    statement: "After rebalancing, the rate is that of β alone.",
    source: theorem("Section 5, exp(−Ω(β²T))", { notes: "9" }),
    measure: ({ run }) => ({ "rate over ln(1−ηβ²), β = 0.5": rebalancedRates(run, TOLERANCE) }),
    expect: { "rate over ln(1−ηβ²), β = 0.5": within(0.9, 1.1) },
  }),
  "rebalanced-rate-near": claim({
    figure: "rates",
    statement:
      "Rebalanced ten times nearer to the target, the rate is that of β alone even for the smallest start.",
    source: derived("9"),
    measure: ({ run }) => ({
      "rate over ln(1−ηβ²), β = 0.5, α = 0.01": rebalancedRates(run, TOLERANCE / 10),
    }),
    expect: { "rate over ln(1−ηβ²), β = 0.5, α = 0.01": within(0.95, 1.05) },
  }),
  "exact-rebalancing": claim({
    figure: null,
    criterion: 5,
    statement: "Rebalancing changes the factors, not their product: F becomes β times an orthonormal matrix.",
    source: equation("Eq. 5.1", { notes: "3.4" }),
    measure: ({ run }) => {
      const runs = runsOf(run, "rebalanced");
      return {
        "‖F̃G̃ᵀ − FGᵀ‖": runs.map(({ rebalancing }) => rebalancing?.product ?? Infinity),
        "‖F̃ᵀF̃ − β²I‖": runs.map(({ rebalancing }) => rebalancing?.gram ?? Infinity),
      };
    },
    expect: { "‖F̃G̃ᵀ − FGᵀ‖": atMost(1e-12), "‖F̃ᵀF̃ − β²I‖": atMost(1e-12) },
  }),
  "balanced-start": claim({
    figure: null,
    criterion: 7,
    statement:
      "From equal factors, asymmetric descent is symmetric descent, step for step: imbalance is the cure, " +
      "not asymmetry.",
    source: derived("3.5"),
    measure: ({ run }) => {
      const runs = runsOf(run, "balanced");
      return {
        "‖F − G‖ over 1000 steps": runs.map(({ balance }) => balance?.factors ?? Infinity),
        "‖F − X‖ of the symmetric run": runs.map(({ balance }) => balance?.symmetric ?? Infinity),
      };
    },
    expect: { "‖F − G‖ over 1000 steps": atMost(1e-13), "‖F − X‖ of the symmetric run": atMost(1e-13) },
  }),
  "sensing-symmetric": claim({
    figure: "sensing",
    criterion: 6,
    statement: "With 320 measurements of a 20 × 20 matrix the symmetric model is as slow.",
    source: derived("6"),
    decidedBy: isSensed,
    measure: ({ run }) => ({ "power of t": runsOf(run, "symmetric", 320).map(({ power }) => power ?? NaN) }),
    expect: { "power of t": within(-1, -0.85) },
  }),
  "sensing-rate": claim({
    figure: "rates",
    criterion: 6,
    statement: "There too, the rate of the asymmetric model is that of its linearization at the limit.",
    source: derived("3.5"),
    decidedBy: isSensed,
    measure: ({ run }) => ({
      "measured over predicted rate, runs that reach 1e-10": runsOf(run, "asymmetric", 320)
        .filter(({ lastError }) => lastError < 1e-10).map(overPredicted),
    }),
    expect: { "measured over predicted rate, runs that reach 1e-10": within(0.94, 1.06) },
  }),
  "sensing-rebalanced": claim({
    figure: "sensing",
    criterion: 6,
    statement: "There too, rebalancing makes starts of every scale equally fast.",
    source: derived("6"),
    decidedBy: isSensed,
    measure: ({ run }) => ({
      "step at which the error is below 1e-8": runsOf(run, "rebalanced", 320)
        .map(({ below }) => below["1e-8"] ?? Infinity),
    }),
    expect: { "step at which the error is below 1e-8": atMost(1100) },
    context: ({ run }) => ({ "rate": runsOf(run, "rebalanced", 320).map(({ rate }) => rate ?? NaN) }),
  }),
  "few-measurements": claim({
    figure: "sensing",
    statement:
      "With only 120 measurements the asymmetric model finds another matrix, while the symmetric one still " +
      "converges.",
    source: derived("11"),
    decidedBy: isSensed,
    measure: ({ run }) => {
      const errors = (model: Row<"run">["model"]) =>
        run.filter((row) => row.m === 120 && row.model === model).map(({ lastError }) => lastError);
      return { "error after 6000 steps, asymmetric": errors("asymmetric"), "symmetric": errors("symmetric") };
    },
    expect: { "error after 6000 steps, asymmetric": above(0.1), "symmetric": below(0.1) },
  }),
}));

function overPredicted({ rate, predicted }: Row<"run">): number {
  return rate === null || predicted === null ? NaN : rate / predicted;
}

function rebalancedRates(runs: readonly Row<"run">[], tolerance: number): number[] {
  return runsOf(runs, "rebalanced").filter((row) => row.beta === 0.5 && row.tolerance === tolerance)
    .map(overPredicted);
}

function isSensed({ run }: { run: readonly Row<"run">[] }): boolean {
  return run.some(({ m }) => m === 320);
}
