// Oracles, identities, the cost and bad input of the method are in test/optimizers/svd_free_dct_test.ts.
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type Method, METHODS } from "../../experiments/svd-free-dct/methods.ts";
import { experiment } from "../../experiments/svd-free-dct/mod.ts";
import type { Basis, Row } from "../../experiments/svd-free-dct/rows.ts";
import { expectedError, freshStep, marchenkoPasturError } from "../../experiments/svd-free-dct/theory.ts";
import { type Claim, judgeAll, parametersOf } from "../../lib/experiment/mod.ts";
import { type Break, testPaper } from "./paper.ts";
import { quickPaper } from "./quick_paper.ts";

const verdict = (id: string, rows: readonly Row[]): Claim =>
  judgeAll(experiment.claims, rows).find((claim) => claim.id === id)!;

/** The rows with some projections replaced by another one of the same seed and rank. */
const exchanged = (
  rows: readonly Row[],
  other: (row: Row<"projection">) => Partial<Row<"projection">> | undefined,
): Row[] => {
  const place = ({ data, basis, norm, rank, seed }: Row<"projection">) =>
    `${data} ${basis} ${norm} ${rank} ${seed}`;
  const projections = rows.filter((row) => row.kind === "projection");
  const found = new Map(projections.map((row) => [place(row), row]));
  return rows.map((row) => {
    const change = row.kind === "projection" ? other(row) : undefined;
    if (row.kind !== "projection" || change === undefined) return row;
    const { error, identity } = found.get(place({ ...row, ...change }))!;
    return { ...row, error, identity };
  });
};

/** Another basis in the place of the cosines. */
const insteadOfCosines = (basis: Basis): Break => ({ rows }) =>
  exchanged(rows, (row) => row.basis === "dct2" ? { basis, norm: 2 } : undefined);

/** Losses near those of the laptop preset as runs of three seeds; some of them changed by a factor. */
const trained = (factors: Partial<Record<Method, number>> = {}): Row[] => {
  const losses: Partial<Record<Method, number>> = {
    "DCT": 0.008,
    "SVD": 0.02,
    "random basis": 0.017,
    "DCT, random columns": 0.002,
    "DCT, corrected by age": 0.002,
    "random basis, gap 10, no feedback": 0.2,
    ...{ "Trion, rank 8": 0.02, "Dion, rank 8": 0.03, "Trion, rank 16": 0.004, "Dion, rank 16": 0.005 },
  };
  return (Object.keys(METHODS) as Method[]).flatMap((optimizer) =>
    [0.06, 0.12, 0.25].flatMap((learningRate) =>
      [0, 1, 2].map((seed): Row => {
        const loss = (losses[optimizer] ?? 0.03) * (factors[optimizer] ?? 1);
        return {
          kind: "training",
          optimizer,
          steps: 150,
          learningRate,
          seed,
          loss: learningRate === 0.12 ? loss : 2 * loss,
        };
      })
    )
  );
};
const worse = (...methods: Method[]): Break => () =>
  trained(Object.fromEntries(methods.map((name) => [name, 10])));

testPaper(experiment, {
  // The transposed matrix: the columns of the cosine transform in the place of its rows.
  "near-svd": insteadOfCosines("dct3"),
  // Ranked by absolute values where squares were promised.
  "guarantee": ({ rows }) =>
    exchanged(rows, ({ basis, norm }) => basis === "dct2" ? { norm: norm === 1 ? 2 : 1 } : undefined),
  // Rows less smooth than the theory assumes.
  "ar1-theory": ({ rerun }) =>
    rerun((trial) => trial.kind === "projection" && trial.data === "ar1" && { ...trial, correlation: 0.9 })
      .then((rows) => rows.map((row) => row.kind === "projection" ? { ...row, correlation: 0.95 } : row)),
  // A basis that knows the data.
  "no-free-lunch": insteadOfCosines("svd"),
  // Columns left as they were.
  "order-matters": ({ rows }) =>
    exchanged(rows, ({ data }) => data === "permuted" ? { data: "ar1" } : undefined),
  // Scores that have nothing to do with the matrix.
  "norms": ({ rows }) => exchanged(rows, ({ norm }) => norm === 1 ? { basis: "random", norm: 2 } : undefined),
  // Outputs taken for inputs.
  "real-gradients": async ({ run }) => {
    const rows = await run([0, 1, 2].map((seed) => ({ kind: "gradient", rank: 8, seed })));
    return rows.map((row) =>
      row.kind === "gradient" ? { ...row, side: row.side === "inputs" ? "outputs" : "inputs" } : row
    );
  },
  "training-feedback": worse("DCT"),
  "training-plain": worse("DCT, gap 10, no feedback"),
  "no-ranking": worse("DCT, random columns"),
  "age-correction": worse("DCT, corrected by age"),
  "trion-dion": worse("Trion, rank 16"),
  // A grid that ends where the loss still falls.
  "rates": () => trained().filter((row) => row.kind === "training" && row.learningRate < 0.2),
  // Cosines in the place of the power iteration.
  "missed-momentum": ({ rows }) =>
    rows.filter((row) => row.kind !== "momentum" || row.optimizer === "Trion, rank 8").flatMap((row): Row[] =>
      row.kind === "momentum" ? [row, { ...row, optimizer: "Dion, rank 8" }] : [row]
    ),
  // Corrected by the step where age was promised.
  "fresh-columns": ({ alter }) =>
    alter("boost", (row) => ({ ...row, correction: row.correction === "age" ? "step" : "age" })),
});

