// Criteria of the sheet as claims: 1 small-start, 2 power-of-start and population-power, 3 follows-steps, 4
// outlier-size, 5 baseline, 6 half-wrong, 7 noise-rate, noise-columns and price-of-robustness, 8
// late-overfitting, 9 sign-rip. The oracles of its section 8 are tested in test/sensing.
import { assert, assertEquals } from "@std/assert";
import type { Claim } from "../../lib/experiment/mod.ts";
import {
  old as experiment,
  type Row,
  type RunRow,
  type Trial,
} from "../../experiments/robust-matrix-subgradient/mod.ts";
import { quickRun } from "./quick_run.ts";

const { rows, failures } = await quickRun(experiment.slug) as { rows: Row[]; failures: unknown[] };

const claim = (id: string, of: Row[] = rows): Claim =>
  experiment.claims(of).find((claim) => claim.id === id)!;

async function runAll(trials: Trial[]): Promise<Row[]> {
  return (await Promise.all(trials.map((trial) => experiment.run(trial, () => {})))).flat();
}

type DescentTrial = Extract<Trial, { kind: "descent" }>;
const startTrials = experiment.trials({ ...experiment.presets.quick, widths: [5, 20] })
  .filter((trial): trial is DescentTrial => trial.kind === "descent" && trial.panel === "start");

Deno.test("the quick preset shows the headline and all that one seed can decide", () => {
  assertEquals(failures, []);
  for (const { id, holds, measured } of experiment.claims(rows)) {
    const undecided = ["power-of-start", "noise-rate", "price-of-robustness"].includes(id);
    assertEquals(holds, undecided ? null : true, `${id}: ${measured}`);
  }
  assert(rows.length < 4000 && !JSON.stringify(rows).includes("NaN"));
});

Deno.test("the squared loss in place of the absolute one fails the headline", async () => {
  const squared = await runAll(
    startTrials.map((trial) => ({
      ...trial,
      runs: trial.runs.map((run) => ({
        ...run,
        loss: "squared" as const,
        step: { kind: "constant" as const, size: 0.05 },
        steps: 500,
      })),
    })),
  );
  assertEquals(claim("small-start", squared).holds, false);
});

Deno.test("steps that do not shrink, or shrink too fast, fail the headline", async () => {
  for (const decay of [1, 0.97]) {
    const broken = await runAll(
      startTrials.map((trial) => ({
        ...trial,
        runs: trial.runs.map((run) => ({ ...run, step: { kind: "geometric" as const, first: 0.3, decay } })),
      })),
    );
    assertEquals(claim("small-start", broken).holds, false, `decay ${decay}`);
  }
});

Deno.test("no rows, or the rows of a start that is not small, are no evidence", () => {
  assertEquals(claim("small-start", []).holds, false);
  const large = rows.map((row) =>
    row.type === "run" && row.panel === "start" && row.alpha === 1e-6
      ? {
        ...row,
        lastError:
          rows.find((other): other is RunRow =>
            other.type === "run" && other.panel === "start" && other.alpha === 1 && other.k === row.k
          )!.lastError,
      }
      : row
  );
  assertEquals(claim("small-start", large).holds, false);
});

Deno.test("a run that forgets the normalization of Stein's lemma fails the sign-RIP", () => {
  const scaled = rows.map((row) =>
    row.type === "rip" ? { ...row, along: row.along * Math.sqrt(Math.PI / 2) } : row
  );
  assertEquals(claim("sign-rip", scaled).holds, false);
});
