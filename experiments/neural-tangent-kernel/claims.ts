import { fitPowerLaw } from "../../lib/statistics/mod.ts";
import { allWithin, show, showRange } from "../../lib/experiment/legacy.ts";
import type { LegacyClaim as Claim } from "../../lib/experiment/legacy.ts";
import { distinct, type DriftRow, type Row, rowsOf, testAngles } from "./rows.ts";

/** The claims of the tangent-kernel experiment. */
export function claims(rows: Row[]): Claim[] {
  return [
    ...limitKernel(rows),
    ...frozenKernel(rows),
    ...gaussianFunctions(rows),
    ...principalComponents(rows),
    ...identities(rows),
  ];
}

const average = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

/** Relative L2 distance of the mean kernel from the limit, by width. */
export function kernelErrors(rows: readonly Row[]): { width: number; error: number; sd: number }[] {
  const limit = rowsOf(rows, "limit").filter((row) => row.activation === "relu");
  const at = interpolate(limit.map(({ gamma }) => gamma), limit.map(({ ntk }) => ntk));
  const spread = rowsOf(rows, "spread");
  return distinct(spread.map(({ width }) => width)).map((width) => {
    const here = spread.filter((row) => row.width === width);
    const difference = here.reduce((sum, { gamma, mean }) => sum + (mean - at(gamma)) ** 2, 0);
    const size = here.reduce((sum, { gamma }) => sum + at(gamma) ** 2, 0);
    return { width, error: Math.sqrt(difference / size), sd: average(here.map(({ sd }) => sd)) };
  });
}

/** Piecewise linear through ascending x: the two grids of angles need not be the same. */
function interpolate(x: number[], y: number[]): (at: number) => number {
  return (at) => {
    const i = Math.min(x.length - 2, Math.max(0, x.findLastIndex((v) => v <= at + 1e-12)));
    return y[i] + (y[i + 1] - y[i]) * (at - x[i]) / (x[i + 1] - x[i]);
  };
}

function limitKernel(rows: Row[]): Claim[] {
  const errors = kernelErrors(rows);
  const widest = errors.at(-1);
  const inits = rowsOf(rows, "spread")[0]?.inits ?? 0;
  const slope = errors.length < 2
    ? NaN
    : fitPowerLaw(errors.map((e) => e.width), errors.map((e) => e.sd)).slope;
  return [{
    id: "limit-kernel",
    statement:
      "At initialization the tangent kernel of a wide network is the deterministic kernel of the recursion.",
    source: "theorem",
    reference: "Theorem 1",
    expected:
      "mean over initializations within 5 % of the limit (relative L2 over the circle) at the largest width",
    measured: widest === undefined
      ? "nothing"
      : `${show(100 * widest.error, 3)} % at n = ${widest.width}, ${inits} initializations`,
    headline: true,
    holds: widest !== undefined && widest.error < 0.05,
  }, {
    id: "spread-exponent",
    statement: "Its spread over initializations shrinks as the square root of the width.",
    source: "derived",
    reference: "law of large numbers in Theorem 1's proof",
    expected: "standard deviation as n to the power -0.5 +- 0.12",
    measured: `power ${show(slope, 3)} over n = ${showRange(errors.map((e) => e.width))}, sd ${
      errors.map((e) => show(e.sd, 3)).join(", ")
    }`,
    holds: allWithin([slope], -0.62, -0.38),
  }];
}

/** How far training moved one network's kernel, and by which factor it grew. */
export function kernelChange(row: DriftRow): { change: number; inflation: number } {
  const norm = (values: number[]) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
  return {
    change: norm(row.after.map((v, i) => v - row.before[i])) / norm(row.before),
    inflation: average(row.after) / average(row.before),
  };
}

