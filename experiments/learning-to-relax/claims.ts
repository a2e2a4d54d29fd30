/** What must be seen, as data: notes 7 numbers the criteria. */
import { mean } from "simple-statistics";
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
  near,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import type { HeatMethod, Method, Row, Variance } from "./rows.ts";

/** The fixed parameters of the paper. */
export const FIVE = [1, 1.2, 1.4, 1.6, 1.8];

/** Thousands of iterations that an independent program took: notes 6. */
const REFERENCE: Record<Variance, Record<number, [who: Method | number, thousands: number][]>> = {
  high: {
    2000: [
      ["Tsallis-INF", 266],
      ["Tsallis-INF-CB", 242],
      ["ChebCB", 146],
      [1, 1220],
      [1.2, 793],
      [1.4, 502],
      [1.6, 296],
      [1.8, 207],
      ["instance-optimal", 112],
    ],
    5000: [
      ["Tsallis-INF", 606],
      ["Tsallis-INF-CB", 522],
      ["ChebCB", 334],
      [1, 3080],
      [1.2, 2013],
      [1.4, 1275],
      [1.6, 751],
      [1.8, 518],
      ["instance-optimal", 283],
    ],
  },
  low: {
    2000: [
      ["Tsallis-INF", 146],
      ["Tsallis-INF-CB", 145],
      ["ChebCB", 100],
      [1, 541],
      [1.2, 355],
      [1.4, 219],
      [1.6, 126],
      [1.8, 172],
      ["instance-optimal", 83],
    ],
    5000: [
      ["Tsallis-INF", 335],
      ["Tsallis-INF-CB", 321],
      ["ChebCB", 234],
      [1, 1355],
      [1.2, 886],
      [1.4, 547],
      [1.6, 316],
      [1.8, 430],
      ["instance-optimal", 209],
    ],
  },
};

/** Iterations of the heat equation with 25 cells and 1000 steps, by the same program. */
const HEAT_REFERENCE: [omega: number, iterations: number][] = [
  [1, 6528],
  [1.3, 5914],
  [1.4, 5858],
  [1.5, 6432],
  [1.75, 8918],
  [1.95, 12562],
];
/** Sum of the solution then. */
const HEAT_SUM = 15.5157;

/** tau of the grid 1, 1.01, ... and the optimal parameter, by shift. */
const TAUS: Record<number, number> = {
  [-0.15]: 0.19829224,
  0: 0.18124314,
  0.15: 0.18815763,
  0.45: 0.2455758,
};

