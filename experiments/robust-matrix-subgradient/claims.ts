import { fitLine, fitPowerLaw } from "../../lib/statistics/mod.ts";
import type { LegacyClaim as Claim } from "../../lib/experiment/legacy.ts";
import { allWithin, show, showRange } from "../../lib/experiment/legacy.ts";
import { type RipRow, type Row, type RunRow, runsOf, type SizeRow } from "./rows.ts";

/** The acceptance criteria of the sheet, by their numbers, and what was learnt beside them. */
export function claims(rows: Row[]): Claim[] {
  return [
    smallStart(runsOf(rows, "start")),
    powerOfStart(runsOf(rows, "scale")),
    populationPower(runsOf(rows, "population")),
    followsSteps(runsOf(rows, "start").filter(({ k, alpha }) => k === 2 && alpha >= 1e-6)),
    outlierSize(rows.filter((row) => row.type === "size")),
    baseline(runsOf(rows, "baseline")),
    halfWrong(runsOf(rows, "dense")),
    ...denseNoise(runsOf(rows, "gaussian")),
    signRip(rows.filter((row) => row.type === "rip")),
    budget(runsOf(rows, "budget")),
    limits(runsOf(rows, "limits")),
    realData(rows),
  ];
}

const errors = (runs: RunRow[]) => runs.map(({ lastError }) => lastError);
const unique = (values: number[]) => [...new Set(values)].sort((a, b) => a - b);

/** Criterion 1. */
function smallStart(runs: RunRow[]): Claim {
  const at = (k: number, alpha: number, seed: number) =>
    runs.find((run) => run.k === k && run.alpha === alpha && run.seed === seed)?.lastError ?? NaN;
  const seeds = unique(runs.map(({ seed }) => seed));
  const small = seeds.flatMap((seed) => [at(5, 1e-6, seed), at(20, 1e-6, seed)]);
  const gaps = seeds.map((seed) => Math.abs(at(5, 1e-6, seed) / at(20, 1e-6, seed) - 1));
  const large = seeds.flatMap((seed) => [at(5, 1, seed), at(20, 1, seed)]);
  const widths = seeds.map((seed) => at(20, 1, seed) / at(5, 1, seed));
  const gains = seeds.flatMap((seed) => [5, 20].map((k) => at(k, 1, seed) / at(k, 1e-6, seed)));
  return {
    id: "small-start",
    statement:
      "Started small, sub-gradient descent finds the matrix although a tenth of the measurements is wrong, and columns beyond the rank cost nothing; started large, they ruin it.",
    source: "theorem",
    reference: "main theorems; numbers computed for the sheet",
    expected:
      "α = 1e-6: error at most 3e-7, and the same for 5 and 20 columns to 2 %; α = 1: at least 1e-3, and 20 columns at least 1.5 times worse than 5; at least 1e4 between the two",
    measured: `α = 1e-6: ${showRange(small, 3)}, widths differ by at most ${
      show(100 * Math.max(...gaps), 2)
    } %; α = 1: ${showRange(large, 3)}, ${showRange(widths, 3)} times worse; ratio ${showRange(gains, 2)}`,
    headline: true,
    holds: allWithin(small, 0, 3e-7) && allWithin(gaps, 0, 0.02) && allWithin(large, 1e-3, Infinity) &&
      allWithin(widths, 1.5, Infinity) && allWithin(gains, 1e4, Infinity),
  };
}

/** A slope with its confidence interval. */
const withInterval = ({ slope, interval: [low, high] }: { slope: number; interval: [number, number] }) =>
  `${show(slope, 3)} [${show(low, 3)}, ${show(high, 3)}]`;

/** Criterion 2. Seeds differ in the constant, so each one's mean is taken off before the fit. */
function powerOfStart(all: RunRow[]): Claim {
  const runs = all.filter(({ alpha }) => alpha <= 1e-3 && alpha >= 1e-5);
  const seeds = unique(runs.map(({ seed }) => seed));
  const centred = seeds.flatMap((seed) => {
    const own = runs.filter((run) => run.seed === seed);
    const logs = own.map(({ lastError }) => Math.log(lastError));
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    return own.map(({ alpha }, i) => ({ x: Math.log(alpha), y: logs[i] - mean }));
  });
  const fit = fitted(() => fitLine(centred.map(({ x }) => x), centred.map(({ y }) => y)));
  return {
    id: "power-of-start",
    statement: "The final error is a power of the scale of the start.",
    source: "theorem",
    reference: "main theorems; exponent computed, below 2 for finitely many measurements",
    expected: "exponent in [1.2, 1.8] between α = 1e-5 and 1e-3, over at least 3 seeds",
    measured: fit === null ? "no runs" : `${withInterval(fit)} (95 %, ${seeds.length} seeds)`,
    holds: seeds.length >= 3 ? fit !== null && allWithin([fit.slope], 1.2, 1.8) : null,
  };
}

