/** What must be seen, as data: notes 7 numbers the criteria. */
import { median } from "simple-statistics";
import {
  above,
  atLeast,
  atMost,
  below,
  defineClaims,
  derived,
  distinct,
  fromFigure,
  groupsOf,
  mean,
  near,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { gaussianProductMoments } from "../../lib/recurrent/mod.ts";
import { fitLine, fitPowerLaw } from "../../lib/statistics/mod.ts";
import type { Row, Start } from "./rows.ts";
import { SHOWN_MODES } from "./rows.ts";

export const claims = defineClaims<Row>((claim) => ({
  "decoupled-flow": claim({
    figure: "exact",
    criterion: 1,
    headline: true,
    statement: "From a decoupled start, every mode of a network with one hidden layer is learned along " +
      "s/(1 + (s/u₀ − 1)e^(−2st/τ)), and that of a deeper one along the solution of τu̇ = nu^(2−2/n)(s − u).",
    source: theorem("Section 1.2, equation for u(t); section 2, equation 13", { notes: "3.1" }),
    measure: ({ error }) => ({
      "largest difference of full gradient flow from the formula, relative to s: one hidden layer": errorsOf(
        error,
        "flow 3",
      ),
      "three hidden layers": errorsOf(error, "flow 5"),
    }),
    expect: {
      "largest difference of full gradient flow from the formula, relative to s: one hidden layer": below(
        1e-6,
      ),
      "three hidden layers": below(1e-6),
    },
  }),
  "balanced-start": claim({
    figure: "alignment",
    statement:
      "A small random start aligns with the task while nothing seems to happen: on the plateau, the map " +
      "turns onto the task's modes.",
    source: derived("3.1"),
    measure: ({ error, alignment }) => ({
      "difference of the flow from the matrix Riccati solution": errorsOf(error, "riccati"),
      "share of the map on the task's modes, its rise before 5 % is learned": Math.max(
        ...alignment.filter(({ learned }) => learned < 0.05).map(({ aligned }) => aligned),
      ) - alignment[0].aligned,
    }),
    expect: {
      "difference of the flow from the matrix Riccati solution": atMost(1e-8),
      "share of the map on the task's modes, its rise before 5 % is learned": above(0),
    },
    context: ({ alignment }) => ({ "from": alignment[0].aligned }),
  }),
  "descent-order": claim({
    figure: null,
    criterion: 2,
    statement: "Plain gradient descent departs from the formula in proportion to its learning rate.",
    source: derived("7"),
    measure: ({ error }) => {
      const runs = error.filter(({ run }) => run === "descent");
      return {
        "largest error over λ": runs.map(({ largest, rate }) => largest / rate!),
        "error at t = 3 over λ": runs.map(({ last, rate }) => last / rate!),
        "power of λ": fitPowerLaw(runs.map(({ rate }) => rate!), runs.map(({ largest }) => largest)).slope,
      };
    },
    expect: {
      "largest error over λ": near(2.236, { relative: 0.005 }),
      "error at t = 3 over λ": within(0.506, 0.512),
      "power of λ": near(1, { absolute: 0.02 }),
    },
  }),
  "random-start": claim({
    figure: "delay",
    criterion: 3,
    statement:
      "A small random start follows the formula too, with a delay of a few percent that is larger for " +
      "weaker modes.",
    source: fromFigure("Figure 3, right", { notes: "7" }),
    measure: ({ half }) => {
      const delays = delaysOf(half, "linear");
      return {
        "relative delay of half time: median size over seeds, modes 1 to 5": delays.slice(0, 5)
          .map(({ delays }) => median(delays.map(Math.abs))),
        "mean over all modes": mean(delays.flatMap(({ delays }) => delays)),
        "mode 31 less mode 1": meanDelay(delays, 31) - meanDelay(delays, 1),
      };
    },
    expect: {
      "relative delay of half time: median size over seeds, modes 1 to 5": below(0.05),
      "mean over all modes": within(0.03, 0.12),
      "mode 31 less mode 1": above(0),
    },
  }),
  "time-scale": claim({
    figure: "delay",
    criterion: 4,
    statement: "Stronger modes are learned first, in times that go as ln(s/u₀ − 1)/s.",
    source: theorem("Section 1.2, t = O(τ/s)", { notes: "7" }),
    measure: ({ half }) => {
      const delays = delaysOf(half, "linear");
      const modes = delays.map(({ mode }) => mode);
      const line = fitLine(modes, delays.map(({ delays }) => 1 + mean(delays)));
      return {
        "t½ s/ln(s/u₀ − 1) over τ/2, on its regression line over all modes": [
          modes[0],
          modes[modes.length - 1],
        ]
          .map((mode) => line.intercept + line.slope * mode),
      };
    },
    expect: { "t½ s/ln(s/u₀ − 1) over τ/2, on its regression line over all modes": within(0.97, 1.25) },
  }),
  tanh: claim({
    figure: "delay",
    criterion: 5,
    statement:
      "A tanh network learns the same modes in the same order, and the weak ones on average later than a " +
      "linear network.",
    source: fromFigure("Figure 3, left (green)", { notes: "7" }),
    measure: ({ half }) => {
      const linear = delaysOf(half, "linear");
      return {
        "half times of successive shown modes, ratio, every seed": successiveRatios(half, "tanh"),
        "mean relative delay less that of the linear network, modes 12 to 32": delaysOf(half, "tanh")
          .filter(({ mode }) => mode >= 12)
          .map(({ mode, delays }) => mean(delays) - meanDelay(linear, mode)),
      };
    },
    expect: {
      "half times of successive shown modes, ratio, every seed": above(1),
      "mean relative delay less that of the linear network, modes 12 to 32": atLeast(0),
    },
  }),
  "tanh-every-run": claim({
    figure: "delay",
    criterion: 5,
    statement:
      "That the tanh network is later holds for every weak mode in every single run, from the same start " +
      "on the same data.",
    source: derived("7"),
    measure: ({ half }) => ({
      "half time of tanh over linear, modes 12 to 32, every seed": tanhOverLinear(half),
    }),
    expect: { "half time of tanh over linear, modes 12 to 32, every seed": atLeast(1) },
    context: ({ half }) => ({
      "ratios": tanhOverLinear(half).length,
      "below 1": tanhOverLinear(half).filter((ratio) => ratio < 1).length,
    }),
  }),
  "finite-delay": claim({
    figure: "depth",
    criterion: 6,
    statement:
      "At the optimal rate, an infinitely deep network is only a finite number of steps slower than a " +
      "shallow one.",
    source: theorem("Section 2.1, t∞ − t₃ = s/ε − s/(s − ε)", { notes: "3.2" }),
    measure: ({ delay }) => ({
      "difference of t∞ − t₃ from s/ε − s/(s − ε), ε = 0.001": Math.abs(
        stepsAt(delay, null) - stepsAt(delay, 3) - (1 / 1e-3 - 1 / 0.999),
      ),
      "more steps than with the next smaller depth": delay.slice(1).map(({ steps }, i) =>
        steps - delay[i].steps
      ),
    }),
    expect: {
      "difference of t∞ − t₃ from s/ε − s/(s − ε), ε = 0.001": below(1e-9),
      "more steps than with the next smaller depth": above(0),
    },
    context: ({ delay }) => ({ "t∞ − t₃": stepsAt(delay, null) - stepsAt(delay, 3) }),
  }),
  "best-rate": claim({
    figure: "depth",
    criterion: 7,
    statement: "The best learning rate falls like one over the depth.",
    source: theorem("Section 2.1 and Figure 4, right: O(1/N)", { notes: "3.2" }),
    measure: ({ depth }) => {
      const starts = groupsOf(depth, "u0");
      return {
        "3 to 100 layers, best rate times weight layers, largest over smallest": starts.map(({ rows }) => {
          const products = rows.map(({ rate, layers }) => rate * (layers - 1));
          return Math.max(...products) / Math.min(...products);
        }),
        "power of the weight layers": starts.map(({ rows }) =>
          fitPowerLaw(rows.map(({ layers }) => layers - 1), rows.map(({ rate }) => rate)).slope
        ),
      };
    },
    expect: {
      "3 to 100 layers, best rate times weight layers, largest over smallest": within(1, 3),
      "power of the weight layers": near(-1, { absolute: 0.15 }),
    },
    context: ({ depth }) => ({
      "steps at the optimal rate over theory": depth.map(({ optimalSteps, theory }) => optimalSteps / theory),
    }),
  }),
  "depth-free": claim({
    figure: "starts",
    criterion: 8,
    statement:
      "Orthogonal starts learn in a time that does not depend on depth; Gaussian starts do not learn at " +
      "all when deep.",
    source: fromFigure("Figure 6A", { notes: "7" }),
    measure: ({ learning }) => {
      const deep = learning.filter(({ start, layers }) => start === "gaussian" && layers === 40);
      return {
        "steps of Gaussian over orthogonal starts, 20 layers": groupsOf(learning, "seed").map(({ rows }) =>
          stepsOf(rows, "gaussian", 20)[0] / stepsOf(rows, "orthogonal", 20)[0]
        ),
        "share of Gaussian starts beyond the cap, 40 layers": mean(deep.map(({ capped }) => capped ? 1 : 0)),
        "steps of orthogonal starts, most less fewest of all depths": groupsOf(learning, "seed").map(
          ({ rows }) => {
            const steps = stepsOf(rows, "orthogonal");
            return Math.max(...steps) - Math.min(...steps);
          },
        ),
      };
    },
    expect: {
      "steps of Gaussian over orthogonal starts, 20 layers": atLeast(10),
      "share of Gaussian starts beyond the cap, 40 layers": atLeast(1),
      "steps of orthogonal starts, most less fewest of all depths": atMost(2),
    },
    context: ({ learning }) => ({
      "steps: Gaussian": stepsOf(learning, "gaussian"),
      "decoupled": stepsOf(learning, "decoupled"),
      "orthogonal": stepsOf(learning, "orthogonal"),
    }),
  }),
  isometry: claim({
    figure: "spectra",
    criterion: 9,
    statement:
      "A product of orthogonal matrices keeps all lengths; one of Gaussian matrices keeps them on average, " +
      "by crushing almost every direction.",
    source: fromFigure("Figure 6B", { notes: "7" }),
    measure: ({ spectrum }) => ({
      "99 orthogonal factors, largest |σ − 1|": spectrum.filter(({ start, factors }) =>
        start === "orthogonal" && factors === 99
      ).map(({ deviation }) => deviation),
      "Gaussian, share of σ below 0.01: 1 factor": shareOfSmall(spectrum, 1),
      "5 factors": shareOfSmall(spectrum, 5),
      "20 factors": shareOfSmall(spectrum, 20),
      "99 factors": shareOfSmall(spectrum, 99),
      "mean of σ² from 1, in its exact standard deviations": secondMomentsAway(spectrum),
    }),
    expect: {
      "99 orthogonal factors, largest |σ − 1|": atMost(1e-12),
      // Of N = 100; larger matrices have nearly the same.
      "Gaussian, share of σ below 0.01: 1 factor": near(0.02, { absolute: 0.05 }),
      "5 factors": near(0.2, { absolute: 0.05 }),
      "20 factors": near(0.62, { absolute: 0.05 }),
      "99 factors": near(0.89, { absolute: 0.05 }),
      "mean of σ² from 1, in its exact standard deviations": atMost(4),
    },
  }),
  "mean-field": claim({
    figure: "edge",
    criterion: 10,
    statement: "How a deep tanh network stretches small differences is what mean-field theory says.",
    source: derived("3.4"),
    measure: ({ jacobian }) => ({
      "100 layers, mean σ² of the Jacobian over mean field: gain 0.9": meanSquareAt(jacobian, 0.9) / 1.1e-10,
      "gain 1": meanSquareAt(jacobian, 1) / 7.2e-3,
      "gain 1.1": meanSquareAt(jacobian, 1.1) / 0.435,
    }),
    expect: {
      "100 layers, mean σ² of the Jacobian over mean field: gain 0.9": within(0.5, 2),
      "gain 1": within(0.5, 2),
      "gain 1.1": within(0.5, 2),
    },
  }),
  "critical-gain": claim({
    figure: null,
    criterion: 10,
    statement:
      "At the critical gain 1, a tanh network of 100 orthogonal layers still passes gradients in most " +
      "directions; a Gaussian one does not.",
    source: fromFigure("Figure 7", { notes: "7" }),
    measure: ({ jacobian }) => ({
      "median σ of the Jacobian: orthogonal": atGain(jacobian, "orthogonal", 1).map(({ median }) => median),
      "Gaussian": atGain(jacobian, "gaussian", 1).map(({ median }) => median),
    }),
    expect: { "median σ of the Jacobian: orthogonal": within(1e-2, 1), "Gaussian": within(0, 1e-10) },
  }),
}));

function errorsOf(errors: readonly Row<"error">[], run: Row<"error">["run"]): number[] {
  return errors.filter((row) => row.run === run).map(({ largest }) => largest);
}

interface ModeDelays {
  mode: number;
  /** One per seed; infinite if the mode was never half learned. */
  delays: number[];
}

/** Relative delays of the half times, mode by mode. */
function delaysOf(halves: readonly Row<"half">[], model: Row<"half">["model"]): ModeDelays[] {
  return groupsOf(halves.filter((row) => row.model === model), "mode").map(({ value, rows }) => ({
    mode: value,
    delays: rows.map((row) => timeOf(row) / row.analytic - 1),
  }));
}

function meanDelay(delays: readonly ModeDelays[], wanted: number): number {
  return mean(delays.find(({ mode }) => mode === wanted)!.delays);
}

function timeOf({ simulated }: Row<"half">): number {
  return simulated ?? Infinity;
}

/** Half time of each shown mode over that of the one before. */
function successiveRatios(halves: readonly Row<"half">[], model: Row<"half">["model"]): number[] {
  return groupsOf(halves.filter((row) => row.model === model), "seed").flatMap(({ rows }) => {
    const times = SHOWN_MODES.map((shown) => timeOf(rows.find(({ mode }) => mode === shown)!));
    return times.slice(1).map((time, i) => time / times[i]);
  });
}

function tanhOverLinear(halves: readonly Row<"half">[]): number[] {
  return halves.filter(({ model, mode }) => model === "tanh" && mode >= 12).map((row) =>
    timeOf(row) /
    timeOf(
      halves.find(({ model, mode, seed }) => model === "linear" && mode === row.mode && seed === row.seed)!,
    )
  );
}

function stepsAt(delays: readonly Row<"delay">[], layers: number | null): number {
  return delays.find((row) => row.layers === layers)!.steps;
}

function stepsOf(runs: readonly Row<"learning">[], start: Start, layers?: number): number[] {
  return runs.filter((row) => row.start === start && (layers === undefined || row.layers === layers))
    .map(({ steps }) => steps);
}

function shareOfSmall(spectra: readonly Row<"spectrum">[], factors: number): number {
  return mean(
    spectra.filter((row) => row.start === "gaussian" && row.factors === factors).map((row) => row.small),
  );
}

/** How far the mean of the draws is from 1, one per number of factors. */
function secondMomentsAway(spectra: readonly Row<"spectrum">[]): number[] {
  return groupsOf(spectra.filter(({ start }) => start === "gaussian"), "factors").map(({ value, rows }) => {
    const { secondSpread } = gaussianProductMoments(distinct(rows, "size")[0], value);
    return Math.abs(mean(rows.map(({ second }) => second)) - 1) * Math.sqrt(rows.length) / secondSpread;
  });
}

/** From q = 1. */
function atGain(
  jacobians: readonly Row<"jacobian">[],
  start: Row<"jacobian">["start"],
  gain: number,
): Row<"jacobian">[] {
  return jacobians.filter((row) => row.start === start && row.gain === gain && row.q1 === 1);
}

function meanSquareAt(jacobians: readonly Row<"jacobian">[], gain: number): number {
  return mean(atGain(jacobians, "orthogonal", gain).map(({ meanSquare }) => meanSquare));
}