export const claims = defineClaims<Row>((claim) => ({
  context: claim({
    figure: "contextual",
    criterion: 1,
    headline: true,
    statement:
      "Over 2000 instances of high variance, ChebCB takes fewer iterations than the best fixed parameter, and " +
      "not many more than the best parameter for each instance.",
    source: fromFigure("Figure of the contextual learners, high variance", { notes: "7" }),
    decidedBy: ({ progress }) => atLeastSeeds(runsAt(progress, "high", 2000), 3),
    measure: ({ progress }) => againstOthers(runsAt(progress, "high", 2000)),
    expect: {
      "ChebCB over the best of five fixed parameters": atMost(0.8),
      "ChebCB over instance-optimal": atMost(1.45),
      "its mean over seeds": atMost(1.38),
    },
    context: ({ progress }) => laterContext(runsAt(progress, "high", 5000)),
  }),
  "context-low": claim({
    figure: "contextual",
    criterion: 1,
    statement:
      "Over 2000 instances of low variance, too: fewer iterations than the best of five fixed parameters, and " +
      "than the best of all that were tried.",
    source: fromFigure("Figure of the contextual learners, low variance", { notes: "7" }),
    decidedBy: ({ progress }) =>
      atLeastSeeds(runsAt(progress, "low", 2000), 3) &&
      runsAt(progress, "low", 2000).some(({ omega }) => omega === 1.65),
    measure: ({ progress }) => {
      const rows = runsAt(progress, "low", 2000);
      return {
        ...againstOthers(rows),
        "over the best of all fixed parameters": ratios(rows, "ChebCB", bestFixed(rows, [])),
      };
    },
    expect: {
      "ChebCB over the best of five fixed parameters": atMost(0.85),
      "over the best of all fixed parameters": atMost(0.92),
      "ChebCB over instance-optimal": atMost(1.45),
      "its mean over seeds": atMost(1.27),
    },
    context: ({ progress }) => laterContext(runsAt(progress, "low", 5000)),
  }),
  young: claim({
    figure: null,
    criterion: 2,
    statement: "The spectral radius of the iteration, from all eigenvalues, is that of Young's formula.",
    source: theorem("Young 1971", { notes: "3.2" }),
    measure: ({ radius }) => {
      const off = (optimal: boolean) =>
        radius.filter((row) => row.optimal === optimal).map(({ dense, formula }) => dense - formula);
      return {
        "difference": off(false),
        "at the optimal parameter, where an eigenvalue is defective": off(true),
      };
    },
    expect: {
      "difference": within(-1e-9, 1e-9),
      "at the optimal parameter, where an eigenvalue is defective": within(-1e-7, 1e-7),
    },
  }),
  surrogate: claim({
    figure: "surrogates",
    criterion: 3,
    statement:
      "No count is above the near-asymptotic bound, which is least at the optimal parameter and close, while " +
      "most counts are above the asymptotic estimate.",
    source: derived("3.3"),
    decidedBy: ({ surrogate }) => [0, -0.15].every((shift) => shiftOf(surrogate, shift).length === 101),
    measure: ({ surrogate }) => {
      const shifts = distinct(surrogate, "shift");
      const zero = shiftOf(surrogate, 0);
      const low = (shift: number) => {
        const rows = shiftOf(surrogate, shift);
        return rows.filter(({ asymptotic, actual }) => asymptotic < actual).length / rows.length;
      };
      return {
        "bound minus count": surrogate.map(({ bound, actual }) => bound - actual),
        "c = 0: smallest slack": Math.min(...zero.map(({ bound, actual }) => bound - actual)),
        "c = 0: largest bound over count": Math.max(...zero.map(({ bound, actual }) => bound / actual)),
        "tau minus its tabulated value": shifts.map((shift) =>
          shiftOf(surrogate, shift)[0].tau - TAUS[shift]
        ),
        "parameter of the smallest bound minus the optimal one": shifts.map((shift) => {
          const rows = shiftOf(surrogate, shift);
          const least = rows.reduce((best, row) => row.bound < best.bound ? row : best);
          return least.omega - rows.find(({ optimal }) => optimal)!.omega;
        }),
        "share of counts above the asymptotic estimate, c = 0": low(0),
        "c = -0.15": low(-0.15),
      };
    },
    expect: {
      "bound minus count": above(0),
      "c = 0: smallest slack": atLeast(1.28),
      "c = 0: largest bound over count": atMost(1.24),
      "tau minus its tabulated value": within(-1e-6, 1e-6),
      "parameter of the smallest bound minus the optimal one": within(-1e-12, 1e-12),
      "share of counts above the asymptotic estimate, c = 0": near(0.98, { absolute: 0.011 }),
      "c = -0.15": near(0.56, { absolute: 0.011 }),
    },
  }),
  regret: claim({
    figure: "learning",
    criterion: 4,
    statement:
      "Without contexts Tsallis-INF approaches the best fixed parameter: its regret per instance falls along " +
      "every run.",
    source: theorem("Regret of order T^(2/3)", { notes: "2" }),
    decidedBy: ({ progress }) =>
      (["high", "low"] as const).every((variance) => atLeastSeeds(runsAt(progress, variance, 5000), 3)),
    measure: ({ progress }) => {
      const regret = (round: number) => {
        const rows = runsAt(progress, "high", round);
        return bestFixed(rows).map((best, i) => (totals(rows, "Tsallis-INF")[i] - best) / round);
      };
      const [first, second, third] = [1000, 2000, 5000].map(regret);
      const over = (variance: Variance) => {
        const rows = runsAt(progress, variance, 5000);
        return ratios(rows, "Tsallis-INF", bestFixed(rows));
      };
      return {
        "regret per instance, T = 2000 over T = 1000": second.map((value, i) => value / first[i]),
        "T = 5000 over T = 2000": third.map((value, i) => value / second[i]),
        "total over the best fixed one, T = 5000, high variance": over("high"),
        "low variance": over("low"),
      };
    },
    expect: {
      "regret per instance, T = 2000 over T = 1000": below(1),
      "T = 5000 over T = 2000": below(1),
      "total over the best fixed one, T = 5000, high variance": atMost(1.25),
      "low variance": atMost(1.25),
    },
    context: ({ progress }) =>
      Object.fromEntries([1000, 2000, 5000].map((round) => {
        const rows = runsAt(progress, "high", round);
        const best = bestFixed(rows);
        return [
          `regret per instance, T = ${round}`,
          best.map((one, i) => (totals(rows, "Tsallis-INF")[i] - one) / round),
        ];
      })),
  }),
  "gauss-seidel": claim({
    figure: "learning",
    criterion: 5,
    statement:
      "Not to choose at all, which is Gauss-Seidel with ω = 1, costs several times as much as to learn.",
    source: fromFigure("Figure of Tsallis-INF against fixed parameters", { notes: "7" }),
    decidedBy: ({ progress }) =>
      (["high", "low"] as const).every((variance) => {
        const rows = runsAt(progress, variance, 5000);
        return atLeastSeeds(rows, 3) && rows.some(({ omega }) => omega === 1);
      }),
    measure: ({ progress }) => {
      const over = (variance: Variance) => {
        const rows = runsAt(progress, variance, 5000);
        return totals(rows, "fixed", 1).map((total, i) => total / totals(rows, "Tsallis-INF")[i]);
      };
      return { "ω = 1 over Tsallis-INF, high variance": over("high"), "low variance": over("low") };
    },
    expect: { "ω = 1 over Tsallis-INF, high variance": above(4), "low variance": above(3.5) },
  }),
  heat: claim({
    figure: "heat",
    criterion: 6,
    statement:
      "For the heat equation with a changing diffusivity ChebCB takes fewer iterations than every fixed " +
      "parameter of the preconditioner, and at most a fifth more than the best one of each step.",
    source: fromFigure("Figure of the heat equation", { notes: "3.6" }),
    decidedBy: ({ heat }) => atLeastSeeds(learnersOf(smallHeat(heat)), 3),
    measure: ({ heat }) => {
      const rows = smallHeat(heat);
      const learned = rows.filter(({ method }) => method === "ChebCB").map(({ total }) => total);
      const best = Math.min(...rows.filter(({ method }) => method === "fixed").map(({ total }) => total));
      const optimal = heatTotal(rows, "grid-optimal");
      return {
        "iterations without a preconditioner": heatTotal(rows, "CG"),
        "ChebCB over the best fixed parameter": learned.map((total) => total / best),
        "ChebCB over the best parameter of each step": learned.map((total) => total / optimal),
        "sum of the solution": rows.map(({ sum }) => sum),
        "its difference between solvers": Math.max(...rows.map(({ sum }) => sum)) -
          Math.min(...rows.map(({ sum }) => sum)),
      };
    },
    expect: {
      "iterations without a preconditioner": near(17038, { relative: 0.005 }),
      "ChebCB over the best fixed parameter": below(1),
      "ChebCB over the best parameter of each step": below(1.2),
      "sum of the solution": near(HEAT_SUM, { absolute: 1e-4 }),
      "its difference between solvers": atMost(1e-5),
    },
  }),
  probabilities: claim({
    figure: "newton",
    criterion: 7,
    statement:
      "The probabilities of Tsallis-INF sum to 1 in every round; those of the released code lose that between " +
      "rounds 100 and 250, in every run.",
    source: derived("3.4"),
    decidedBy: ({ probability }) =>
      atLeastSeeds(probability.filter(({ newton }) => newton === "official"), 8) &&
      probability.every(({ rounds }) => rounds >= 250),
    measure: ({ probability }) => {
      const released = probability.filter(({ newton }) => newton === "official");
      return {
        "largest distance of a sum from 1": probability.filter(({ newton }) => newton === "safeguarded")
          .map(({ worst }) => worst),
        "released code: largest sum": released.map(({ worst }) => worst),
        "its first round with a wrong sum": released.map(({ broken }) => broken ?? Infinity),
      };
    },
    expect: {
      "largest distance of a sum from 1": atMost(1e-12),
      "released code: largest sum": atLeast(1e6),
      "its first round with a wrong sum": within(100, 250),
    },
    context: ({ probability }) => ({ "rounds": Math.max(...probability.map(({ rounds }) => rounds)) }),
  }),
  "best-fixed": claim({
    figure: "learning",
    criterion: 8,
    statement: "The best of the five fixed parameters is 1.8 for the high variance and 1.6 for the low one.",
    source: fromFigure("Legends of the figure of the contextual learners"),
    decidedBy: ({ progress }) =>
      (["high", "low"] as const).every((variance) => {
        const rows = lastRuns(progress, variance);
        return FIVE.every((omega) => rows.some((row) => row.omega === omega));
      }),
    measure: ({ progress }) => {
      const over = (variance: Variance, best: number) => {
        const rows = lastRuns(progress, variance);
        const others = FIVE.filter((omega) => omega !== best);
        return others.flatMap((omega) =>
          totals(rows, "fixed", omega).map((total, i) => total / totals(rows, "fixed", best)[i])
        );
      };
      return {
        "others over 1.8, high variance": over("high", 1.8),
        "others over 1.6, low variance": over("low", 1.6),
      };
    },
    expect: { "others over 1.8, high variance": above(1), "others over 1.6, low variance": above(1) },
  }),
  reference: claim({
    figure: null,
    statement: "All totals are those of an independent program.",
    source: derived("6"),
    decidedBy: ({ progress }) => atLeastSeeds(runsAt(progress, "high", 2000), 3),
    measure: ({ progress }) => ({
      "mean total over the one of that program": (["high", "low"] as const).flatMap((variance) =>
        [2000, 5000].flatMap((round) => {
          const rows = runsAt(progress, variance, round);
          return REFERENCE[variance][round].flatMap(([who, thousands]) => {
            const own = typeof who === "number" ? totals(rows, "fixed", who) : totals(rows, who);
            return own.length === 0 ? [] : [mean(own) / (1000 * thousands)];
          });
        })
      ),
    }),
    // Totals of a learner have a standard deviation of 3 %, and these are means of three.
    expect: { "mean total over the one of that program": within(0.92, 1.08) },
  }),
  "heat-reference": claim({
    figure: null,
    statement: "So are those of conjugate gradients with a fixed parameter.",
    source: derived("6"),
    decidedBy: ({ heat }) => smallHeat(heat).length > 0,
    measure: ({ heat }) => ({
      "iterations over those of that program": HEAT_REFERENCE.map(([omega, iterations]) =>
        smallHeat(heat).find((row) => row.omega === omega)!.total / iterations
      ),
      "with the best parameter of each step": heatTotal(smallHeat(heat), "grid-optimal") / 4802,
    }),
    expect: {
      "iterations over those of that program": within(0.995, 1.005),
      "with the best parameter of each step": within(0.99, 1.01),
    },
  }),
  "without-context": claim({
    figure: "price",
    statement:
      "It is the context: with polynomials of degree 0, which ignore it, the same learner does no better than a " +
      "fixed parameter.",
    source: derived("9"),
    decidedBy: ({ price }) => price.length > 0 && price.every(({ rounds }) => rounds >= 2000),
    measure: ({ price, progress }) => {
      const rows = runsAt(progress, "high", 2000);
      const best = bestFixed(rows);
      const over = (degree: number) =>
        distinct(rows, "seed").map((seed, i) =>
          price.find((row) =>
            row.method === "ChebCB" && row.seed === seed && row.degree === degree && row.actions === 20
          )!.total / best[i]
        );
      return { "degree 0 over the best fixed parameter": over(0), "degree 5": over(5) };
    },
    expect: { "degree 0 over the best fixed parameter": atLeast(0.95), "degree 5": atMost(0.8) },
  }),
  energy: claim({
    figure: "surrogates",
    statement: "The bound from the energy norm holds, and is three times the count at the optimal parameter.",
    source: derived("3.3"),
    decidedBy: ({ surrogate }) => shiftOf(surrogate, 0).length > 0,
    measure: ({ surrogate }) => {
      const optimum = shiftOf(surrogate, 0).find(({ optimal }) => optimal)!;
      return {
        "bound minus count": surrogate.map(({ energy, actual }) => Math.ceil(energy) - actual),
        "bound at the optimal parameter, c = 0": optimum.energy,
        "over the count": optimum.energy / optimum.actual,
      };
    },
    expect: {
      "bound minus count": atLeast(0),
      "bound at the optimal parameter, c = 0": near(124.182, { absolute: 1e-3 }),
      "over the count": atLeast(2.5),
    },
  }),
}));

