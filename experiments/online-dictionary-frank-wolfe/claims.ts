/** What must be seen, as data: notes 7 numbers the criteria. */
import { absoluteMoment, skewNoise } from "../../lib/dictionary/mod.ts";
import {
  atLeast,
  atLeastSeeds,
  atMost,
  below,
  defineClaims,
  derived,
  distinct,
  fromFigure,
  groupsOf,
  mean,
  near,
  type RowTable,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { fitPowerLaw } from "../../lib/statistics/mod.ts";
import { at, curvesOf, lawAt, type Row, type RunKey, thetaOf } from "./rows.ts";

/** Settings and steps at which the noise law is checked. */
const LAW = [[0.3, 3000], [0.3, 9999], [0.5, 9999], [0.1, 9999]];

export const claims = defineClaims<Row>((claim) => ({
  fast: claim({
    figure: "key",
    criterion: 1,
    headline: true,
    statement:
      "Stochastic Frank–Wolfe with the paper's step sizes learns the dictionary online, in memory for two " +
      "matrices.",
    source: fromFigure("Official convergence figure, n = 10, θ = 0.3, batch 10"),
    decidedBy: isFirst,
    measure: ({ curve }) => ({
      "mean error at iteration 300": meanAt(curve, { method: "noncvx", batch: 10 }, 300),
      "at 2999": meanAt(curve, { method: "noncvx", batch: 10 }, 2999),
    }),
    expect: { "mean error at iteration 300": atMost(5e-3), "at 2999": atMost(1e-3) },
  }),
  "convex-slower": claim({
    figure: "key",
    criterion: 1,
    statement: "Step sizes tuned for convex problems are far slower.",
    source: fromFigure("Official convergence figure, SFW, batch 10"),
    decidedBy: isDecided,
    measure: ({ curve }) => {
      const ratio = (step: number) =>
        pairedRatio(curve, { method: "convex", batch: 10 }, { method: "noncvx", batch: 10 }, step);
      return { "mean error over the paper's at iteration 300": ratio(300), "at 1000": ratio(1000) };
    },
    expect: { "mean error over the paper's at iteration 300": atLeast(8), "at 1000": atLeast(2) },
  }),
  "single-samples": claim({
    figure: "key",
    criterion: 1,
    statement: "It learns from one sample at a time; errors are where the boxes of the official figure are.",
    source: fromFigure("Annotation boxes of the official driver, batch 1"),
    decidedBy: isDecided,
    measure: ({ curve }) => ({
      "mean error at iterations 300, 400 and 500": [300, 400, 500].map((step) =>
        meanAt(curve, { method: "noncvx", batch: 1 }, step)
      ),
      "with convex step sizes at 1000": meanAt(curve, { method: "convex", batch: 1 }, 1000),
    }),
    expect: {
      "mean error at iterations 300, 400 and 500": within(0.005, 0.05),
      "with convex step sizes at 1000": within(0.04, 0.2),
    },
  }),
  "noise-law": claim({
    figure: "law",
    criterion: 2,
    statement: "Late errors are (n−1) σ₃² γ / (b(1−θ)): gradient noise, with no constant fitted.",
    source: derived("3.4"),
    decidedBy: ({ curve }) => LAW.every(([theta, step]) => at(lawRuns(curve, theta), step).length >= 16),
    measure: ({ curve }) => ({
      "mean error over the law at iteration 3000 (θ = 0.3) and 9999 (θ = 0.3, 0.5, 0.1)": LAW.map((
        [theta, step],
      ) => mean(at(lawRuns(curve, theta), step)) / lawAt({ n: 10, theta, batch: 10 }, step)),
    }),
    expect: {
      "mean error over the law at iteration 3000 (θ = 0.3) and 9999 (θ = 0.3, 0.5, 0.1)": within(0.8, 1.2),
    },
  }),
  rate: claim({
    figure: "law",
    criterion: 3,
    statement: "The error falls like t^(−3/4), faster than the O(ln t / t^(1/4)) of the theorem.",
    source: theorem("Convergence theorem; the exponent follows from the noise law", { notes: "3.4" }),
    decidedBy: isFirst,
    measure: ({ curve }) => ({ "exponent over the last decade of steps": lastDecade(curve).slope }),
    expect: { "exponent over the last decade of steps": within(-0.9, -0.6) },
    context: ({ curve }) => ({ "95 % interval": lastDecade(curve).interval }),
  }),
  "cube-beats-fourth": claim({
    figure: "key",
    criterion: 4,
    statement: "The third power learns from fewer samples than the fourth.",
    source: fromFigure("Official convergence figure; ratio σ₄²/σ₃² derived", { notes: "3.4" }),
    decidedBy: isFirst,
    measure: ({ curve }) => ({
      "mean error of ℓ4 over that of ℓ3 at iteration 2999": pairedRatio(
        curve,
        { method: "l4", batch: 10 },
        { method: "noncvx", batch: 10 },
        2999,
      ),
    }),
    expect: { "mean error of ℓ4 over that of ℓ3 at iteration 2999": within(2.6, 4.5) },
    context: () => ({ "the law": skewNoise(4) / skewNoise(3) }),
  }),
  batches: claim({
    figure: "key",
    criterion: 5,
    statement: "Ten times the samples a step means about a tenth of the error.",
    source: derived("3.4"),
    decidedBy: isFirst,
    measure: ({ curve }) => ({
      "mean error with batch 1 over that with batch 10 at iteration 2999": pairedRatio(
        curve,
        { method: "noncvx", batch: 1 },
        { method: "noncvx", batch: 10 },
        2999,
      ),
    }),
    expect: { "mean error with batch 1 over that with batch 10 at iteration 2999": within(4, 12) },
    context: () => ({ "the law": 10 }),
  }),
  "power-method": claim({
    figure: "power",
    criterion: 6,
    statement:
      "With exact gradients every step multiplies the distance from the dictionary by θ, from an error of " +
      "1e-4 on.",
    source: derived("3.4"),
    measure: ({ power }) => ({ "every ratio of successive distances, θ = 0.3": contractions(power, 1e-4) }),
    expect: { "every ratio of successive distances, θ = 0.3": near(0.3, { absolute: 0.003 }) },
  }),
  "power-method-limit": claim({
    figure: "power",
    statement:
      "With exact gradients the distance from the dictionary is multiplied by θ a step, once the error is " +
      "below 1e-6.",
    source: derived("3.4"),
    measure: ({ power }) => ({ "every ratio of successive distances, θ = 0.3": contractions(power, 1e-6) }),
    expect: { "every ratio of successive distances, θ = 0.3": near(0.3, { absolute: 0.003 }) },
  }),
  feasible: claim({
    figure: null,
    criterion: 7,
    statement:
      "Every iterate is in the spectral-norm ball, or orthogonal with retraction, and Frank–Wolfe gaps are " +
      "not negative.",
    source: theorem("Convex hull of the orthogonal matrices"),
    measure: ({ feasibility }) => ({
      "‖A‖₂ − 1 without retraction": feasibility.flatMap(({ spectralNorm }) =>
        spectralNorm === null ? [] : spectralNorm - 1
      ),
      "‖AAᵀ − I‖ with retraction": feasibility.flatMap(({ orthogonality }) => orthogonality ?? []),
      "smallest gap": feasibility.map(({ leastStochasticGap }) => leastStochasticGap),
    }),
    expect: {
      "‖A‖₂ − 1 without retraction": atMost(1e-12),
      "‖AAᵀ − I‖ with retraction": atMost(1e-12),
      "smallest gap": atLeast(-1e-12),
    },
  }),
  "gap-decays": claim({
    figure: "gap",
    criterion: 7,
    statement:
      "The Frank–Wolfe gap of the true objective falls at least as fast as the theorem's ln t / t^(1/4).",
    source: theorem("Convergence theorem"),
    decidedBy: isFirst,
    measure: ({ curve }) => ({
      "smallest gap so far over ln t / t^(1/4), from t = 100 to 300 to 1000 to 3000: factors, batch 10":
        gapFactors(curve, 10),
      "batch 1": gapFactors(curve, 1),
    }),
    expect: {
      "smallest gap so far over ln t / t^(1/4), from t = 100 to 300 to 1000 to 3000: factors, batch 10":
        below(
          1,
        ),
      "batch 1": below(1),
    },
  }),
  "gap-over-error": claim({
    figure: null,
    criterion: 7,
    statement: "Near the solution gap and error measure the same thing: gap/error tends to nγ₃θ(1−θ)²/4.",
    source: derived("3.4"),
    decidedBy: isFirst,
    measure: ({ curve }) => ({
      "mean gap over mean error at iteration 3000, batch 10":
        meanAt(curve, { method: "noncvx", batch: 10 }, 3000, "gap") /
        meanAt(curve, { method: "noncvx", batch: 10 }, 3000),
    }),
    expect: {
      "mean gap over mean error at iteration 3000, batch 10": near(
        10 * absoluteMoment(3) * 0.3 * 0.7 ** 2 / 4,
        { relative: 0.15 },
      ),
    },
    context: ({ curve }) => ({ "gap": meanAt(curve, { method: "noncvx", batch: 10 }, 3000, "gap") }),
  }),
  alternating: claim({
    figure: "key",
    criterion: 8,
    statement:
      "Online alternating minimization is still far off when Frank–Wolfe has learned the dictionary.",
    source: fromFigure("Official convergence figure, online AO, batch 1"),
    decidedBy: isFirst,
    measure: ({ curve }) => {
      const means = alternatingMeans(curve);
      const ours = meanAt(curve, { method: "noncvx", batch: 1 }, 1000);
      return {
        "mean error at iteration 1000, every λ": means,
        "over that of Frank–Wolfe": means.map((error) => error / ours),
      };
    },
    // An error above 1 would be no slow learner but a broken one: a random rotation has 0.75.
    expect: {
      "mean error at iteration 1000, every λ": within(0.05, 1),
      "over that of Frank–Wolfe": atLeast(5),
    },
  }),
  retraction: claim({
    figure: "ablation",
    criterion: 9,
    statement: "Making A orthogonal after every step is not needed: without it the error is the same.",
    source: derived("7"),
    decidedBy: isFirst,
    measure: ({ curve }) => ({
      "relative difference of mean errors at iterations 1000, 2000 and 2999, batch 1 and 10": [1, 10]
        .flatMap((batch) =>
          [1000, 2000, 2999].map((step) =>
            pairedRatio(curve, { method: "no retraction", batch }, { method: "noncvx", batch }, step) - 1
          )
        ),
    }),
    expect: {
      "relative difference of mean errors at iterations 1000, 2000 and 2999, batch 1 and 10": within(
        -0.03,
        0.03,
      ),
    },
  }),
  averaging: claim({
    figure: "ablation",
    statement:
      "Averaging the gradient is what makes single samples work; with batches of ten it changes little.",
    source: derived("11"),
    decidedBy: isDecided,
    measure: ({ curve }) => {
      const ratio = (batch: number) =>
        mean([300, 1000, 2000].map((step) =>
          meanAt(curve, { method: "no averaging", batch }, step) /
          meanAt(curve, { method: "noncvx", batch }, step)
        ));
      return {
        "error without averaging over that with it (mean over iterations 300, 1000, 2000), batch 1": ratio(1),
        "batch 10": ratio(10),
      };
    },
    expect: {
      "error without averaging over that with it (mean over iterations 300, 1000, 2000), batch 1": atLeast(4),
      "batch 10": within(0.5, 2),
    },
  }),
  "no-sparsity": claim({
    figure: null,
    statement:
      "Without sparsity (θ = 1) there is nothing to learn: the error stays that of a random rotation.",
    source: derived("8"),
    measure: ({ curve }) => ({
      "mean error from iteration 100 on": mean(
        curvesOf(curve, { theta: 1, method: "noncvx" }).filter(({ step }) => step >= 100)
          .map(({ error }) => error),
      ),
    }),
    expect: { "mean error from iteration 100 on": within(0.65, 0.85) },
    context: () => ({ "a random rotation": 0.75 }),
  }),
  weather: claim({
    figure: "weather",
    statement:
      "On real sensor windows, months it never saw, the learned basis is as sparse as the best of cosines, " +
      "principal components and readings, or sparser, without being told which that is.",
    source: derived("6"),
    measure: ({ weather }) => ({
      "energy in the three largest entries of a code, over that in the best other basis, every sensor":
        groupsOf(weather.filter(({ kept }) => kept === 3), "sensor").map(({ rows }) => {
          const share = (basis: string) =>
            mean(rows.filter((row) => row.basis === basis).map(({ share }) => share));
          return share("learned") /
            Math.max(share("DCT"), share("principal components"), share("readings"));
        }),
    }),
    expect: {
      "energy in the three largest entries of a code, over that in the best other basis, every sensor":
        atLeast(
          0.99,
        ),
    },
  }),
}));

/** Thresholds are about the setting of the paper's first figure, not about another θ. */
function isFirst({ curve }: RowTable<Row>): boolean {
  return thetaOf(curve) === 0.3;
}

/** The convex method is bimodal and single samples scatter: claims about them are about means over 8 seeds. */
function isDecided({ curve }: RowTable<Row>): boolean {
  return atLeastSeeds(curvesOf(curve, { method: "convex" }), 8);
}

function lawRuns(rows: readonly Row<"curve">[], theta: number): Row<"curve">[] {
  return curvesOf(rows, { method: "noncvx", batch: 10, theta });
}

function meanAt(
  rows: readonly Row<"curve">[],
  key: Partial<RunKey>,
  step: number,
  field: "error" | "gap" | "leastGap" = "error",
): number {
  return mean(at(curvesOf(rows, key), step, field));
}

/**
 * Mean error of one kind of run over that of another at a step, on the seeds that both have: they learned
 * from the same samples.
 */
function pairedRatio(
  rows: readonly Row<"curve">[],
  over: Partial<RunKey>,
  under: Partial<RunKey>,
  step: number,
): number {
  const [a, b] = [over, under].map((key) => curvesOf(rows, key).filter((row) => row.step === step));
  const both = (one: Row<"curve">[], other: Row<"curve">[]) =>
    mean(one.filter(({ seed }) => other.some((row) => row.seed === seed)).map(({ error }) => error));
  return both(a, b) / both(b, a);
}

/** The power law of the mean error over the last decade of steps that all runs have recorded. */
function lastDecade(rows: readonly Row<"curve">[]) {
  const runs = curvesOf(rows, { method: "noncvx", batch: 10 });
  const last = Math.max(...runs.map(({ step }) => step));
  const steps = distinct(runs, "step").filter((step) =>
    step >= last / 10 && at(runs, step).length === at(runs, last).length
  );
  return fitPowerLaw(steps.map((step) => step + 2), steps.map((step) => mean(at(runs, step))));
}

/** Every ratio of successive distances while the error is below a limit and above rounding noise, θ = 0.3. */
function contractions(rows: readonly Row<"power">[], limit: number): number[] {
  return groupsOf(rows.filter(({ theta }) => theta === 0.3), "seed").flatMap(({ rows: run }) =>
    run.slice(1).flatMap(({ error }, i) =>
      run[i].error < limit && error > 1e-12 ? [Math.sqrt(error / run[i].error)] : []
    )
  );
}

/** By which factors the smallest gap so far changes, relative to the rate of the theorem. */
function gapFactors(rows: readonly Row<"curve">[], batch: number): number[] {
  const scaled = [100, 300, 1000, 3000].map((step) =>
    meanAt(rows, { method: "noncvx", batch }, step, "leastGap") * step ** 0.25 / Math.log(step)
  );
  return scaled.slice(1).map((value, i) => value / scaled[i]);
}

function alternatingMeans(rows: readonly Row<"curve">[]): number[] {
  const runs = curvesOf(rows, { method: "alternating", batch: 1 });
  return groupsOf(runs, "lambda").map(({ rows: some }) => mean(at(some, 1000)));
}
