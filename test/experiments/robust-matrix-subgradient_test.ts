import { assert, assertEquals } from "@std/assert";
import { experiment } from "../../experiments/robust-matrix-subgradient/mod.ts";
import { ofPanel, type Row } from "../../experiments/robust-matrix-subgradient/rows.ts";
import { judge, rowTable } from "../../lib/experiment/mod.ts";
import type { StepRule } from "../../lib/sensing/mod.ts";
import { type Break, testPaper } from "./paper.ts";
import { type QuickPaper, quickPaper } from "./quick_paper.ts";

type Quick = Parameters<Break>[0];
type Trial = Parameters<typeof experiment.run>[0];
type DescentTrial = Extract<Trial, { kind: "descent" }>;

/** The schedule with another decay. */
const geometric = (decay: number): StepRule => ({ kind: "geometric", first: 0.3, decay });

/** The runs of some trials of a panel, changed. */
function changed(
  panel: DescentTrial["panel"],
  change: (run: DescentTrial["runs"][number]) => Partial<DescentTrial["runs"][number]>,
  keep: (trial: DescentTrial) => boolean = () => true,
): Break {
  return ({ rerun }) =>
    rerun((trial: Trial) =>
      trial.kind === "descent" && trial.panel === panel && keep(trial) &&
      { ...trial, runs: trial.runs.map((run) => ({ ...run, ...change(run) })) }
    );
}

/** Rows of a panel as if each of three seeds had given them, since the quick preset has one. */
function threeSeeds({ rows }: Quick, make: (row: Row<"run">) => Row<"run">): Row[] {
  return [0, 1, 2].flatMap((seed) =>
    rows.map((row: Row) => row.kind === "run" ? { ...make(row), seed } : row)
  );
}

/** The run of the squared loss on the same data. */
function squaredOf({ rows }: Quick, row: Row<"run">): Row<"run"> {
  return rows.find((one: Row) =>
    one.kind === "run" && one.panel === row.panel && one.m === row.m && one.k === row.k &&
    one.loss === "squared"
  );
}

/** The squared loss in place of the absolute one. */
const squared = changed(
  "start",
  () => ({ loss: "squared", step: { kind: "constant", size: 0.05 }, steps: 500 }),
  ({ runs }) => runs[0].k !== 2,
);

testPaper(experiment, {
  "small-start": squared,
  // With as many columns as the rank, the steps alone decide the error.
  "power-of-start": async (paper) =>
    threeSeeds({ ...paper, rows: [...await changed("scale", () => ({ k: 2 }))(paper)] }, (row) => row),
  "population-power": ({ rows }) =>
    rows.map((row) => row.kind === "run" && row.panel === "scale" ? { ...row, panel: "population" } : row),
  // Steps that shrink too fast for the start to grow.
  "follows-steps": changed("start", () => ({ step: geometric(0.97) }), ({ runs }) => runs[0].k === 2),
  // A method that sees more than signs.
  "outlier-size": ({ alter }) => alter("size", (row) => ({ ...row, difference: row.difference + 1e-6 })),
  "baseline": changed(
    "baseline",
    ({ loss }) => loss === "absolute" ? { step: geometric(0.9), steps: 400 } : {},
  ),
  "half-wrong": changed("dense", () => ({ step: geometric(0.99), steps: 600 })),
  // The end of the run instead of its best iterate.
  "noise-rate": (paper) => threeSeeds(paper, (row) => ({ ...row, bestError: row.lastError })),
  "noise-columns": ({ alter }) =>
    alter("run", (row) => row.k === 20 ? { ...row, bestError: row.lastError } : row),
  // The squared loss under the name of the absolute one costs nothing.
  "price-of-robustness": (paper) =>
    threeSeeds(
      paper,
      (row) => row.panel === "gaussian" ? { ...row, bestError: squaredOf(paper, row).bestError } : row,
    ),
  // Stopped early.
  "late-overfitting": changed("gaussian", () => ({ steps: 60 }), ({ m }) => m === 200),
  // Stein's lemma without its normalization.
  "sign-rip": ({ alter }) => alter("rip", (row) => ({ ...row, along: row.along * Math.sqrt(Math.PI / 2) })),
  // A budget that forgets the schedule's decay: all starts seem to be allowed.
  "budget": ({ alter }) =>
    alter("run", (row) => ({ ...row, have: row.have === null ? null : row.have + 10 })),
  // A failure because the steps run out is no limit of the data.
  "limits": changed("limits", () => ({ step: geometric(0.9), steps: 400 })),
  // Stopped early. The quick preset has no digits.
  "real-data": async ({ rows, run }) => [
    ...rows,
    ...await run(
      experiment.trials({ ...experiment.presets.quick, digitsSeeds: 1 }).flatMap((trial) =>
        trial.kind === "digits" ? [{ ...trial, steps: 100 }] : []
      ),
    ),
  ],
});

/** Whether the headline holds. */
function headline(rows: readonly Row[]): boolean | null {
  return judge(experiment.claims.find((claim) => claim.headline)!, rowTable(rows)).holds;
}

Deno.test("robust-matrix-subgradient: steps that do not shrink, or shrink too fast, fail the headline", async () => {
  const quick = await quickPaper(experiment) as QuickPaper;
  assertEquals(headline(quick.rows), true);
  for (const decay of [1, 0.97]) {
    const steps = changed(
      "start",
      () => ({ step: geometric(decay), steps: 1000 }),
      ({ runs }) => runs[0].k !== 2,
    );
    assertEquals(headline(await steps(quick)), false, `decay ${decay}`);
  }
});

Deno.test("robust-matrix-subgradient: a start that is not small fails the headline", async () => {
  const { rows, alter } = await quickPaper(experiment);
  const large = (k: number) =>
    ofPanel(rows.filter((row) => row.kind === "run"), "start")
      .find((row) => row.alpha === 1 && row.k === k)!.lastError;
  const swapped = alter(
    "run",
    (row) => row.panel === "start" && row.alpha === 1e-6 ? { ...row, lastError: large(row.k) } : row,
  );
  assertEquals(headline(swapped), false);
  assert(rows.length < 4000);
});