/** Criterion 2, the limit. */
function populationPower(all: RunRow[]): Claim {
  const runs = all.filter(({ alpha }) => alpha <= 1e-2 && alpha >= 1e-4);
  const fit = fitted(() => fitPowerLaw(runs.map(({ alpha }) => alpha), errors(runs)));
  const constants = runs.filter(({ alpha }) => alpha === 1e-3).map(({ lastError }) => lastError / 1e-6);
  return {
    id: "population-power",
    statement: "With infinitely many measurements the exponent is 2: the residual never grows.",
    source: "derived",
    reference: "section 3.4 of the sheet",
    expected: "exponent in [1.9, 2.1] between α = 1e-4 and 1e-2; error over α² in [0.2, 0.8] at α = 1e-3",
    measured: fit === null ? "no runs" : `${withInterval(fit)}; ${showRange(constants, 3)}`,
    holds: fit !== null && allWithin([fit.slope], 1.9, 2.1) && allWithin(constants, 0.2, 0.8),
  };
}

/** Criterion 3. */
function followsSteps(runs: RunRow[]): Claim {
  const ratios = runs.map(({ lastError, lastLength }) => lastError / (lastLength ?? NaN));
  const rates = runs.map(({ rate, decay }) => (rate ?? NaN) / Math.log(decay));
  const margins = runs.map(({ rateMargin, decay }) => Math.abs((rateMargin ?? NaN) / Math.log(decay)));
  return {
    id: "follows-steps",
    statement: "With exactly as many columns as the rank, the error follows the step length down.",
    source: "derived",
    reference: "a sub-gradient has length 1 wherever it is taken",
    expected:
      "final error over last step in [0.2, 2] for every α; decay rate within 2 % of that of the steps",
    measured: `${showRange(ratios, 3)}; rate over ln ρ ${showRange(rates, 4)}, ± ${
      show(Math.max(...margins), 2)
    } (95 %)`,
    holds: allWithin(ratios, 0.2, 2) && allWithin(rates, 0.98, 1.02),
  };
}

/** Criterion 4. */
function outlierSize(sizes: SizeRow[]): Claim {
  const of = (std: number) => sizes.filter((row) => row.std === std);
  const differences = of(1e6).map(({ difference }) => difference);
  const ratios = of(10).map(({ seed, lastError }) =>
    lastError / (of(1e9).find((row) => row.seed === seed)?.lastError ?? NaN)
  );
  return {
    id: "outlier-size",
    statement: "How wrong the wrong measurements are does not matter: only signs are seen.",
    source: "derived",
    reference: "the sub-gradient depends on the signs of residuals",
    expected:
      "same draws: outliers of 1e6 and 1e9 give the same errors to 1e-10 (relative) at every step; of 10 and 1e9, final errors within a factor 3",
    measured: `${showRange(differences, 2)}; ${showRange(ratios, 3)}`,
    holds: allWithin(differences, 0, 1e-10) && allWithin(ratios, 1 / 3, 3),
  };
}

/** Criterion 5. */
function baseline(runs: RunRow[]): Claim {
  const squared = runs.filter(({ loss }) => loss === "squared").map(({ bestError }) => bestError);
  const absolute = errors(runs.filter(({ loss }) => loss === "absolute"));
  return {
    id: "baseline",
    statement: "Gradient descent on the squared loss breaks on the same data.",
    source: "derived",
    reference: "abstract; numbers computed for the sheet",
    expected: "10 % and 20 % wrong: squared loss never below 0.4, absolute loss ends at most at 2e-3",
    measured: `${showRange(squared, 3)} at best; ${showRange(absolute, 3)}`,
    holds: allWithin(squared, 0.4, Infinity) && allWithin(absolute, 0, 2e-3),
  };
}