function frozenKernel(rows: Row[]): Claim[] {
  const drift = rowsOf(rows, "drift");
  const by = (activation: string) =>
    distinct(drift.map(({ width }) => width)).map((width) => {
      const runs = drift.filter((row) => row.width === width && row.activation === activation).map(
        kernelChange,
      );
      const inflations = runs.map(({ inflation }) => inflation);
      const inflation = average(inflations);
      const sd = Math.sqrt(average(inflations.map((v) => (v - inflation) ** 2)));
      return { width, change: average(runs.map(({ change }) => change)), inflation, sd };
    });
  const relu = by("relu");
  const erf = by("erf");
  const narrow = relu[0];
  const wide = relu.at(-1)!;
  const ratio = narrow.change / wide.change;
  const erfRatio = erf[0].change / erf.at(-1)!.change;
  // The factor is stated for a width ratio of 4.
  const needed = Math.sqrt(wide.width / narrow.width);
  const list = (group: typeof relu) =>
    group.map(({ width, change }) => `${show(change, 3)} at n = ${width}`).join(", ");
  return [{
    id: "frozen-kernel",
    statement: "The wider the network, the less training changes its kernel.",
    source: "theorem",
    reference: "Theorem 2, Figure 1",
    expected: `relative change after 200 steps smaller by a factor of at least ${
      show(needed)
    } (2 per fourfold width)`,
    measured: `${list(relu)}: factor ${show(ratio, 3)}`,
    holds: ratio >= needed,
  }, {
    id: "inflation",
    statement: "What training does to the kernel is to inflate it, much less so in the wide network.",
    source: "figure",
    reference: "Figure 1",
    expected: "mean kernel grows at every width, and by less at the largest",
    measured: relu.map(({ width, inflation, sd }) =>
      `x ${show(inflation, 4)} +- ${show(sd, 2)} at n = ${width}`
    ).join(", "),
    holds: relu.every(({ inflation }) => inflation > 1) && wide.inflation < narrow.inflation,
  }, {
    id: "smooth-activation",
    statement:
      "A smooth activation, which Theorem 2 asks for, freezes as the rectifier does, which it excludes.",
    source: "theorem",
    reference: "Theorem 2 (assumption of smoothness)",
    expected: `erf: relative change smaller by a factor of at least ${show(needed)} too`,
    measured: `erf: ${list(erf)}: factor ${show(erfRatio, 3)}`,
    holds: drift.filter((row) => row.activation === "erf").length < 4 ? null : erfRatio >= needed,
  }];
}

function gaussianFunctions(rows: Row[]): Claim[] {
  const trained = rowsOf(rows, "function");
  const end = Math.max(...trained.map(({ time }) => time));
  const last = trained.filter(({ time }) => time === end);
  const band = rowsOf(rows, "band").filter(({ time }) => time === end);
  const z = 1.2815515655;
  const share = (group: typeof last) =>
    average(group.flatMap(({ test }) =>
      test.map((value, i): number => {
        const law = band.find(({ gamma }) => gamma === testAngles[i])!;
        return Math.abs(value - law.mean) <= z * law.sd ? 1 : 0;
      })
    ));
  const widths = distinct(last.map(({ width }) => width));
  const shares = widths.map((width) => share(last.filter((row) => row.width === width)));
  const rmse = last.map((row) => row.rmse);
  return [{
    id: "gaussian-band",
    statement: "Trained networks scatter around kernel regression as the Gaussian law says.",
    source: "theorem",
    reference: "Section 5, Figure 2",
    expected: "60 % to 95 % of test values in the 10-90 % band (nominal 80 %), at every width",
    measured: widths.map((width, i) => `${show(100 * shares[i], 3)} % at n = ${width}`).join(", "),
    holds: allWithin(shares, 0.6, 0.95),
  }, {
    id: "training-points-fitted",
    statement: "On the training points the function converges to the targets.",
    source: "theorem",
    reference: "Section 5, Figure 2",
    expected: `root mean square error below 0.01 after ${end} steps, every network`,
    measured: `at most ${show(Math.max(...rmse), 3)}`,
    holds: allWithin(rmse, 0, 0.01),
  }];
}