/** Rows after that many instances of the distribution, with the paper's numbers of everything. */
function runsAt(rows: readonly Row<"progress">[], variance: Variance, round: number): Row<"progress">[] {
  const [alpha, beta] = variance === "high" ? [0.5, 1.5] : [2, 6];
  return rows.filter((row) =>
    row.variance === variance && row.round === round && row.alpha === alpha && row.beta === beta &&
    row.actions === 20 && row.degree === 5
  );
}

function lastRuns(rows: readonly Row<"progress">[], variance: Variance): Row<"progress">[] {
  return runsAt(rows, variance, Math.max(...rows.map(({ round }) => round)));
}

/** Totals of a method, seed by seed. */
function totals(rows: readonly Row<"progress">[], method: Method, omega: number | null = null): number[] {
  return rows.filter((row) => row.method === method && row.omega === omega)
    .toSorted((a, b) => a.seed - b.seed).map(({ total }) => total);
}

/** The lowest total of a fixed parameter, seed by seed; `among` none of them means all that were run. */
function bestFixed(rows: readonly Row<"progress">[], among: number[] = FIVE): number[] {
  const fixed = rows.filter(({ omega }) => omega !== null && (among.length === 0 || among.includes(omega)));
  return distinct(rows, "seed").toSorted((a, b) => a - b).map((seed) =>
    Math.min(...fixed.filter((row) => row.seed === seed).map(({ total }) => total))
  );
}