/** Criterion 6. */
function halfWrong(runs: RunRow[]): Claim {
  const of = (probability: number, m: number) =>
    errors(runs.filter((run) => run.probability === probability && run.m === m));
  const half = of(0.5, 1600);
  const fewer = of(0.5, 800);
  const more = of(0.7, 3200);
  return {
    id: "half-wrong",
    statement: "Half of the measurements may be destroyed.",
    source: "theorem",
    reference: "abstract, arbitrarily dense outliers",
    expected: "50 % wrong, m = 1600, 20 columns: error at most 1e-7 on every seed",
    measured: `${showRange(half, 3)}; with m = 800 ${showRange(fewer, 3)}; 70 % wrong, m = 3200 ${
      showRange(more, 3)
    }`,
    holds: allWithin(half, 0, 1e-7),
  };
}

/** Criteria 7 and 8. */
function denseNoise(runs: RunRow[]): Claim[] {
  const absolute = runs.filter(({ loss }) => loss === "absolute");
  const scaled = absolute.map(({ bestError, noise, m }) => bestError / (noise * Math.sqrt(40 / m!)));
  const wide = absolute.filter(({ k }) => k === 20);
  const ms = unique(wide.map(({ m }) => m!));
  const mean = (m: number) => {
    const best = wide.filter((run) => run.m === m).map(({ bestError }) => bestError);
    return best.reduce((sum, error) => sum + error, 0) / best.length;
  };
  const fit = fitted(() => fitPowerLaw(ms, ms.map(mean)));
  const all = fitted(() => fitPowerLaw(wide.map(({ m }) => m!), wide.map(({ bestError }) => bestError)));
  const enough = unique(runs.map(({ seed }) => seed)).length >= 3;
  const pair = (run: RunRow, other: Partial<RunRow>) =>
    runs.find((row) =>
      row.m === run.m && row.seed === run.seed && row.k === (other.k ?? run.k) &&
      row.loss === (other.loss ?? run.loss)
    )?.bestError ?? NaN;
  const gap = (keep: (m: number) => boolean) =>
    wide.filter(({ m }) => keep(m!)).map((run) => Math.abs(run.bestError / pair(run, { k: 2 }) - 1));
  const few = gap((m) => m <= 400);
  const many = gap((m) => m >= 800);
  const ratios = wide.map((run) => run.bestError / pair(run, { loss: "squared" }));
  const meanRatio = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const small = wide.filter(({ m }) => m === 200);
  const training = small.map(({ lossRatio }) => lossRatio ?? NaN);
  const worse = small.map(({ lastError, bestError }) => lastError / bestError);
  return [
    {
      id: "noise-rate",
      statement: "Under dense noise the best iterate has the statistically optimal error, ν√(rd/m).",
      source: "derived",
      reference: "minimax rate of low-rank regression",
      expected:
        "best error over ν√(rd/m) in [0.8, 1.75]; exponent of m, mean over at least 3 seeds, in [−0.65, −0.4]",
      measured: fit === null || all === null
        ? "no runs"
        : `${showRange(scaled, 3)}; ${show(fit.slope, 3)} (all seeds ${withInterval(all)}, 95 %)`,
      holds: enough
        ? fit !== null && allWithin(scaled, 0.8, 1.75) && allWithin([fit.slope], -0.65, -0.4)
        : null,
    },
    {
      id: "noise-columns",
      statement: "That error does not depend on how many columns are offered.",
      source: "derived",
      reference: "small start; numbers computed for the sheet",
      expected: "best errors for 2 and 20 columns within 6 % at m ≤ 400, 1 % at m ≥ 800",
      measured: `${show(100 * Math.max(...few), 2)} % and ${show(100 * Math.max(...many), 2)} % at most`,
      holds: allWithin(few, 0, 0.06) && allWithin(many, 0, 0.01),
    },
    {
      id: "price-of-robustness",
      statement: "Where there are no outliers, robustness costs what a median costs beside a mean.",
      source: "derived",
      reference: "√(π/2) = 1.2533, efficiency of the median",
      expected:
        "best error of the absolute over that of the squared loss: mean over m and seeds in [1.05, 1.4]",
      measured: `mean ${show(meanRatio)}, ${showRange(ratios, 3)}`,
      holds: enough ? allWithin([meanRatio], 1.05, 1.4) : null,
    },
    {
      id: "late-overfitting",
      statement: "The minimizers of the loss are not the truth: the end overfits, early iterates are good.",
      source: "theorem",
      reference: "abstract; numbers computed for the sheet",
      expected:
        "m = 200, 20 columns: training loss at most 0.75 of that of the truth, error over its minimum above 1.4",
      measured: `${showRange(training, 3)} and ${showRange(worse, 3)}`,
      holds: allWithin(training, 0, 0.75) && allWithin(worse, 1.4, Infinity),
    },
  ];
}

