// Criteria of the sheet: 1 to 4 and 8 are claims (1 near-svd, the headline; 2 guarantee; 3 ar1-theory; 4
// no-free-lunch and order-matters; 8 training-feedback and training-plain); 2, 5, 6 and 7 are tests of the
// library (test/optimizers/svd_free_dct_test.ts); 9 is timed in bench/cases/dct.ts.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Claim } from "../../lib/experiment/mod.ts";
import { ADAM_METHODS, MUON_METHODS } from "../../experiments/svd-free-dct/methods.ts";
import { old as experiment, type ProjectionRow, type Row } from "../../experiments/svd-free-dct/mod.ts";
import {
  ar1Covariance,
  expectedError,
  freshStep,
  karhunenLoeveError,
  marchenkoPasturError,
} from "../../experiments/svd-free-dct/theory.ts";
import { quickRun } from "./quick_run.ts";

const { rows, failures } = await quickRun("svd-free-dct") as { rows: Row[]; failures: unknown[] };

const claim = (id: string, of: Row[] = rows): Claim =>
  experiment.claims(of).find((claim) => claim.id === id)!;

Deno.test("theory: expected errors of the smooth process (criterion 3), and limits", () => {
  const covariance = ar1Covariance(64, 0.95);
  const table: [number, number, number][] = [
    [4, 0.1800301428, 0.1774839675],
    [8, 0.0864749918, 0.0861589043],
    [16, 0.0405138178, 0.0404802129],
    [32, 0.0165210014, 0.0165186604],
  ];
  for (const [r, cosines, best] of table) {
    assertAlmostEquals(expectedError(covariance, "dct2", r), cosines, 1e-10);
    assertAlmostEquals(karhunenLoeveError(covariance, r), best, 1e-10);
  }
  // All of the energy of the Marchenko-Pastur law is 1, its mass too; the sheet's samples lose 0.7626 and
  // 0.2915.
  assertAlmostEquals(marchenkoPasturError(0.25, 0), 1, 1e-6);
  assertAlmostEquals(marchenkoPasturError(0.25, 8 / 64), 0.7626, 0.01);
  assertAlmostEquals(marchenkoPasturError(0.25, 32 / 64), 0.2915, 0.01);
  assertAlmostEquals(freshStep(1), 1, 1e-12);
  assertAlmostEquals(freshStep(50000), 3.16227766, 1e-8);
});

Deno.test("the quick preset shows the headline and what it can decide", () => {
  assertEquals(failures, []);
  for (
    const id of [
      "near-svd",
      "guarantee",
      "ar1-theory",
      "no-free-lunch",
      "order-matters",
      "norms",
      "fresh-columns",
    ]
  ) {
    assertEquals(claim(id).holds, true, `${id}: ${claim(id).measured}`);
  }
  for (
    const id of ["training-feedback", "training-plain", "no-ranking", "age-correction", "trion-dion", "rates"]
  ) {
    assertEquals(claim(id).holds, null, id);
  }
});

/** The rows with those of some projections replaced. */
function broken(change: (row: ProjectionRow) => ProjectionRow): Row[] {
  return rows.map((row) => row.type === "projection" ? change(row) : row);
}

/** The row of another basis for the same matrix and rank. */
function other(row: ProjectionRow, basis: ProjectionRow["basis"]): ProjectionRow {
  const same = rows.find((found) =>
    found.type === "projection" && found.basis === basis && found.norm === 2 && found.data === row.data &&
    found.rank === row.rank && found.seed === row.seed
  );
  return { ...same as ProjectionRow, basis: row.basis, norm: row.norm };
}

Deno.test("a wrong basis fails the headline: its transpose, a random one, the axes", () => {
  for (const wrong of ["random", "axes", "dct3"] as const) {
    const swapped = broken((row) => row.basis === "dct2" ? other(row, wrong) : row);
    assertEquals(claim("near-svd", swapped).holds, false, wrong);
  }
  // Taking the lowest frequencies in place of the best fails nothing on smooth data: white noise shows the
  // ranking.
  assertEquals(claim("near-svd", []).holds, false);
});

Deno.test("shuffled columns fail the headline, and a better-than-possible projection the guarantee", () => {
  const shuffled = rows.flatMap((row): Row[] =>
    row.type !== "projection" ? [row] : row.data === "permuted" ? [{ ...row, data: "ar1" }] : []
  );
  assertEquals(claim("near-svd", shuffled).holds, false);
  assertEquals(
    claim(
      "guarantee",
      broken((row) => row.basis === "dct2" ? { ...row, error: 0.9 * other(row, "svd").error } : row),
    ).holds,
    false,
  );
  assertEquals(claim("guarantee", broken((row) => ({ ...row, identity: 1e-6 }))).holds, false);
  assertEquals(claim("ar1-theory", broken((row) => ({ ...row, error: 1.2 * row.error }))).holds, false);
  assertEquals(
    claim("no-free-lunch", broken((row) => row.basis === "dct2" ? other(row, "svd") : row)).holds,
    false,
  );
});

Deno.test("training claims are decided by full runs of three seeds, and can fail", () => {
  const losses: Record<string, number> = { "DCT": 0.008, "SVD": 0.02, "random Q": 0.017 };
  const trained = (factor: Record<string, number> = {}): Row[] =>
    [...ADAM_METHODS, ...MUON_METHODS].flatMap((method) =>
      [0.06, 0.12, 0.25].flatMap((learningRate) =>
        [0, 1, 2].map((seed): Row => ({
          ...method,
          type: "training",
          steps: 150,
          learningRate,
          seed,
          loss: (losses[method.optimizer] ?? 0.03) * (factor[method.optimizer] ?? 1) *
            (learningRate === 0.12 ? 1 : 2),
        }))
      )
    );
  assertEquals(claim("training-feedback", trained()).holds, true);
  assertEquals(claim("training-feedback", trained({ DCT: 3 })).holds, false);
  assertEquals(claim("training-plain", trained()).holds, false);
  assertEquals(claim("training-plain", trained({ "random Q, gap 10, no feedback": 3 })).holds, true);
  assertEquals(claim("no-ranking", trained({ "DCT, random columns": 0.1 })).holds, true);
  assertEquals(claim("no-ranking", trained()).holds, false);
  assertEquals(claim("age-correction", trained()).holds, false);
  assertEquals(claim("trion-dion", trained({ "Trion, rank 8": 2 })).holds, false);
  assertEquals(claim("rates", trained()).holds, true);
  const diverged = trained().map((row) =>
    row.type === "training" && row.learningRate === 0.25 ? { ...row, loss: null } : row
  );
  assertEquals(claim("rates", diverged).holds, true);
});

Deno.test("corrected by the step where age was promised, fresh columns give themselves away", () => {
  const swapped = rows.map((row): Row =>
    row.type === "boost" ? { ...row, correction: row.correction === "age" ? "step" : "age" } : row
  );
  assertEquals(claim("fresh-columns", swapped).holds, false);
});

Deno.test("the laptop preset trains every method at three seeds, and every trial is plain JSON", () => {
  const trials = experiment.trials(experiment.presets.laptop);
  const training = trials.filter((trial) => trial.part === "training");
  assertEquals(training.length, 3 * (ADAM_METHODS.length + MUON_METHODS.length));
  assertEquals(JSON.parse(JSON.stringify(trials)), trials);
  assert(rows.length < 3000);
});