function principalComponents(rows: Row[]): Claim[] {
  const runs = rowsOf(rows, "mode-summary");
  const widths = distinct(runs.map(({ width }) => width));
  const widest = widths.at(-1)!;
  const tracked = distinct(runs.filter(({ peak }) => peak !== null).map(({ mode }) => mode));
  const at = (mode: number, width: number) => runs.filter((row) => row.mode === mode && row.width === width);
  const numbers = (values: (number | null)[]) => values.filter((v) => v !== null);
  const left = tracked.map((mode) => average(numbers(at(mode, widest).map((row) => row.left))));
  const peaks = tracked.map((mode) =>
    widths.map((width) => average(numbers(at(mode, width).map((row) => row.peak))))
  );
  const slopes = peaks.map((values) => fitPowerLaw(widths, values).slope);
  const modes = distinct(runs.filter(({ width }) => width === widest).map(({ mode }) => mode));
  const halves = modes.map((mode) => ({
    mode,
    rate: at(mode, widest)[0].rate,
    half: average(at(mode, widest).map((row) => row.half ?? Infinity)),
  })).sort((a, b) => b.rate - a.rate);
  const enough = at(tracked[0], widest).length >= 5;
  return [{
    id: "mode-rate",
    statement: "A principal component is learned at the rate of its eigenvalue.",
    source: "theorem",
    reference: "Section 5.1, Figure 3 (right)",
    expected: "at t = 1 / eigenvalue a share 0.368 +- 0.06 of the error is left",
    measured: tracked.map((mode, i) => `mode ${mode}: ${show(left[i], 3)}`).join(", ") + ` at n = ${widest}`,
    holds: widest < 200 || !enough ? null : allWithin(left, 0.308, 0.428),
  }, {
    id: "off-mode-error",
    statement: "The error off that component, zero in the limit, shrinks with the width.",
    source: "figure",
    reference: "Figure 3 (middle)",
    expected: "peak as n to a power in [-0.8, -0.25]",
    measured: tracked.map((mode, i) =>
      `mode ${mode}: ${peaks[i].map((p) => show(p, 3)).join(", ")}, power ${show(slopes[i], 3)}`
    ).join("; "),
    holds: widest < 200 || !enough ? null : allWithin(slopes, -0.8, -0.25),
  }, {
    id: "order-of-learning",
    statement: "Fourier modes are learned in the order of their eigenvalues.",
    source: "theorem",
    reference: "Section 5",
    expected: "times to halve the error sorted as 1 / eigenvalue",
    measured: halves.map(({ mode, half }) => `mode ${mode}: ${show(half, 3)}`).join(", ") +
      ` at n = ${widest}`,
    holds: halves.every(({ half }, i) => Number.isFinite(half) && (i === 0 || half > halves[i - 1].half)),
  }];
}

function identities(rows: Row[]): Claim[] {
  const linear = rowsOf(rows, "linearized");
  const shallow = rowsOf(rows, "shallow");
  const deviations = linear.map(({ deviation }) => deviation);
  const offset = shallow.map(({ mean, limit, expectedSd, draws }) =>
    Math.abs(mean - limit) / (expectedSd / Math.sqrt(draws))
  );
  const ratios = shallow.map(({ sd, expectedSd }) => sd / expectedSd);
  return [{
    id: "linearized",
    statement: "With the tangent features frozen, gradient descent is exactly kernel gradient descent.",
    source: "derived",
    reference: "Section 4",
    expected: "equal to (1 - step eigenvalue)^steps per component to 1e-9",
    measured: `largest difference ${show(Math.max(...deviations), 2)} in ${linear[0]?.steps ?? 0} steps`,
    holds: allWithin(deviations, 0, 1e-9),
  }, {
    id: "depth-two-law",
    statement:
      "With one hidden layer the mean kernel is the limit at every width, and the spread is q sqrt(3/n).",
    source: "derived",
    reference: "exact second moment of the depth 2 kernel, q = |x|^2/n0 + beta^2",
    expected: "mean within 4 standard errors; sd within 6 % of q sqrt(3/n)",
    measured: shallow.map(({ width, mean, sd, expectedSd }) =>
      `n = ${width}: mean ${show(mean)}, sd ${show(sd)} (law ${show(expectedSd)})`
    ).join("; "),
    holds: allWithin(offset, 0, 4) && allWithin(ratios, 0.94, 1.06),
  }];
}
