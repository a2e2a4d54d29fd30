// Criteria of the sheet: 1 to 7 are claims (1 sublinear, 2 exact-rank, 3 imbalance-rate with -large and
// square-law, 4 rebalanced-fast and -rate, 5 exact-rebalancing, 6 sensing-*, 7 balanced-start); 8, the alarms
// for wrong implementations, are the tests here and in test/sensing/gradient_descent_test.ts, which also
// holds the oracles.
import { assert, assertEquals } from "@std/assert";
import type { Claim } from "../../lib/experiment/mod.ts";
import { old as experiment, type Row, type Trial } from "../../experiments/matrix-sensing-overparam/mod.ts";

const params = { ...experiment.presets.quick, widths: [3, 5], scales: [0.5, 0.2] };
const rows = await runAll(experiment.trials(params));

async function runAll(trials: Trial[]): Promise<Row[]> {
  return (await Promise.all(trials.map((trial) => experiment.run(trial, () => {})))).flat();
}

const claim = (id: string, of: Row[] = rows): Claim =>
  experiment.claims(of).find((claim) => claim.id === id)!;

Deno.test("the quick preset shows the headline and what it can decide", () => {
  for (
    const id of [
      "sublinear",
      "exact-rank",
      "square-law",
      "rebalanced-fast",
      "rebalanced-rate-near",
      "exact-rebalancing",
      "balanced-start",
    ]
  ) {
    assertEquals(claim(id).holds, true, `${id}: ${claim(id).measured}`);
  }
  for (const id of ["sensing-symmetric", "sensing-rate", "sensing-rebalanced", "few-measurements"]) {
    assertEquals(claim(id).holds, null);
  }
});

/** Changes the errors and what was fitted to them as a broken method would. */
function broken(change: (row: Row) => Row): Row[] {
  return rows.map(change);
}

Deno.test("a wrong constant in the loss fails the headline and the exact-rank rate", () => {
  // A loss of ||.||^2 / 2 instead of / 4 doubles the step: the error law loses a factor 2, the rate becomes
  // ln 0.8.
  const doubled = broken((row) =>
    row.type === "run"
      ? {
        ...row,
        lastError: row.lastError / 2,
        rate: row.rate === null ? null : Math.log(0.8) / Math.log(0.9) * row.rate,
      }
      : row
  );
  assertEquals(claim("sublinear", doubled).holds, false);
  assertEquals(claim("exact-rank", doubled).holds, false);
});

Deno.test("a method that is exponential, or one that stalls, fails the headline", () => {
  const asymmetric = rows.find((row) =>
    row.type === "run" && row.kind === "asymmetric" && row.alpha === 0.5
  )!;
  assert(asymmetric.type === "run");
  const swapped = broken((row) =>
    row.type === "run" && row.kind === "symmetric" && row.k > 3
      ? { ...row, power: asymmetric.power, lastError: asymmetric.lastError }
      : row
  );
  assertEquals(claim("sublinear", swapped).holds, false);
  const stalled = broken((row) =>
    row.type === "run" && row.kind === "symmetric" ? { ...row, power: 0 } : row
  );
  assertEquals(claim("sublinear", stalled).holds, false);
  assertEquals(claim("sublinear", []).holds, false);
});

Deno.test("without the rebalancing, small starts are slow and the claim fails", async () => {
  const [start] = experiment.trials({ ...params, rebalancedScales: [0.01] }).filter(({ kind }) =>
    kind === "rebalanced"
  );
  const [run] = (await runAll([{ ...start, kind: "asymmetric" }])).filter((row) => row.type === "run");
  assert(run.type === "run");
  const without = broken((row) =>
    row.type === "run" && row.kind === "rebalanced" ? { ...row, below: run.below } : row
  );
  assertEquals(claim("rebalanced-fast", without).holds, false);
});

Deno.test("rectangular targets and other ratios run", async () => {
  const trials = experiment.trials({ ...params, ratio: 0.5, scales: [1] }).filter(({ kind }) =>
    kind === "asymmetric"
  );
  assert((await runAll(trials)).every((row) => row.ratio === 0.5));
});
