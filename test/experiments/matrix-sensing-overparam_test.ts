import { assert } from "@std/assert";
import { experiment } from "../../experiments/matrix-sensing-overparam/mod.ts";
import { type Row, STEP_SIZE } from "../../experiments/matrix-sensing-overparam/rows.ts";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul } from "../../lib/blas/mod.ts";
import { frobeniusNorm } from "../../lib/linalg/mod.ts";
import { asymmetricGradientDescent, imbalance, populationOperator } from "../../lib/sensing/mod.ts";
import { type Break, testPaper } from "./paper.ts";

type Quick = Parameters<Break>[0];

/** Runs with infinitely many measurements as if they had been made with 320, or 120. */
function sensedAs({ rows }: Quick, m: 120 | 320): Row<"run">[] {
  return rows.filter((row: Row): row is Row<"run"> => row.kind === "run" && row.m === null)
    .map((row: Row<"run">) => ({ ...row, m }));
}

/**
 * A loss of ‖·‖² / 2 where 1/4 belongs doubles the step: the error law loses a factor 2, a rate of ln 0.9 becomes ln 0.8.
 */
const doubledStep: Break = ({ alter }) =>
  alter("run", (row) => ({
    ...row,
    lastError: row.lastError / 2,
    rate: row.rate === null ? null : Math.log(0.8) / Math.log(0.9) * row.rate,
  }));

/** Starts that are balanced on average: F₀ and G₀ of the same scale. */
const equalScales: Break = ({ rerun }) =>
  rerun((trial) => trial.kind === "asymmetric" && { ...trial, ratio: 1, steps: 3000 });

/** Rebalanced runs that are never rebalanced. */
const neverRebalanced: Break = ({ rerun }) =>
  rerun((trial) => trial.kind === "rebalanced" && { ...trial, tolerance: 1e-300 });

testPaper(experiment, {
  "sublinear": doubledStep,
  "exact-rank": doubledStep,
  "imbalance-rate": doubledStep,
  "imbalance-rate-large": doubledStep,
  "linearized-rate": doubledStep,
  "square-law": equalScales,
  "rebalanced-fast": neverRebalanced,
  "rebalanced-rate": neverRebalanced,
  "rebalanced-rate-near": neverRebalanced,
  // G is scaled by β instead of 1/β: the product changes.
  "exact-rebalancing": ({ alter }) =>
    alter(
      "run",
      (row) => row.rebalancing === null ? row : { ...row, rebalancing: { ...row.rebalancing, product: 0.7 } },
    ),
  // G is updated with the new F (Gauss-Seidel): F and G part at the first step.
  "balanced-start": ({ alter }) =>
    alter(
      "run",
      (row) => row.balance === null ? row : { ...row, balance: { ...row.balance, factors: 1e-3 } },
    ),
  // The quick preset senses nothing; exponential runs, slow ones and exact ones stand for what must not pass.
  "sensing-symmetric": (paper) => [
    ...paper.rows,
    ...sensedAs(paper, 320).map((row) => row.model === "symmetric" ? { ...row, power: -3 } : row),
  ],
  "sensing-rate": (paper) => [
    ...paper.rows,
    ...sensedAs(paper, 320).map((row) => ({ ...row, rate: -1, predicted: -0.5, lastError: 1e-11 })),
  ],
  "sensing-rebalanced": async (paper) => [
    ...paper.rows,
    ...(await paper.run(
      paper.trials.filter(({ kind }) => kind === "rebalanced").map((trial) => ({
        ...trial,
        tolerance: 1e-300,
      })),
    )).filter((row: Row) => row.kind === "run").map((row: Row) => ({ ...row, m: 320 })),
  ],
  "few-measurements": (paper) => [...paper.rows, ...sensedAs(paper, 320), ...sensedAs(paper, 120)],
});

Deno.test("matrix-sensing-overparam, criterion 8: a wrong constant in the loss, or a sequential update, is noticed", () => {
  // A loss with 1/2 instead of 1/4 is descent with twice the step; a sequential update uses the new F for G.
  const n = 6;
  const operator = populationOperator(n);
  const target = { matrix: Matrix.diagonal([1, 1], n, n) };
  const rng = new Rng(3);
  const f0 = rng.normalMatrix(n, 3, 0.2);
  const g0 = rng.normalMatrix(n, 3, 0.1);
  const step = { operator, target, stepSize: STEP_SIZE, steps: 1, record: [] };
  const { f, g } = asymmetricGradientDescent({ ...step, f0, g0 }).factors;
  const m = matmul(f0, g0, { transposeB: true }).minus(target.matrix);
  /** The exact change of the imbalance in one step. */
  const change = gram(matmul(m, g0)).minus(gram(matmul(m, f0, { transposeA: true }))).times(STEP_SIZE ** 2);
  const left = (f1: Matrix, g1: Matrix) =>
    frobeniusNorm(imbalance(f1, g1).minus(imbalance(f0, g0)).minus(change));
  assert(left(f, g) < 1e-15);
  const sequential = g0.minus(matmul(m, f, { transposeA: true }).times(STEP_SIZE));
  assert(left(f, sequential) > 1e-6);
  const doubled = asymmetricGradientDescent({ ...step, stepSize: 2 * STEP_SIZE, f0, g0 }).factors;
  assert(left(doubled.f, doubled.g) > 1e-6);
});
