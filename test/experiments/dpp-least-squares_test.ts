// The oracles of the method are in test/sampling/sampling_test.ts.
import { experiment } from "../../experiments/dpp-least-squares/mod.ts";
import type { Row } from "../../experiments/dpp-least-squares/rows.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import type { DesignKind } from "../../lib/sampling/mod.ts";
import { type Break, testPaper } from "./paper.ts";

// As in the runner's workers: many small products, for which threads only wait for each other.
setBlasThreads(1);

/** The rows of one design in the place of another's. */
const insteadOf = (design: DesignKind, other: DesignKind): Break => ({ rows }) =>
  rows
    .filter((row: Row) => !("design" in row) || row.design !== design)
    .concat(
      rows.filter((row: Row) => "design" in row && row.design === other)
        .map((row: Row) => ({ ...row, design } as Row)),
    );

testPaper(experiment, {
  // Volume sampling alone is no better than independent points.
  "fewer-points": insteadOf("repeated-dpp", "volume"),
  // 1 + (m - 1), as if one dimension were free.
  "interpolation": ({ alter }) =>
    alter(
      "estimate",
      (row) => row.quantity === "interpolation ratio" ? { ...row, mean: row.mean * 5 / 6 } : row,
    ),
  // Independent optimal points: their mean fit is not the best one.
  "unbiased": insteadOf("volume", "iid-optimal"),
  // Two draws of the process in the place of one and five independent points.
  "inverse-gram": ({ rerun }) =>
    rerun((trial) => trial.kind === "estimates" && { ...trial, volumeKind: "repeated-dpp" }),
  // Two independent points of the leverage density.
  "marginals": ({ alter }) =>
    alter("estimate", (row) => row.of === "(x - y)^2" ? { ...row, mean: 14 / 15 } : row),
  // Independent draws of one point instead of draws of m.
  "repetition-gain": ({ rows }) =>
    rows.map((row: Row) => {
      if (row.kind !== "estimate" || !row.of.startsWith("repeated-dpp")) return row;
      const other = rows.find((r: Row) =>
        r.kind === "estimate" && r.seed === row.seed && r.of === row.of.replace("repeated-dpp", "iid-optimal")
      );
      return { ...row, mean: other.mean, standardError: other.standardError };
    }),
  // A bound without the smallest eigenvalue: fits on badly conditioned designs exceed it.
  "every-sample": ({ alter }) => alter("error", (row) => ({ ...row, worst: row.worst * Math.sqrt(row.q95) })),
  // A sampler that starts each step with a fresh count of m candidates.
  "proposals": ({ alter }) =>
    alter("estimate", (row) => row.quantity === "proposals" ? { ...row, mean: row.mean * 1.1 } : row),
  "ordering": insteadOf("repeated-dpp", "volume"),
  // Pairs with probabilities of independent points.
  "enumeration": insteadOf("volume", "iid-optimal"),
  // A smallest eigenvalue of at least 0.4 instead of 0.5.
  "table": ({ rerun }) =>
    rerun((trial) => trial.kind === "conditioning" && { ...trial, delta: 0.6 })
      .then((rows) => rows.map((row) => row.kind === "conditioning" ? { ...row, delta: 0.5 } : row)),
  // The mean over all fits, not over the well conditioned ones.
  "conditioned": ({ alter }) => alter("error", (row) => ({ ...row, acceptedMean: 10 * row.q95 })),
  "universal": insteadOf("repeated-dpp", "iid-optimal"),
  // The kernel's square instead of its cube gains less for every residual.
  "no-gain": ({ alter }) => alter("gain", (row) => ({ ...row, kappa: Math.sqrt(row.kappa) })),
});
