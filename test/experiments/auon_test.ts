// Criteria of the sheet: 1 bounds, 2 direction, 3 scale, 4 brake-is-a-rate (the headline), 5 linear-cost
// (counted; timed in bench/cases/auon.ts), 6 order, 7 repo-hybrid-is-muon. Figure 1 is figure-1, Table 1's
// gap gap-closed, protocol E rare-directions. Oracles are in test/optimizers/auon_test.ts.
import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { Matrix } from "../../lib/arrays/mod.ts";
import {
  chain,
  coshRms,
  coshRmsBounds,
  type GradientTransformation,
  momentum,
  normalizeFrobenius,
  scaleByCoshRms,
  scaleByLearningRate,
  type Schedule,
} from "../../lib/optimizers/mod.ts";
import { measureTimes, old as experiment, type Row, timesFigure } from "../../experiments/auon/mod.ts";
import { control } from "../../experiments/auon/training.ts";
import type { Claim } from "../../lib/experiment/mod.ts";
import { renderSvg } from "../../lib/figures/mod.ts";
import { quickRun } from "./quick_run.ts";

const { rows } = await quickRun("auon") as { rows: Row[] };

const claim = (id: string, of: Row[] = rows): Claim =>
  experiment.claims(of).find((claim) => claim.id === id)!;

Deno.test("the quick preset shows the headline and what it can decide", () => {
  const undecided = ["linear-cost", "order", "nothing-gained", "gap-closed"];
  for (const { id, holds, measured } of experiment.claims(rows)) {
    assertEquals(holds, undecided.includes(id) ? null : true, `${id}: ${measured}`);
  }
});

/** Rows changed as a broken method would change them. */
const broken = (change: (row: Row) => Row) => rows.map(change);

/** Rows in which another method takes AuON's place in the control. */
function controlledBy(...brake: GradientTransformation[]): Row[] {
  const make = (learningRate: Schedule) => chain(momentum(), ...brake, scaleByLearningRate(learningRate));
  const others = rows.filter((row) => row.type !== "control" || row.variant !== "paper");
  return [...others, control("paper", 0, make)];
}

Deno.test("a brake that brakes fails the headline: cosh of entries of unit root mean square", () => {
  const strong = controlledBy(normalizeFrobenius(), scaleByCoshRms({ gamma: 64, of: "entries" }));
  assertEquals(claim("brake-is-a-rate", strong).holds, false);
});

Deno.test("a forgotten root, as the PDF prints the hybrid's, fails the headline: R squared is a smaller rate", () => {
  const squared = controlledBy(scaleByCoshRms({ normalize: true }), scaleByCoshRms());
  assertEquals(claim("brake-is-a-rate", squared).holds, false);
});

Deno.test("other broken methods fail the claims they should", () => {
  const cases: [string, (row: Row) => Row][] = [
    ["bounds", (row) => row.type === "bounds" ? { ...row, aboveLower: 0.999 } : row],
    ["bounds", (row) => row.type === "bounds" ? { ...row, tightness: 1e-3 } : row],
    ["no-emergency", (row) => row.type === "brake" ? { ...row, rmsMinus1: 3 * row.rmsMinus1 } : row],
    ["bfloat16", (row) => row.type === "brake" ? { ...row, rmsMinus1: 64 * row.rmsMinus1 } : row],
    ["direction", (row) => row.type === "identity" ? { ...row, angle: 1e-6 } : row],
    ["direction", (row) => row.type === "identity" ? { ...row, spectralNorm: 1.01 } : row],
    ["scale", (row) => row.type === "identity" ? { ...row, repoScale: 0.5 } : row],
    [
      "repo-hybrid-is-muon",
      (row) => row.type === "identity" ? { ...row, hybrid: { ...row.hybrid, distance: 1e-3 } } : row,
    ],
    [
      "figure-1",
      (row) =>
        row.type === "stage" ? { ...row, singularValues: row.singularValues.map((s) => 1.1 * s) } : row,
    ],
    [
      "rare-directions",
      (row) => row.type === "memory" && row.optimizer === "AuON" ? { ...row, tail: row.mean } : row,
    ],
  ];
  for (const [id, change] of cases) assertEquals(claim(id, broken(change)).holds, false, id);
});

Deno.test("criterion 6 is decided by three seeds and fails where AuON beats Muon", () => {
  const runs = rows.filter((row) => row.type === "run");
  const three = [...rows, ...[1, 2].flatMap((seed) => runs.map((row) => ({ ...row, seed })))];
  assertEquals(typeof claim("order", three).holds, "boolean");
  const swapped = three.map((row) =>
    row.type === "run" && row.optimizer === "AuON" ? { ...row, loss: row.loss / 100 } : row
  );
  assertEquals(claim("order", swapped).holds, false);
  assertEquals(claim("nothing-gained", swapped).holds, false);
});

Deno.test("criterion 5 is decided where 256 rows are counted, and fails for a cubic AuON", async () => {
  const counted = [...rows, ...await experiment.run({ kind: "count", seed: 0, size: 256 }, () => {})];
  assertEquals(claim("linear-cost", counted).holds, true);
  const cubic = counted.map((row) =>
    row.type === "count" && row.method === "AuON" ? { ...row, operations: row.size ** 3 } : row
  );
  assertEquals(claim("linear-cost", cubic).holds, false);
});

Deno.test("how large gamma must be for the brake to halve the step (sheet, section 11)", () => {
  // cosh = 2 for flat matrices, 1 + sinh^2(gamma) / N = 4 for a single spike.
  assertAlmostEquals(coshRmsBounds(4096, Math.asinh(Math.sqrt(3 * 4096))).upper, 2, 1e-12);
  assertAlmostEquals(Math.asinh(Math.sqrt(3 * 4096)), 5.40, 5e-3);
  assertAlmostEquals(coshRmsBounds(4096, Math.acosh(2) * 64).lower, 2, 1e-12);
  assertAlmostEquals(Math.acosh(2) * 64, 84.3, 0.05);
  // At unit root mean square a Gaussian matrix has R = sqrt((1 + e^2) / 2) on average, and heavy tails have
  // any.
  const unit = Matrix.from(64, 64, (i, j) => Math.sin(1 + 64 * i + j));
  assertLess(coshRms(unit.data).rms, 2);
});

Deno.test("the live timing draws its figure", async () => {
  const times = measureTimes([64, 96]);
  assert(times.every(({ ms }) => ms > 0));
  assert((await renderSvg(timesFigure(times))).includes("slope"));
});

Deno.test("the same trial gives the same rows", async () => {
  for (const kind of ["control", "stages", "brakes in training"]) {
    const trial = experiment.trials(experiment.presets.quick).find((trial) => trial.kind === kind)!;
    assertEquals(await experiment.run(trial, () => {}), await experiment.run(trial, () => {}));
  }
});