/** Criterion 9. */
function signRip(rows: RipRow[]): Claim {
  const along = rows.map(({ along, predicted }) => Math.abs(along - predicted));
  const across = rows.map(({ across }) => Math.abs(across));
  return {
    id: "sign-rip",
    statement: "Signs of residuals carry the direction of the error, at a scale that is known exactly.",
    source: "derived",
    reference: "sign-RIP with Stein's lemma",
    expected: "1e5 measurements: within 0.01 of φ along X, within 0.015 of 0 across",
    measured: `${
      rows.map(({ noise, along, predicted }) => `${noise} ${show(along)} for ${show(predicted)}`).join(", ")
    }; across at most ${show(Math.max(...across), 2)}`,
    holds: allWithin(along, 0, 0.01) && allWithin(across, 0, 0.015),
  };
}

/** What the sheet's step budget becomes when it is read off the data. */
function budget(runs: RunRow[]): Claim {
  const spare = (run: RunRow) => (run.have ?? NaN) - (run.need ?? NaN);
  const enough = errors(runs.filter((run) => spare(run) >= 0));
  const short = errors(runs.filter((run) => spare(run) < -1));
  return {
    id: "budget",
    statement:
      "Whether the steps suffice for a start of a given scale is known before the first one, from the second eigenvalue of A*(sign y)/m.",
    source: "derived",
    reference: "growth 1 + ηₜλ₂ near zero; budget rule of the sheet with λ₂ for its mean",
    expected: "budget met: error at most 1e-5; short by more than 1: above 1e-3",
    measured: `met: ${showRange(enough, 2)} (${enough.length} runs); short: ${
      showRange(short, 2)
    } (${short.length} runs)`,
    holds: allWithin(enough, 0, 1e-5) && allWithin(short, 1e-3, Infinity),
  };
}

/** Where it ends. */
function limits(runs: RunRow[]): Claim {
  const wrong = errors(runs.filter(({ probability }) => probability === 0.8));
  const few = errors(runs.filter(({ m }) => m === 200));
  return {
    id: "limits",
    statement: "There are limits: 80 % wrong of 1600 measurements, or 30 % of 200, are too much.",
    source: "derived",
    reference: "honest failures of the sheet, section 11",
    expected: "error above 0.01 on every seed, with a budget that is met",
    measured: `80 %: ${showRange(wrong, 3)}; m = 200: ${showRange(few, 3)}; budget over need at least ${
      show(Math.min(...runs.map(({ have, need }) => (have ?? NaN) / (need ?? NaN))), 3)
    }`,
    holds: allWithin([...wrong, ...few], 0.01, Infinity) &&
      runs.every(({ have, need }) => (have ?? NaN) >= (need ?? NaN)),
  };
}

/** Real data. */
function realData(rows: Row[]): Claim {
  const of = (loss: string) => rows.filter((row) => row.type === "digits").filter((row) => row.loss === loss);
  const absolute = of("absolute").map(({ lastError }) => lastError);
  const squared = of("squared").map(({ bestError }) => bestError);
  return {
    id: "real-data",
    statement:
      "The principal components of real digits come back from quadratic sketches of which a tenth are wrong, with eight columns offered for three components.",
    source: "derived",
    reference: "an application of the method, not in the paper",
    expected: "relative error at most 1e-3 with the absolute loss, above 0.3 at best with the squared one",
    measured: `${showRange(absolute, 3)} and ${showRange(squared, 3)}`,
    holds: allWithin(absolute, 0, 1e-3) && allWithin(squared, 0.3, Infinity),
  };
}

/** A fit, or null where there is nothing to fit. */
function fitted(fit: () => ReturnType<typeof fitLine>): ReturnType<typeof fitLine> | null {
  try {
    return fit();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