function ratios(rows: readonly Row<"progress">[], method: Method, others: number[]): number[] {
  return totals(rows, method).map((total, i) => total / others[i]);
}

function againstOthers(rows: readonly Row<"progress">[]) {
  const overOptimal = ratios(rows, "ChebCB", totals(rows, "instance-optimal"));
  return {
    "ChebCB over the best of five fixed parameters": ratios(rows, "ChebCB", bestFixed(rows)),
    "ChebCB over instance-optimal": overOptimal,
    "its mean over seeds": mean(overOptimal),
  };
}

function laterContext(rows: readonly Row<"progress">[]): Record<string, number[]> {
  if (rows.length === 0) return {};
  return {
    "T = 5000, ChebCB over the best of five": ratios(rows, "ChebCB", bestFixed(rows)),
    "over instance-optimal": ratios(rows, "ChebCB", totals(rows, "instance-optimal")),
  };
}

function shiftOf(rows: readonly Row<"surrogate">[], shift: number): Row<"surrogate">[] {
  return rows.filter((row) => row.shift === shift);
}

/** The runs of the criterion. */
function smallHeat(rows: readonly Row<"heat">[]): Row<"heat">[] {
  return rows.filter(({ cells, steps }) => cells === 25 && steps === 1000);
}

function learnersOf(rows: readonly Row<"heat">[]): Row<"heat">[] {
  return rows.filter(({ method }) => method === "ChebCB");
}

function heatTotal(rows: readonly Row<"heat">[], method: HeatMethod): number {
  return rows.find((row) => row.method === method)!.total;
}
