import { experiment } from "../../experiments/neural-tangent-kernel/mod.ts";
import type { Row } from "../../experiments/neural-tangent-kernel/rows.ts";
import { type Break, testPaper } from "./paper.ts";

/** Networks whose kernel doubles in training, at every width. */
const moving: Break = ({ alter }) =>
  alter("drift", (row) => ({ ...row, after: row.before.map((v: number) => 2 * v) }));

/** Six runs of the widest networks, which quick has too few and too narrow of, with other numbers. */
function wideModes(rows: readonly Row[], change: (row: Row<"mode-summary">) => Row<"mode-summary">): Row[] {
  const runs = rows.filter((row): row is Row<"mode-summary"> => row.kind === "mode-summary");
  const wide = runs.filter(({ width }) => width === 100);
  return [
    ...rows,
    ...[0, 1].flatMap((copy) => wide.map((row) => change({ ...row, width: 200, init: row.init + 3 * copy }))),
  ];
}

testPaper(experiment, {
  // Networks without biases have another kernel.
  "limit-kernel": ({ rerun }) => rerun((trial) => trial.kind === "spread" && { ...trial, beta: 0 }),
  // In standard parametrization the kernel grows with the width.
  "spread-exponent": ({ alter }) => alter("spread", (row) => ({ ...row, sd: row.sd * row.width })),
  "frozen-kernel": moving,
  "inflation": moving,
  // Quick trains one network per width with erf; four of them, whose kernels double.
  "smooth-activation": ({ rows }) =>
    rows.concat(
      rows.filter((row): row is Row<"drift"> => row.kind === "drift").slice(0, 6).map((row, init) => ({
        ...row,
        init: init + 10,
        activation: "erf",
        after: row.before.map((v) => 2 * v),
      })),
    ),
  // The step of the sum instead of the mean: overfitted long before.
  "gaussian-band": ({ alter }) =>
    alter("function", (row) => ({ ...row, test: row.test.map((v: number) => 4 * v + 1) })),
  "training-points-fitted": ({ rerun }) =>
    rerun((trial) => trial.kind === "function" && { ...trial, times: [0, 3, 5, 10] }),
  // Rates off by the number of points: a sum instead of a mean.
  "mode-rate": ({ rows }) =>
    wideModes(rows, (row) => ({ ...row, left: row.left === null ? null : row.left ** 32 })),
  "off-mode-error": ({ rows }) =>
    wideModes(rows, (row) => ({ ...row, peak: row.peak === null ? null : 10 * row.peak })),
  // Learned in the order of frequency, the highest first.
  "order-of-learning": ({ alter }) =>
    alter("mode-summary", (row) => ({ ...row, half: row.half === null ? null : 1 / row.half })),
  // Features that are not frozen move on after the first steps.
  "linearized": ({ alter }) => alter("linearized", (row) => ({ ...row, deviation: 1e-3 })),
  // Independent sums of n terms would scatter as √(1/n).
  "depth-two-law": ({ alter }) => alter("shallow", (row) => ({ ...row, sd: row.sd / Math.sqrt(3) })),
});
