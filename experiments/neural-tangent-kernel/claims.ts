/** What must be seen, as data: notes 7 numbers the criteria. */
import {
  above,
  atLeast,
  atMost,
  below,
  defineClaims,
  derived,
  distinct,
  fromFigure,
  mean,
  type RowTable,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { fitPowerLaw } from "../../lib/statistics/mod.ts";
import { type Row, testAngles } from "./rows.ts";

type Rows = RowTable<Row>;

/** Quantile of the normal distribution at 90 %: the band holds 80 % of the values. */
const Z90 = 1.2815515655;

export const claims = defineClaims<Row>((claim) => ({
  "limit-kernel": claim({
    figure: "spread",
    criterion: 1,
    headline: true,
    statement:
      "At initialization the tangent kernel of a wide network is the deterministic kernel of the recursion.",
    source: theorem("Theorem 1"),
    measure: (rows) => ({
      "relative L2 distance of the mean kernel from the limit, largest width":
        kernelErrors(rows).at(-1)!.error,
    }),
    expect: { "relative L2 distance of the mean kernel from the limit, largest width": below(0.05) },
    context: (rows) => ({ "width": kernelErrors(rows).at(-1)!.width }),
  }),
  "spread-exponent": claim({
    figure: "spread",
    criterion: 1,
    statement: "Its spread over initializations shrinks as the square root of the width.",
    source: derived("3"),
    measure: (rows) => {
      const errors = kernelErrors(rows);
      return {
        "power of the width": fitPowerLaw(errors.map(({ width }) => width), errors.map(({ sd }) => sd)).slope,
      };
    },
    expect: { "power of the width": within(-0.62, -0.38) },
    context: (rows) => ({ "standard deviation": kernelErrors(rows).map(({ sd }) => sd) }),
  }),
  "frozen-kernel": claim({
    figure: "kernel",
    criterion: 2,
    statement: "The wider the network, the less training changes its kernel.",
    source: theorem("Theorem 2, Figure 1"),
    measure: ({ drift }) => ({
      "change at the smallest width over that at the largest, per square root of their ratio": freezing(
        drift,
        "relu",
      ),
    }),
    expect: {
      "change at the smallest width over that at the largest, per square root of their ratio": atLeast(1),
    },
    context: ({ drift }) => ({
      "relative change, by width": changes(drift, "relu").map(({ change }) => change),
    }),
  }),
  inflation: claim({
    figure: "kernel",
    criterion: 2,
    statement: "What training does to the kernel is to inflate it, much less so in the wide network.",
    source: fromFigure("Figure 1"),
    measure: ({ drift }) => {
      const inflations = changes(drift, "relu").map(({ inflation }) => inflation);
      return {
        "mean kernel after over before, every width": inflations,
        "growth at the largest width over that at the smallest": (inflations.at(-1)! - 1) /
          (inflations[0] - 1),
      };
    },
    expect: {
      "mean kernel after over before, every width": above(1),
      "growth at the largest width over that at the smallest": below(1),
    },
  }),
  "smooth-activation": claim({
    figure: null,
    statement:
      "A smooth activation, which Theorem 2 asks for, freezes as the rectifier does, which it excludes.",
    source: theorem("Theorem 2 (assumption of smoothness)"),
    decidedBy: ({ drift }) => drift.filter(({ activation }) => activation === "erf").length >= 4,
    measure: ({ drift }) => ({
      "erf: change at the smallest width over that at the largest, per square root of their ratio": freezing(
        drift,
        "erf",
      ),
    }),
    expect: {
      "erf: change at the smallest width over that at the largest, per square root of their ratio": atLeast(
        1,
      ),
    },
  }),
  "gaussian-band": claim({
    figure: "functions",
    criterion: 3,
    statement: "Trained networks scatter around kernel regression as the Gaussian law predicts.",
    source: theorem("Section 5, Figure 2"),
    measure: (rows) => ({ "share of test values in the 10–90 % band, every width": bandShares(rows) }),
    expect: { "share of test values in the 10–90 % band, every width": within(0.6, 0.95) },
  }),
  "training-points-fitted": claim({
    figure: "functions",
    criterion: 3,
    statement: "On the training points the function converges to the targets.",
    source: theorem("Section 5, Figure 2"),
    measure: (rows) => ({
      "root mean square error at the end, every network": lastFunctions(rows).map(({ rmse }) => rmse),
    }),
    expect: { "root mean square error at the end, every network": below(0.01) },
  }),
  "mode-rate": claim({
    figure: "components",
    criterion: 4,
    statement: "A principal component is learned at the rate of its eigenvalue.",
    source: theorem("Section 5.1, Figure 3 (right)"),
    decidedBy: hasWideModes,
    measure: (rows) => ({
      "share of the error left at t = 1/eigenvalue, each mode": trackedModes(rows).map((mode) =>
        mean(summaries(rows, mode, widest(rows)).flatMap(({ left }) => left ?? []))
      ),
    }),
    expect: { "share of the error left at t = 1/eigenvalue, each mode": within(0.308, 0.428) },
  }),
  "off-mode-error": claim({
    figure: "components",
    criterion: 5,
    statement: "The error off that component, zero in the limit, shrinks with the width.",
    source: fromFigure("Figure 3 (middle)"),
    decidedBy: hasWideModes,
    measure: (rows) => ({
      "power of the width of its peak, each mode": trackedModes(rows).map((mode) => {
        const widths = widthsOf(rows["mode-summary"]);
        const peaks = widths.map((width) =>
          mean(summaries(rows, mode, width).flatMap(({ peak }) => peak ?? []))
        );
        return fitPowerLaw(widths, peaks).slope;
      }),
    }),
    expect: { "power of the width of its peak, each mode": within(-0.8, -0.25) },
  }),
  "order-of-learning": claim({
    figure: "spectralBias",
    criterion: 7,
    statement: "Fourier modes are learned in the order of their eigenvalues.",
    source: theorem("Section 5"),
    measure: (rows) => {
      const own = rows["mode-summary"].filter(({ width }) => width === widest(rows));
      const halves = distinct(own, "mode").map((mode) => {
        const runs = own.filter((row) => row.mode === mode);
        return { rate: runs[0].rate, half: mean(runs.map(({ half }) => half ?? NaN)) };
      }).sort((a, b) => b.rate - a.rate).map(({ half }) => half);
      return {
        "time to halve the error over that of the mode before": halves.slice(1).map((half, i) =>
          half / halves[i]
        ),
      };
    },
    expect: { "time to halve the error over that of the mode before": above(1) },
  }),
  linearized: claim({
    figure: null,
    criterion: 6,
    statement: "With the tangent features frozen, gradient descent is exactly kernel gradient descent.",
    source: theorem("Section 4"),
    measure: ({ linearized }) => ({
      "difference from (1 − step · eigenvalue)^steps": linearized.map(({ deviation }) => deviation),
    }),
    expect: { "difference from (1 − step · eigenvalue)^steps": atMost(1e-9) },
  }),
  "depth-two-law": claim({
    figure: null,
    criterion: 8,
    statement:
      "With one hidden layer the mean kernel is the limit at every width, and the spread is q√(3/n).",
    source: derived("7"),
    measure: ({ shallow }) => ({
      "mean minus limit, in standard errors": shallow.map(({ mean, limit, expectedSd, draws }) =>
        (mean - limit) / (expectedSd / Math.sqrt(draws))
      ),
      "standard deviation over q√(3/n)": shallow.map(({ sd, expectedSd }) => sd / expectedSd),
    }),
    expect: {
      "mean minus limit, in standard errors": within(-4, 4),
      "standard deviation over q√(3/n)": within(0.94, 1.06),
    },
  }),
}));

function widthsOf(rows: readonly { width: number }[]): number[] {
  return distinct(rows, "width").sort((a, b) => a - b);
}

/** Relative L2 distance of the mean kernel from the limit and mean spread, by width. */
export function kernelErrors({ limit, spread }: Rows): { width: number; error: number; sd: number }[] {
  const relu = limit.filter(({ activation }) => activation === "relu");
  const at = interpolate(relu.map(({ gamma }) => gamma), relu.map(({ ntk }) => ntk));
  return widthsOf(spread).map((width) => {
    const own = spread.filter((row) => row.width === width);
    const difference = own.reduce((sum, row) => sum + (row.mean - at(row.gamma)) ** 2, 0);
    const size = own.reduce((sum, row) => sum + at(row.gamma) ** 2, 0);
    return { width, error: Math.sqrt(difference / size), sd: mean(own.map(({ sd }) => sd)) };
  });
}

/** Piecewise linear through ascending x: the two grids of angles need not be the same. */
function interpolate(x: number[], y: number[]): (at: number) => number {
  return (at) => {
    const i = Math.min(x.length - 2, Math.max(0, x.findLastIndex((v) => v <= at + 1e-12)));
    return y[i] + (y[i + 1] - y[i]) * (at - x[i]) / (x[i + 1] - x[i]);
  };
}

/** How far training moved the kernel, and by which factor it grew, by width. */
function changes(
  drift: readonly Row<"drift">[],
  activation: string,
): { width: number; change: number; inflation: number }[] {
  const own = drift.filter((row) => row.activation === activation);
  return widthsOf(own).map((width) => {
    const runs = own.filter((row) => row.width === width);
    return {
      width,
      change: mean(runs.map(({ before, after }) => norm(after.map((v, i) => v - before[i])) / norm(before))),
      inflation: mean(runs.map(({ before, after }) => mean(after) / mean(before))),
    };
  });
}

function norm(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
}

/** By how much the change shrinks from the smallest to the largest width, over the square root of their ratio. */
function freezing(drift: readonly Row<"drift">[], activation: string): number {
  const all = changes(drift, activation);
  const narrow = all[0];
  const wide = all[all.length - 1];
  return narrow.change / wide.change / Math.sqrt(wide.width / narrow.width);
}

function lastFunctions({ function: trained }: Rows) {
  const end = Math.max(...trained.map(({ time }) => time));
  return trained.filter(({ time }) => time === end);
}

function bandShares(rows: Rows): number[] {
  const last = lastFunctions(rows);
  return widthsOf(last).map((width) =>
    mean(
      last.filter((row) => row.width === width).flatMap(({ test, time }) =>
        test.map((value, i): number => {
          const law = rows.band.find((row) => row.time === time && row.gamma === testAngles[i])!;
          return Math.abs(value - law.mean) <= Z90 * law.sd ? 1 : 0;
        })
      ),
    )
  );
}

function widest(rows: Rows): number {
  return Math.max(...rows["mode-summary"].map(({ width }) => width));
}

function trackedModes(rows: Rows): number[] {
  return distinct(rows["mode-summary"].filter(({ peak }) => peak !== null), "mode");
}

function summaries(rows: Rows, mode: number, width: number): Row<"mode-summary">[] {
  return rows["mode-summary"].filter((row) => row.mode === mode && row.width === width);
}

/** Three networks per width are too few, and narrow ones too far from the limit. */
function hasWideModes(rows: Rows): boolean {
  const [first] = trackedModes(rows);
  return widest(rows) >= 200 && summaries(rows, first, widest(rows)).length >= 5;
}
