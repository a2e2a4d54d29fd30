// The oracles of the method are in test/latent_variables/latent_variables_test.ts.
import { experiment } from "../../experiments/unsupervised-pretraining/mod.ts";
import type { Row } from "../../experiments/unsupervised-pretraining/rows.ts";
import { testPaper } from "./paper.ts";

testPaper(experiment, {
  // 150 unlabeled inputs in the place of a million.
  "labels-pay-for-the-head": ({ rerun }) =>
    rerun((trial) => trial.kind === "means" && trial.m === 1_000_000 && { ...trial, m: 150 })
      .then((rows) =>
        rows.map((row) => row.kind === "mean" && row.m === 150 ? { ...row, m: 1_000_000 } : row)
      ),
  // The risk of inputs that are not random, τ² d/n.
  "supervised": ({ alter }) =>
    alter("mean", (row) => row.method === "ols" ? { ...row, mean: 0.45 * 60 / row.n } : row),
  // The rate of the bound.
  "unlabeled": ({ alter }) =>
    alter("subspace", (row) => ({ ...row, mean: row.mean * Math.sqrt(row.m / 500) })),
  // Without what the factors cost.
  "combined": ({ alter }) =>
    alter("mean", (row) => row.method === "pretrained" ? { ...row, mean: 0.45 * 4 / (row.n - 5) } : row),
  // Ridge regression in the place of components.
  "structure": ({ rerun }) =>
    rerun((trial) =>
      trial.kind === "means" && trial.methods.includes("pcr") &&
      { ...trial, methods: trial.methods.map((method) => method === "pcr" ? "ridge" : method) }
    ).then((rows) =>
      rows.map((row) => row.kind === "mean" && row.method === "ridge" ? { ...row, method: "pcr" } : row)
    ),
  // A head that does not undo the map.
  "invariance": ({ alter }) => alter("invariance", (row) => ({ ...row, change: 0.01 })),
  // The cosine in the place of its square.
  "phase-transition": ({ alter }) =>
    alter("spike", (row) => ({ ...row, replicates: 24, cosine2: Math.sqrt(row.cosine2) })),
  // Neighbours in the place of clusters.
  "clusters": ({ rows }) =>
    rows.concat(
      [1, 2, 3, 4, 5].flatMap((seed) =>
        rows.filter((row) => row.kind === "mixture").map((row): Row => ({
          ...row,
          seed,
          method: row.method === "1-NN" ? "pretrained" : row.method,
        }))
      ),
    ),
  // A head on a model that was found without looking at the inputs.
  "never-worse": ({ alter }) =>
    alter("risk", (row) => row.method === "pretrained" ? { ...row, mean: 0.8 } : row),
  // A target that keeps to the assumption has no floor.
  "assumption": ({ rerun }) =>
    rerun((trial) => trial.kind === "noise" && { ...trial, size: 0 })
      .then((rows) => rows.map((row) => row.kind === "noise target" ? { ...row, floor: 0.25 } : row)),
  // Half of the degrees of freedom.
  "shortcut": ({ rerun }) =>
    rerun((trial) =>
      trial.kind === "subspace" && trial.sampled === "Wishart" && trial.m === 5000 && { ...trial, m: 2500 }
    ).then((rows) =>
      rows.map((row) => row.kind === "subspace" && row.m === 2500 ? { ...row, m: 5000 } : row)
    ),
  // Ridge with as good a model of the inputs.
  "ridge": ({ alter }) =>
    alter("risk", (row) => row.method === "ridge" ? { ...row, mean: row.mean / 4 } : row),
});
