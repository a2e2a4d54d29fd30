// Criteria of the sheet: 1 is the claims precision and classic, 2 marchenko-pastur, 3 published-triples, 4
// sampled, 5 outlier-independence with outlier-muon and outlier-every-draw, 6 single-outlier, 7
// training-outliers with -tuned, 8 honest-adam and clip-first. The oracles, and criteria 2, 3 and 6 once more
// without an experiment, are in test/optimizers/root_test.ts and adaptive_newton_test.ts.
import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import type { Claim } from "../../lib/experiment/mod.ts";
import { old as experiment, type Row } from "../../experiments/root/mod.ts";
import { predictedInflation } from "../../experiments/root/outliers.ts";
import { momentaOf } from "../../experiments/root/precision.ts";
import { fitNewtonSchulz, newtonSchulzError } from "../../lib/optimizers/mod.ts";
import { quickRun } from "./quick_run.ts";

const { rows } = await quickRun("root") as { rows: Row[] };

const claim = (id: string, of: Row[] = rows): Claim =>
  experiment.claims(of).find((claim) => claim.id === id)!;

Deno.test("the quick preset shows the headline and what it can decide", () => {
  const undecided = ["training-tuned", "outlier-muon", "outlier-every-draw"];
  for (const { id, holds, measured } of experiment.claims(rows)) {
    if (!undecided.includes(id)) assertEquals(holds, true, `${id}: ${measured}`);
  }
  assertEquals(claim("training-tuned").holds, null);
  assertEquals(experiment.claims([]).some(({ holds }) => holds === true), false);
});

/** The rows with some errors of AdaNewton exchanged. */
function withErrors(errorOf: (layer: number, step: number) => number | undefined): Row[] {
  return rows.map((row) =>
    row.type === "precision" && row.schedule === "AdaNewton"
      ? { ...row, error: errorOf(row.layer, row.step) ?? row.error }
      : row
  );
}

Deno.test("coefficients made for four steps but applied five times fail the headline", () => {
  const [seen, fresh] = [0, 1].map((seed) => momentaOf(seed, 100, 5));
  const errors = new Map<string, number>();
  for (const layer of [2, 3, 4]) {
    const own = seen.filter((momentum) => momentum.layer === layer).map(({ spectrum }) => spectrum);
    const right = fitNewtonSchulz(own);
    const wrong = fitNewtonSchulz(own, { steps: 4 });
    for (const { step, spectrum } of fresh.filter((momentum) => momentum.layer === layer)) {
      errors.set(`${layer}|${step}`, newtonSchulzError(spectrum, new Array(5).fill(wrong.quintic)));
      const row = rows.find((row) =>
        row.type === "precision" && row.schedule === "AdaNewton" && row.layer === layer && row.step === step
      );
      assert(row?.type === "precision");
      assertEquals(row.error, newtonSchulzError(spectrum, new Array(5).fill(right.quintic)));
    }
  }
  assertEquals(claim("precision", withErrors((layer, step) => errors.get(`${layer}|${step}`))).holds, false);
});

Deno.test("coefficients fitted to random matrices, and Muon's own, fail the headline", () => {
  for (const schedule of ["fitted to Gaussians", "Muon", "fitted to a 1:3 mix"]) {
    const other = (layer: number, step: number) => {
      const row = rows.find((row) =>
        row.type === "precision" && row.schedule === schedule && row.layer === layer && row.step === step
      );
      return row?.type === "precision" ? row.error : undefined;
    };
    assertEquals(claim("precision", withErrors(other)).holds, false, schedule);
  }
});

Deno.test("an optimizer that does not clip fails the claims about outliers", () => {
  const swapped = rows.map((row): Row => {
    if (row.type === "outlier" && row.method === "ROOT") {
      const muon = rows.find((other) =>
        other.type === "outlier" && other.method === "Muon" && other.size === row.size &&
        other.seed === row.seed
      );
      assert(muon?.type === "outlier");
      return { ...muon, method: "ROOT" };
    }
    if (row.type === "training" && row.method === "ROOT") {
      const without = rows.find((other) =>
        other.type === "training" && other.method === "AdaNewton only" && other.seed === row.seed &&
        other.probability === row.probability && other.size === row.size
      );
      assert(without?.type === "training");
      return { ...row, loss: without.loss };
    }
    return row;
  });
  assertEquals(claim("outlier-independence", swapped).holds, false);
  assertEquals(claim("training-outliers", swapped).holds, false);
});

Deno.test("trials are deterministic and independent of each other", async () => {
  const { quick } = experiment.presets;
  const [precision] = experiment.trials({ ...quick, steps: 20 }).filter(({ kind }) => kind === "precision");
  assertEquals(await experiment.run(precision, () => {}), await experiment.run(precision, () => {}));
  const [hit] = experiment.trials({ ...quick, steps: 5, hits: [[0.001, 1000]] })
    .filter((trial) => trial.kind === "training");
  assert(hit.kind === "training");
  const fractions: number[] = [];
  const all = await experiment.run(hit, (fraction) => fractions.push(fraction));
  const alone = await experiment.run({ ...hit, methods: ["ROOT"] }, () => {});
  assertEquals(all.filter((row) => row.type === "training" && row.method === "ROOT"), alone);
  assertEquals(fractions.at(-1), 1);
});

Deno.test("the law of the last hit: no hits, and a share beyond the quantile", () => {
  assertEquals(predictedInflation(0, 100, 0.9, "momentum"), 1);
  // A gradient's quantile is an outlier as soon as a tenth of its entries is.
  assertLess(predictedInflation(0.09, 1000, 0.9, "gradient"), 2);
  assertAlmostEquals(predictedInflation(0.2, 1000, 0.9, "gradient"), 1000 / 1.6449, 1);
  // The momentum's far earlier, and earlier for larger hits, which stay visible for longer.
  const at = (size: number) => predictedInflation(0.002, size, 0.9, "momentum");
  assert(at(100) < at(1000));
});
