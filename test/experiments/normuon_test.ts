// Criteria of the sheet: 1 even-neurons, 2 conditioning, 3 first-step, 4 leverage, 5 same-length, 6 travel
// and 8 training are claims; 3, 5 and 7 are proved on random matrices in test/optimizers/normuon_test.ts,
// which also holds the oracles, and 4's oracle is in test/linalg/leverage_scores_test.ts.
import { assert, assertEquals } from "@std/assert";
import type { Claim } from "../../lib/experiment/mod.ts";
import {
  type Method,
  METHODS,
  old as experiment,
  type Row,
  type Trial,
} from "../../experiments/normuon/mod.ts";
import { Matrix, Rng } from "refigure/arrays";
import { setBlasThreads } from "refigure/blas";
import { rowNorms } from "refigure/linalg";
import { quickRun } from "./quick_run.ts";

// As in the runner's workers: many small products, for which threads only wait for each other.
setBlasThreads(1);

const rows = (await quickRun("normuon")).rows as Row[];

const claim = (id: string, of: Row[] = rows): Claim =>
  experiment.claims(of).find((claim) => claim.id === id)!;

const run = (trial: Trial): Row[] => experiment.run(trial, () => {}) as Row[];

Deno.test("every claim holds on the quick preset, and on another seed where seeds decide", () => {
  for (const { id, holds, measured } of experiment.claims(rows)) {
    assertEquals(holds, true, `${id}: ${measured}`);
  }
  const others = experiment.trials({ ...experiment.presets.quick, seed: 7 })
    .filter(({ kind }) => kind === "spread" || kind === "travel");
  const rows7 = others.flatMap(run);
  for (const id of ["even-neurons", "conditioning", "travel", "weighted-loss", "square-layer", "precision"]) {
    assertEquals(claim(id, rows7).holds, true, `${id}: ${claim(id, rows7).measured}`);
  }
});

/** Rows with NorMuon's replaced by those of a broken one. */
function brokenBy(method: Method): Row[] {
  const spread = run({
    kind: "spread",
    optimizer: method,
    learningRate: 0.03,
    beta2: 0.95,
    width: 256,
    seed: 0,
  });
  const travel = run({ kind: "travel", methods: [method], outputs: 256, inputs: 64, beta2: 0.95, seed: 0 });
  const others = rows.filter((row) =>
    !("optimizer" in row && row.optimizer === "NorMuon") && !("method" in row && row.method === "NorMuon")
  );
  const renamed = [...spread, ...travel].map((row): Row =>
    row.type === "travel"
      ? { ...row, method: "NorMuon" }
      : "optimizer" in row
      ? { ...row, optimizer: "NorMuon" }
      : row
  );
  return [...others, ...renamed];
}

Deno.test("normalizing the wrong axis fails the headline and the quadratic", () => {
  const broken = brokenBy("wrong axis");
  assertEquals(claim("even-neurons", broken).holds, false);
  assertEquals(claim("travel", broken).holds, false);
});

Deno.test("so does a sharper polar factor without normalization: precision is not what is missing", () => {
  const broken = brokenBy("exact polar");
  assertEquals(claim("even-neurons", broken).holds, false);
  assertEquals(claim("travel", broken).holds, false);
});

Deno.test("a NorMuon as uneven and ill-conditioned as SGD fails both panels of the figure; no rows support nothing", () => {
  const broken = rows.map((row) =>
    row.type === "spread" && row.optimizer === "NorMuon" ? { ...row, condition: 400, variation: 0.3 } : row
  );
  assertEquals(claim("conditioning", broken).holds, false);
  assertEquals(claim("even-neurons", broken).holds, false);
  for (const { id, holds } of experiment.claims([])) assertEquals(holds, false, id);
});

Deno.test("a NorMuon that trains as badly as Adam fails the comparison", () => {
  const broken = rows.map((row) =>
    row.type === "training" && row.optimizer === "NorMuon" ? { ...row, loss: 5 * row.loss } : row
  );
  assertEquals(claim("training", broken).holds, false);
});

Deno.test("the knobs turn: another beta2 and width still run, and every method steps a bias-shaped matrix", () => {
  const trial = {
    kind: "spread",
    optimizer: "NorMuon",
    learningRate: 0.03,
    beta2: 0.5,
    width: 96,
    seed: 1,
  } as const;
  assert(run(trial).some((row) => row.type === "profile" && row.neuronNorms.length === 96));
  for (const make of Object.values(METHODS)) {
    const link = make({ learningRate: 1, beta2: 0.9 });
    const parameter = { name: "w", weights: Matrix.zeros(1, 5), outputs: "rows" as const };
    const update = link.update(new Rng(0).normalMatrix(1, 5), link.init(parameter), parameter);
    assert(rowNorms(update)[0] > 0);
  }
});