Deno.test("svd-free-dct, criterion 3: expected errors of the smooth process, and limits", () => {
  const table: [rank: number, cosines: number, best: number][] = [
    [4, 0.1800301428, 0.1774839675],
    [8, 0.0864749918, 0.0861589043],
    [16, 0.0405138178, 0.0404802129],
    [32, 0.0165210014, 0.0165186604],
  ];
  for (const [rank, cosines, best] of table) {
    assertAlmostEquals(expectedError(0.95, "dct2", rank), cosines, 1e-10);
    assertAlmostEquals(expectedError(0.95, "svd", rank), best, 1e-10);
  }
  // Without correlation the covariance is the identity.
  for (const basis of ["dct2", "svd", "random"] as const) {
    assertAlmostEquals(expectedError(0, basis, 16), 0.75, 1e-12);
  }
  // All of the energy of the Marchenko-Pastur law is 1; the samples of notes 6 lose 0.7626 and 0.2915.
  assertAlmostEquals(marchenkoPasturError(0.25, 0), 1, 1e-6);
  assertAlmostEquals(marchenkoPasturError(0.25, 8 / 64), 0.7626, 0.01);
  assertAlmostEquals(marchenkoPasturError(0.25, 32 / 64), 0.2915, 0.01);
  assertAlmostEquals(freshStep(1), 1, 1e-12);
  assertAlmostEquals(freshStep(50000), 3.16227766, 1e-8);
});

Deno.test("svd-free-dct: what is nearly right, or much too good, fails, too", async () => {
  const paper = await quickPaper(experiment);
  const { rows, alter } = paper;
  for (const wrong of ["random", "axes"] as const) {
    assertEquals(verdict("near-svd", await insteadOfCosines(wrong)(paper)).holds, false, wrong);
  }
  const shuffled = exchanged(rows, ({ data }) => data === "ar1" ? { data: "permuted" } : undefined);
  assertEquals(verdict("near-svd", shuffled).holds, false);
  const better = alter(
    "projection",
    (row) => row.basis === "dct2" ? { ...row, error: 0.5 * row.error } : row,
  );
  for (const id of ["near-svd", "guarantee"]) assertEquals(verdict(id, better).holds, false, id);
  const inexact = alter("projection", (row) => ({ ...row, identity: 1e-6 }));
  assertEquals(verdict("guarantee", inexact).holds, false);
  const lucky = alter("boost", (row) => ({ ...row, fresh: row.fresh * (1 - 1e-5) }));
  assertEquals(verdict("fresh-columns", lucky).holds, false);
});

Deno.test("svd-free-dct: training is decided by runs of the protocol's length and three seeds", () => {
  const ids = ["training-feedback", "training-plain", "no-ranking", "age-correction", "trion-dion"];
  for (const id of [...ids, "rates"]) assertEquals(verdict(id, trained()).holds, true, id);
  const alone = trained().filter((row) => row.kind === "training" && row.seed === 0);
  const short = trained().map((row) => row.kind === "training" ? { ...row, steps: 149 } : row);
  for (const id of ids) {
    assertEquals(verdict(id, alone).holds, null, id);
    assertEquals(verdict(id, short).holds, null, id);
  }
  const diverged = trained().map((row) =>
    row.kind === "training" && row.learningRate === 0.25 ? { ...row, loss: null } : row
  );
  assertEquals(verdict("rates", diverged).holds, true);
});

Deno.test("svd-free-dct: parameters that make no sense are refused", () => {
  const refused: [params: object, message: string][] = [
    [{ correlation: 1 }, "`correlation`"],
    [{ ranks: [4, 65] }, "`ranks[1]` must be an integer from 1 to 64, got 65"],
    [{ steps: 4 }, "`steps`"],
  ];
  for (const [params, message] of refused) {
    assertThrows(() => parametersOf(experiment, { params: { ...params } }), RangeError, message);
  }
});
