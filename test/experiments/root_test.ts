// The oracles, and criteria 2, 3 and 6 once more without an experiment, are in test/optimizers/root_test.ts and
// adaptive_newton_test.ts.
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { experiment, predictedInflation } from "../../experiments/root/mod.ts";
import { momentaOf } from "../../experiments/root/precision.ts";
import type { Row, Schedule } from "../../experiments/root/rows.ts";
import { fitNewtonSchulz, newtonSchulzError } from "../../lib/optimizers/mod.ts";
import { judge, rowTable } from "../../lib/experiment/mod.ts";
import { quickPaper } from "./quick_paper.ts";
import { type Break, testPaper } from "./paper.ts";

/** Errors of another schedule in the place of one. */
const schedule = (name: Schedule, by: Schedule): Break => ({ rows }) =>
  rows.map((row: Row) =>
    row.kind === "precision" && row.schedule === name
      ? {
        ...row,
        error: rows.find((other: Row) =>
          other.kind === "precision" && other.schedule === by && other.layer === row.layer &&
          other.step === row.step && other.calibration === row.calibration
        ).error,
      }
      : row
  );

/** Coefficients made for four steps, but applied five times. */
const fourSteps: Break = ({ rows }) => {
  const [seen, fresh] = [0, 1].map((seed) => momentaOf(seed, 100, 5));
  const ofLayer = (list: typeof seen, layer: number) => list.filter((momentum) => momentum.layer === layer);
  return rows.map((row: Row) => {
    if (row.kind !== "precision" || row.schedule !== "AdaNewton") return row;
    const spectra = ofLayer(seen, row.layer).map(({ spectrum }) => spectrum);
    const { quintic } = fitNewtonSchulz(spectra, { steps: 4 });
    const { spectrum } = ofLayer(fresh, row.layer).find(({ step }) => step === row.step)!;
    return { ...row, error: newtonSchulzError(spectrum, new Array(5).fill(quintic)) };
  });
};

/** An optimizer that does not clip in the place of ROOT: Muon on matrices, AdaNewton alone in training. */
const unclipped: Break = ({ rows }) =>
  rows.map((row: Row): Row => {
    if (row.kind === "outlier" && row.method === "ROOT") {
      const muon = rows.find((other: Row): other is Row<"outlier"> =>
        other.kind === "outlier" && other.method === "Muon" && other.size === row.size &&
        other.seed === row.seed
      );
      return { ...muon!, method: "ROOT" };
    }
    if (row.kind === "training" && row.method === "ROOT") {
      const { loss } = rows.find((other: Row): other is Row<"training"> =>
        other.kind === "training" && other.method === "AdaNewton only" && other.seed === row.seed &&
        other.probability === row.probability && other.size === row.size
      )!;
      return { ...row, loss };
    }
    return row;
  });

/** Twenty-one draws, which quick has three of, and what Muon or ROOT makes of them. */
const draws = (change: (row: Row<"outlier">) => Row<"outlier">): Break => ({ rows }) =>
  [0, 1, 2, 3, 4, 5, 6].flatMap((copy) =>
    rows.filter((row: Row): row is Row<"outlier"> => row.kind === "outlier")
      .map((row: Row<"outlier">) => change({ ...row, seed: row.seed + 3 * copy }))
  );

/** Losses on a grid of learning rates that quick lacks, best at the protocol's rate. */
function withGrid(rows: readonly Row[], factor: (row: Row<"training">) => number): Row[] {
  return rows.flatMap((row) =>
    row.kind !== "training" || row.method === "AdaNewton only" || row.method === "clip only"
      ? [row]
      : [1, 0.5, 2, 4].map((ratio) => ({
        ...row,
        ratio,
        learningRate: row.learningRate * ratio,
        loss: (ratio === 1 ? 1 : 2) * factor(row) * row.loss!,
      }))
  );
}

