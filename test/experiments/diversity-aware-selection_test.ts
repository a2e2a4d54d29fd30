// The oracles of the method are in test/data_selection/ and test/language_models/.
import { experiment } from "../../experiments/diversity-aware-selection/mod.ts";
import type { Row } from "../../experiments/diversity-aware-selection/rows.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { type Break, testPaper } from "./paper.ts";

setBlasThreads(1);

/** The rows of one selection in the place of another's. */
const insteadOf = (method: string, other: string): Break => ({ rows }) =>
  rows.filter((row: Row) => row.kind !== "bits" || row.method !== method).concat(
    rows.filter((row: Row) => row.kind === "bits" && row.method === other).map((row: Row) => ({
      ...row,
      method,
    })),
  );

testPaper(experiment, {
  // One direction, as the worst selection.
  "beats-top": insteadOf("ODiS, K = 4", "ODiS, K = 1"),
  "ahead-of-top": insteadOf("ODiS, K = 4", "ODiS, K = 1"),
  // Samples that do not leave the top.
  "broader-is-better": insteadOf("sample of top 30 %", "top by average"),
  // Directions that take turns, as if K = 2 were K = 1.
  "one-direction": insteadOf("ODiS, K = 1", "ODiS, K = 2"),
  "four-directions": insteadOf("ODiS, K = 4", "ODiS, K = 1"),
  // Top lists by scores that were not decorrelated.
  "normal-overlap": ({ alter, rows }) =>
    alter("overlap", (row) =>
      row.scores === "raw" ? row : {
        ...row,
        mean: rows.find((r) =>
          r.kind === "overlap" && r.q === row.q && r.rho === row.rho && r.scores === "raw"
        )!
          .mean,
      }),
  // Four lists along one direction.
  "diversity": ({ rows, alter }) =>
    alter("variance", (row) =>
      row.directions !== 4 ? row : {
        ...row,
        total: rows.find((r) => r.kind === "variance" && r.directions === 1)!.total,
      }),
  // Variances with divisor N - 1.
  "uncorrelated": ({ alter }) => alter("identity", (row) => ({ ...row, trace: row.trace * 6000 / 5999 })),
  // Raw scores in the place of principal ones.
  "text-overlap": ({ rows, alter }) =>
    alter("pair", (row) => ({
      ...row,
      overlap: rows.find((r) => r.kind === "pair" && r.scores === "raw" && r.overlap > 0.25)!.overlap,
    })),
  // No rule for signs.
  "sign-rule": ({ alter }) => alter("sign", (row) => ({ ...row, different: row.withoutRule })),
  // Held-out text in the selection would make it as good as random.
  "random-is-best": insteadOf("ODiS, K = 4", "random"),
});
