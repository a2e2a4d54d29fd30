/** What must be seen, as data: notes 7 numbers the criteria. */
import {
  above,
  atLeast,
  atLeastSeeds,
  atMost,
  defineClaims,
  derived,
  distinct,
  mean,
  near,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { fitLine, fitPowerLaw } from "../../lib/statistics/mod.ts";
import { type Loss, ofPanel, type Row } from "./rows.ts";

export const claims = defineClaims<Row>((claim) => ({
  "small-start": claim({
    figure: "key",
    criterion: 1,
    headline: true,
    statement:
      "Started small, sub-gradient descent finds the matrix although a tenth of the measurements is wrong, " +
      "and columns beyond the rank cost nothing; started large, they ruin it.",
    source: theorem("main theorems", { notes: "7" }),
    measure: ({ run }) => {
      const runs = ofPanel(run, "start");
      const seeds = distinct(runs, "seed");
      const at = (k: number, alpha: number, seed: number) =>
        runs.find((row) => row.k === k && row.alpha === alpha && row.seed === seed)?.lastError ?? NaN;
      const over = (alpha: number) => seeds.map((seed) => at(20, alpha, seed) / at(5, alpha, seed));
      const both = (value: (k: number, seed: number) => number) =>
        seeds.flatMap((seed) => [5, 20].map((k) => value(k, seed)));
      return {
        "error, α = 1e-6": both((k, seed) => at(k, 1e-6, seed)),
        "k = 20 over k = 5": over(1e-6),
        "error, α = 1": both((k, seed) => at(k, 1, seed)),
        "α = 1, k = 20 over k = 5": over(1),
        "error of α = 1 over that of 1e-6": both((k, seed) => at(k, 1, seed) / at(k, 1e-6, seed)),
      };
    },
    expect: {
      "error, α = 1e-6": atMost(3e-7),
      "k = 20 over k = 5": near(1, { relative: 0.02 }),
      "error, α = 1": atLeast(1e-3),
      "α = 1, k = 20 over k = 5": atLeast(1.5),
      "error of α = 1 over that of 1e-6": atLeast(1e4),
    },
  }),
  "power-of-start": claim({
    figure: "starts",
    criterion: 2,
    statement: "The final error is a power of the scale of the start.",
    source: theorem("main theorems", { notes: "3.4" }),
    decidedBy: ({ run }) => atLeastSeeds(ofPanel(run, "scale"), 3),
    measure: ({ run }) => ({ "exponent between α = 1e-5 and 1e-3": powerOfStart(run).slope }),
    expect: { "exponent between α = 1e-5 and 1e-3": within(1.2, 1.8) },
    context: ({ run }) => ({ "95 % confidence": powerOfStart(run).interval }),
  }),
  "population-power": claim({
    figure: "starts",
    criterion: 2,
    statement: "With infinitely many measurements the exponent is 2: the residual never grows.",
    source: derived("3.4"),
    measure: ({ run }) => {
      const runs = ofPanel(run, "population").filter(({ alpha }) => alpha <= 1e-2 && alpha >= 1e-4);
      return {
        "exponent between α = 1e-4 and 1e-2": fitPowerLaw(runs.map(({ alpha }) => alpha), errors(runs)).slope,
        "error over α², α = 1e-3": errors(runs.filter(({ alpha }) => alpha === 1e-3)).map((e) => e / 1e-6),
      };
    },
    expect: {
      "exponent between α = 1e-4 and 1e-2": within(1.9, 2.1),
      "error over α², α = 1e-3": within(0.2, 0.8),
    },
  }),
  "follows-steps": claim({
    figure: "key",
    criterion: 3,
    statement: "With exactly as many columns as the rank, the error follows the step length down.",
    source: derived("3.3"),
    measure: ({ run }) => {
      const runs = ofPanel(run, "start").filter(({ k, alpha }) => k === 2 && alpha >= 1e-6);
      return {
        "final error over last step": runs.map(({ lastError, lastLength }) =>
          lastError / (lastLength ?? NaN)
        ),
        "decay rate over that of the steps": runs.map(({ rate, decay }) => (rate ?? NaN) / Math.log(decay)),
      };
    },
    expect: {
      "final error over last step": within(0.2, 2),
      "decay rate over that of the steps": near(1, { relative: 0.02 }),
    },
  }),
  "outlier-size": claim({
    figure: null,
    criterion: 4,
    statement: "How wrong the wrong measurements are does not matter: only signs are seen.",
    source: derived("3.2"),
    measure: ({ size }) => {
      const of = (std: number) => size.filter((row) => row.std === std);
      return {
        "relative difference of outliers of 1e6 and 1e9 at any step": of(1e6).map(({ difference }) =>
          difference
        ),
        "factor between the final errors of 10 and 1e9": of(10).map(({ seed, lastError }) => {
          const ratio = lastError / (of(1e9).find((row) => row.seed === seed)?.lastError ?? NaN);
          return Math.max(ratio, 1 / ratio);
        }),
      };
    },
    expect: {
      "relative difference of outliers of 1e6 and 1e9 at any step": atMost(1e-10),
      "factor between the final errors of 10 and 1e9": atMost(3),
    },
  }),
  baseline: claim({
    figure: "baseline",
    criterion: 5,
    statement: "Gradient descent on the squared loss breaks on the same data.",
    source: derived("4"),
    measure: ({ run }) => {
      const of = (loss: Loss) => ofPanel(run, "baseline").filter((row) => row.loss === loss);
      return {
        "best error, squared loss": of("squared").map(({ bestError }) => bestError),
        "last error, absolute loss": errors(of("absolute")),
      };
    },
    expect: { "best error, squared loss": atLeast(0.4), "last error, absolute loss": atMost(2e-3) },
  }),
  "half-wrong": claim({
    figure: "limits",
    criterion: 6,
    statement: "Half of the measurements may be destroyed.",
    source: theorem("abstract, arbitrarily dense outliers", { notes: "7" }),
    measure: ({ run }) => ({ "error, 50 % of 1600 wrong, 20 columns": denseErrors(run, 0.5, 1600) }),
    expect: { "error, 50 % of 1600 wrong, 20 columns": atMost(1e-7) },
    context: ({ run }) => {
      const densest = denseErrors(run, 0.7, 3200);
      return {
        "50 % of 800": denseErrors(run, 0.5, 800),
        ...(densest.length === 0 ? {} : { "70 % of 3200": densest }),
      };
    },
  }),
  "noise-rate": claim({
    figure: "gaussian",
    criterion: 7,
    statement: "Under dense noise the best iterate has the statistically optimal error, ν√(rd/m).",
    source: derived("7"),
    decidedBy: ({ run }) => atLeastSeeds(ofPanel(run, "gaussian"), 3),
    measure: ({ run }) => {
      const runs = ofPanel(run, "gaussian").filter(({ loss }) => loss === "absolute");
      const wide = runs.filter(({ k }) => k === 20);
      const ms = distinct(wide, "m").map(Number);
      const best = (m: number) => mean(wide.filter((row) => row.m === m).map(({ bestError }) => bestError));
      return {
        "best error over ν√(rd/m)": runs.map(({ bestError, noise, m }) =>
          bestError / (noise * Math.sqrt(40 / (m ?? NaN)))
        ),
        "power of m": fitPowerLaw(ms, ms.map(best)).slope,
      };
    },
    expect: { "best error over ν√(rd/m)": within(0.8, 1.75), "power of m": within(-0.65, -0.4) },
  }),
  "noise-columns": claim({
    figure: "gaussian",
    criterion: 7,
    statement: "That error does not depend on how many columns are offered.",
    source: derived("7"),
    measure: ({ run }) => {
      const gaps = (ms: number[]) =>
        wideNoisy(run).filter(({ m }) => ms.includes(m ?? NaN))
          .map((row) => Math.abs(row.bestError / partner(run, row, { k: 2 }) - 1));
      return {
        "best errors of 2 and 20 columns differ by, m ≤ 400": gaps([200, 400]),
        "m ≥ 800": gaps([800, 1600]),
      };
    },
    expect: { "best errors of 2 and 20 columns differ by, m ≤ 400": atMost(0.06), "m ≥ 800": atMost(0.01) },
  }),
  "price-of-robustness": claim({
    figure: "gaussian",
    criterion: 7,
    statement:
      "Where there are no outliers, robustness costs about what a median costs beside a mean, √(π/2).",
    source: derived("7"),
    decidedBy: ({ run }) => atLeastSeeds(ofPanel(run, "gaussian"), 3),
    measure: ({ run }) => ({
      "best error of absolute over squared loss, mean over m and seeds": mean(priceRatios(run)),
    }),
    expect: { "best error of absolute over squared loss, mean over m and seeds": within(1.05, 1.4) },
    context: ({ run }) => ({ "single runs": priceRatios(run) }),
  }),
  "late-overfitting": claim({
    figure: "gaussian",
    criterion: 8,
    statement: "The minimizers of the loss are not the truth: the end overfits, early iterates are good.",
    source: theorem("abstract", { notes: "7" }),
    measure: ({ run }) => {
      const small = wideNoisy(run).filter(({ m }) => m === 200);
      return {
        "training loss over that of the truth": small.map(({ lossRatio }) => lossRatio ?? NaN),
        "last error over the best": small.map(({ lastError, bestError }) => lastError / bestError),
      };
    },
    expect: {
      "training loss over that of the truth": atMost(0.75),
      "last error over the best": atLeast(1.4),
    },
  }),
  "sign-rip": claim({
    figure: null,
    criterion: 9,
    statement: "Signs of residuals carry the direction of the error, at a scale that is known exactly.",
    source: derived("3.2"),
    measure: ({ rip }) => ({
      "distance from φ along X": rip.map(({ along, predicted }) => Math.abs(along - predicted)),
      "distance from 0 across": rip.map(({ across }) => Math.abs(across)),
    }),
    expect: { "distance from φ along X": atMost(0.01), "distance from 0 across": atMost(0.015) },
    context: ({ rip }) => ({ "along X": rip.map(({ along }) => along) }),
  }),
  budget: claim({
    figure: "budget",
    statement:
      "Whether the steps suffice for a start of a given scale is known before the first one, from the second " +
      "eigenvalue of A*(sign y)/m.",
    source: derived("3.3"),
    measure: ({ run }) => {
      const { met, short } = budgets(run);
      return { "error, budget met": errors(met), "error, short by more than 1": errors(short) };
    },
    expect: { "error, budget met": atMost(1e-5), "error, short by more than 1": atLeast(1e-3) },
    context: ({ run }) => {
      const { met, short } = budgets(run);
      return { "runs with the budget met": met.length, "runs short of it": short.length };
    },
  }),
  limits: claim({
    figure: "limits",
    statement: "There are limits: 80 % wrong of 1600 measurements, or 30 % of 200, are too much.",
    source: derived("11"),
    measure: ({ run }) => {
      const runs = ofPanel(run, "limits");
      return {
        "error, 80 % of 1600 wrong": errors(runs.filter(({ probability }) => probability === 0.8)),
        "30 % of 200": errors(runs.filter(({ m }) => m === 200)),
        "growth allowed over growth needed": runs.map(({ have, need }) => (have ?? NaN) / (need ?? NaN)),
      };
    },
    expect: {
      "error, 80 % of 1600 wrong": above(0.01),
      "30 % of 200": above(0.01),
      "growth allowed over growth needed": atLeast(1),
    },
  }),
  "real-data": claim({
    figure: "digits",
    statement:
      "The principal components of real digits come back from quadratic sketches of which a tenth are wrong, " +
      "with eight columns offered for three components.",
    source: derived("11"),
    decidedBy: ({ digits }) => digits.length > 0,
    measure: ({ digits }) => {
      const of = (loss: Loss) => digits.filter((row) => row.loss === loss);
      return {
        "relative error, absolute loss": of("absolute").map(({ lastError }) => lastError),
        "at best, squared loss": of("squared").map(({ bestError }) => bestError),
      };
    },
    expect: { "relative error, absolute loss": atMost(1e-3), "at best, squared loss": above(0.3) },
  }),
}));

/** The exponent over all seeds: they differ in the constant, so each one's mean is taken off before the fit. */
function powerOfStart(all: readonly Row<"run">[]) {
  const runs = ofPanel(all, "scale").filter(({ alpha }) => alpha <= 1e-3 && alpha >= 1e-5);
  const centred = distinct(runs, "seed").flatMap((seed) => {
    const own = runs.filter((row) => row.seed === seed);
    const middle = mean(own.map(({ lastError }) => Math.log(lastError)));
    return own.map(({ alpha, lastError }) => ({ x: Math.log(alpha), y: Math.log(lastError) - middle }));
  });
  return fitLine(centred.map(({ x }) => x), centred.map(({ y }) => y));
}

function errors(runs: readonly Row<"run">[]): number[] {
  return runs.map(({ lastError }) => lastError);
}

function denseErrors(runs: readonly Row<"run">[], probability: number, m: number): number[] {
  return errors(ofPanel(runs, "dense").filter((row) => row.probability === probability && row.m === m));
}

/** Runs of the absolute loss under dense noise, with 20 columns. */
function wideNoisy(runs: readonly Row<"run">[]): Row<"run">[] {
  return ofPanel(runs, "gaussian").filter(({ loss, k }) => loss === "absolute" && k === 20);
}

/** Best error of the run on the same data that differs in what is said. */
function partner(runs: readonly Row<"run">[], row: Row<"run">, other: { k?: number; loss?: Loss }): number {
  const { m, seed, k, loss } = { ...row, ...other };
  return ofPanel(runs, "gaussian").find((one) =>
    one.m === m && one.seed === seed && one.k === k && one.loss === loss
  )?.bestError ?? NaN;
}

function priceRatios(runs: readonly Row<"run">[]): number[] {
  return wideNoisy(runs).map((row) => row.bestError / partner(runs, row, { loss: "squared" }));
}

/** Runs whose schedule allows the growth that is needed, and those that lack a factor e or more. */
function budgets(runs: readonly Row<"run">[]): { met: Row<"run">[]; short: Row<"run">[] } {
  const spare = ({ have, need }: Row<"run">) => (have ?? NaN) - (need ?? NaN);
  const own = ofPanel(runs, "budget");
  return { met: own.filter((row) => spare(row) >= 0), short: own.filter((row) => spare(row) < -1) };
}
