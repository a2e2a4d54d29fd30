// Oracles and proofs on random matrices are in test/optimizers/normuon_test.ts and test/linalg/leverage_scores_test.ts.
import { assert, assertEquals } from "@std/assert";
import { experiment, type Method, METHODS } from "../../experiments/normuon/mod.ts";
import type { Row } from "../../experiments/normuon/rows.ts";
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { judgeAll } from "../../lib/experiment/mod.ts";
import { rowNorms } from "../../lib/linalg/mod.ts";
import { type Break, testPaper } from "./paper.ts";

// As in the runner's workers: many small products, for which threads only wait for each other.
setBlasThreads(1);

/** Another method's rows in the place of NorMuon's. */
const insteadOfNorMuon = (method: Method): Break => async ({ rows, run }) => {
  const made: Row[] = await run([
    { kind: "spread", optimizer: method, learningRate: 0.03, beta2: 0.95, width: 256, seed: 0 },
    { kind: "travel", methods: [method], outputs: 256, inputs: 64, beta2: 0.95, seed: 0 },
  ]);
  const isNorMuon = (row: Row) =>
    ("optimizer" in row && row.optimizer === "NorMuon") || ("method" in row && row.method === "NorMuon");
  return rows.filter((row: Row) => !isNorMuon(row)).concat(
    made.map((row): Row =>
      row.kind === "travel"
        ? { ...row, method: "NorMuon" }
        : "optimizer" in row
        ? { ...row, optimizer: "NorMuon" }
        : row
    ),
  );
};

testPaper(experiment, {
  // Normalizing inputs instead of neurons.
  "even-neurons": insteadOfNorMuon("wrong axis"),
  "conditioning": ({ alter }) =>
    alter("spread", (row) => row.optimizer === "NorMuon" ? { ...row, condition: 400 } : row),
  // A second moment that starts at the mean over neurons instead of zero leaves the rows unequal.
  "first-step": ({ alter }) => alter("identity", (row) => ({ ...row, firstStepSmallEps: 1e-3 })),
  // Row norms instead of their squares.
  "leverage": ({ alter }) =>
    alter("leverage", (row) => ({ ...row, exact: row.exact.map((size: number) => Math.sqrt(size)) })),
  // Without the last scaling the length is that of the normalized matrix.
  "same-length": ({ alter }) => alter("identity", (row) => ({ ...row, length: 0.2 })),
  // A sharper polar factor without normalization: precision is not what is missing.
  "travel": insteadOfNorMuon("exact polar"),
  "weighted-loss": ({ alter }) =>
    alter("travel", (row) => row.method === "NorMuon" ? { ...row, lossRatio: 0.01 } : row),
  "square-layer": ({ alter }) => alter("travel", (row) => ({ ...row, variation: 0.5 })),
  "precision": ({ alter }) => alter("precision", (row) => ({ ...row, variation: row.limit / 2 })),
  // A running mean square that forgets as fast as the momentum.
  "dead-neuron": ({ alter }) =>
    alter("dead", (row) => row.line.startsWith("NorMuon") ? { ...row, size: 0.9 ** row.since } : row),
  "training": ({ alter }) =>
    alter("training", (row) => row.optimizer === "NorMuon" ? { ...row, loss: 5 * row.loss } : row),
});

Deno.test("normuon, criterion 7: covariances and shapes are proved elsewhere; every method steps a matrix of one row", () => {
  for (const make of Object.values(METHODS)) {
    const link = make({ learningRate: 1, beta2: 0.9 });
    const parameter = { name: "w", weights: Matrix.zeros(1, 5), outputs: "rows" as const };
    const update = link.update(new Rng(0).normalMatrix(1, 5), link.init(parameter), parameter);
    assert(rowNorms(update)[0] > 0);
  }
});

Deno.test("normuon: the claims on which seeds decide hold for another seed too; another width runs", async () => {
  const params = { ...experiment.presets.quick, seed: 7 };
  const rows: Row[] = [];
  for (const trial of experiment.trials(params)) {
    if (trial.kind === "spread" || trial.kind === "travel") {
      rows.push(...await experiment.run(trial, () => {}));
    }
  }
  const seeded = ["even-neurons", "conditioning", "travel", "weighted-loss", "square-layer", "precision"];
  for (const { id, holds, measured } of judgeAll(experiment.claims, rows)) {
    if (seeded.includes(id)) assertEquals(holds, true, `${id}: ${measured}`);
  }
  const [narrow] = experiment.trials({ ...params, width: 96, beta2: 0.5 }).filter((trial) =>
    trial.kind === "spread" && trial.optimizer === "NorMuon"
  );
  const profiles = (await experiment.run(narrow, () => {})).filter(({ kind }) => kind === "profile");
  assert(profiles.some((row) => row.kind === "profile" && row.neuronNorms.length === 96));
});