testPaper(experiment, {
  "precision": fourSteps,
  "classic": schedule("cubic", "Muon"),
  // Sampled instead of exact, or another triple.
  "marchenko-pastur": ({ alter }) => alter("fragility", (row) => ({ ...row, error: row.error + 1e-4 })),
  "published-triples": ({ rows }) =>
    rows.map((row: Row) =>
      row.kind === "fragility" && row.schedule === "published"
        ? {
          ...row,
          error: rows.find((other: Row) =>
            other.kind === "fragility" && other.schedule === "Muon" && other.m === row.m && other.n === row.n
          ).error,
        }
        : row
    ),
  // A bound for every triple, as a search on too coarse a grid finds one.
  "escape": ({ alter }) => alter("bound", (row) => ({ ...row, bound: row.bound ?? 1.3 })),
  // Another shape has another law.
  "sampled": ({ rerun }) => rerun((trial) => trial.kind === "sampled" && { ...trial, n: trial.n + 64 * 3 }),
  "outlier-independence": unclipped,
  "outlier-muon": draws((row) => row.method === "Muon" ? { ...row, cosine: 0.94 } : row),
  "outlier-every-draw": draws((row) => row.method === "ROOT" ? { ...row, cosine: row.cosine - 0.1 } : row),
  // The rest as large as the exact polar factor leaves it.
  "single-outlier": ({ alter }) => alter("single", (row) => ({ ...row, rest: 1 })),
  "training-outliers": unclipped,
  "training-tuned": ({ rows }) =>
    withGrid(rows, ({ method, probability }) => method === "ROOT" && probability === 0.001 ? 10 : 1),
  "honest-adam": ({ alter }) =>
    alter("training", (row) => row.method === "ROOT" ? { ...row, loss: row.loss! / 3 } : row),
  // Clipped after the momentum, as ROOT does.
  "clip-first": ({ rows }) =>
    rows.map((row: Row) =>
      row.kind === "training" && row.method === "clip before momentum"
        ? {
          ...row,
          loss: rows.find((other: Row) =>
            other.kind === "training" && other.method === "ROOT" && other.seed === row.seed &&
            other.probability === row.probability && other.size === row.size
          ).loss,
        }
        : row
    ),
  "mixed-fit": schedule("fitted to a 1:3 mix", "fitted to Gaussians"),
  "gaussian-fit": schedule("fitted to Gaussians", "fitted to a 1:3 mix"),
  "per-step": schedule("You", "Muon"),
  // Hits ten times as likely as they were.
  "breakdown": ({ alter }) =>
    alter("breakdown", (row) => ({
      ...row,
      predicted: row.predicted === null
        ? null
        : predictedInflation(row.probability * 10, row.size, row.quantile, "momentum"),
    })),
});

const headline = experiment.claims.find(({ id }) => id === "precision")!;

Deno.test("root: other coefficients than those of the momenta fail the headline", async () => {
  const quick = await quickPaper(experiment);
  for (const other of ["fitted to Gaussians", "Muon", "fitted to a 1:3 mix"] as const) {
    const broken = await schedule("AdaNewton", other)(quick);
    assertEquals(judge(headline, rowTable(broken)).holds, false, other);
  }
});

Deno.test("root: the grid of learning rates decides its claim", async () => {
  const { rows } = await quickPaper(experiment);
  const claim = experiment.claims.find(({ id }) => id === "training-tuned")!;
  assertEquals(judge(claim, rowTable(rows)).holds, null);
  const { holds, measured } = judge(claim, rowTable(withGrid(rows, () => 1)));
  assertEquals(holds, true, measured);
});

Deno.test("root: trials are deterministic, and methods do not depend on what else is run", async () => {
  const { quick } = experiment.presets;
  const [precision] = experiment.trials({ ...quick, steps: 20 });
  assertEquals(await experiment.run(precision, () => {}), await experiment.run(precision, () => {}));
  const hit = experiment.trials({ ...quick, steps: 20, hits: [[0.001, 1000]] })
    .find((trial) => trial.kind === "training");
  assert(hit?.kind === "training");
  const fractions: number[] = [];
  const all = await experiment.run(hit, (fraction) => fractions.push(fraction));
  const alone = await experiment.run({ ...hit, methods: ["ROOT"] }, () => {});
  assertEquals(all.filter((row) => row.kind === "training" && row.method === "ROOT"), alone);
  assertEquals(fractions.at(-1), 1);
  assertThrows(
    () => experiment.check?.({ ...quick, steps: 50 }),
    RangeError,
    "`steps` must be a multiple of 20",
  );
});

Deno.test("root: the law of the last hit without hits, and with a share beyond the quantile", () => {
  assertEquals(predictedInflation(0, 100, 0.9, "momentum"), 1);
  // A gradient's quantile is an outlier as soon as a tenth of its entries is.
  assertLess(predictedInflation(0.09, 1000, 0.9, "gradient"), 2);
  assertAlmostEquals(predictedInflation(0.2, 1000, 0.9, "gradient"), 1000 / 1.6449, 1);
  // The momentum's far earlier, and earlier for larger hits, which stay visible for longer.
  const at = (size: number) => predictedInflation(0.002, size, 0.9, "momentum");
  assert(at(100) < at(1000));
});
