// Oracles of the measures, the tasks and the linear flow are in test/recurrent/rich_lazy_test.ts.
import { assertEquals, assertThrows } from "@std/assert";
import { experiment } from "../../experiments/rich-lazy-connectivity/mod.ts";
import type { RnnTrial } from "../../experiments/rich-lazy-connectivity/networks.ts";
import type { Row } from "../../experiments/rich-lazy-connectivity/rows.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { judgeAll, parametersOf } from "../../lib/experiment/mod.ts";
import { type Break, testPaper } from "./paper.ts";

// As in the runner's workers: many small products, for which threads only wait for each other.
setBlasThreads(1);

const network: RnnTrial = {
  purpose: "ranks",
  task: "2AF",
  structure: "gaussian",
  n: 32,
  rank: 32,
  gain: 1.25,
  iterations: 20,
  learningRate: 0.003,
  sameNorm: true,
  seed: 0,
};

/** Rows of recurrent networks, trained here, beside those of the quick run. */
const withNetworks = (
  trials: readonly Partial<RnnTrial>[],
  change: (row: Row<"rnn">, i: number) => Row<"rnn"> = (row) => row,
): Break =>
async ({ rows, run }) => {
  const made: Row<"rnn">[] = await run(trials.map((trial) => ({ kind: "rnn", ...network, ...trial })));
  return [...rows, ...made.map(change)];
};

/** A world in which rank does nothing: the same network, once for each rank. */
const rankDoesNothing = (trial: Partial<RnnTrial>, ranks: readonly number[]): Break =>
  withNetworks(ranks.map(() => trial), (row, i) => ({ ...row, rank: ranks[i] }));

/** Without the rescaling to the norm of the Gaussian matrix, a low-rank start is a small one. */
const withoutSameNorm: Break = ({ rerun }) =>
  rerun((trial) => trial.kind === "rnn" && { ...trial, sameNorm: false });

/** Low rank is stopped long before it has learned. */
const lowRankStopsEarly: Break = ({ rerun }) =>
  rerun((trial) => trial.kind === "rnn" && trial.rank === 1 && { ...trial, iterations: 100 });

testPaper(experiment, {
  "kernel-moves": withoutSameNorm,
  // The representation of the trained network, taken for that of rank 1, is that of full rank.
  "representation-moves": async ({ rerun }) => {
    const rows: Row[] = await rerun((trial) =>
      trial.kind === "rnn" && trial.rank === 1 && { ...trial, rank: 100 }
    );
    let count = 0;
    return rows.map((row) => row.kind === "rnn" && count++ % 2 === 0 ? { ...row, rank: 1 } : row);
  },
  "delayed-match": rankDoesNothing({ task: "DMS" }, [1, 32]),
  "context": rankDoesNothing({ task: "CXT" }, [1, 32]),
  // The law without its corrections for finitely many inputs.
  "average-law": ({ alter }) =>
    alter(
      "average",
      (row) => ({ ...row, predicted: { ...row.predicted, mean: Math.sqrt(row.rank / row.d) } }),
    ),
  "root-of-rank": ({ rerun }) =>
    rerun((trial) => trial.kind === "average" && { ...trial, sigma: 2, tasks: 30 }),
  // The limit of small starts, taken for the law at every scale.
  "isotropic": ({ alter, rows }) => {
    const [small] = rows.filter((row: Row) => row.kind === "isotropic");
    return alter("isotropic", (row) => ({ ...row, predicted: small.predicted }));
  },
  "ordered": ({ alter }) => alter("flow", (row) => ({ ...row, rank: 20 / row.rank })),
  // What moderate starts do, taken for large ones.
  "large-scale": ({ alter }) => alter("flow", (row) => ({ ...row, sigma: 10 })),
  // Features without an alignment are no exception.
  "aligned-exception": ({ alter }) =>
    alter(
      "anisotropic",
      (row) => row.start === "full" ? row : { ...row, start: row.start === "random" ? "aligned" : "random" },
    ),
  "comparable-loss": lowRankStopsEarly,
  "bayes": lowRankStopsEarly,
  "every-run": lowRankStopsEarly,
  "delayed-match-learned": withNetworks([{ task: "DMS", rank: 1 }, { task: "DMS" }]),
  "wider-kernel": rankDoesNothing({ purpose: "wide" }, [1, 12, 32]),
  "wider-change": rankDoesNothing({ purpose: "wide" }, [1, 12, 32]),
  "equal-norm": withoutSameNorm,
  "any-gain": rankDoesNothing({ purpose: "gain", gain: 2 }, [1, 32]),
  // The effective ranks of structures, with the alignment that one Gaussian start gives.
  "structure": withNetworks(
    (["dale", "blocks", "heavy"] as const).map((structure) => ({ purpose: "structure", structure, n: 100 })),
    (row) => ({ ...row, ka: 0.6 }),
  ),
});

Deno.test("rich-lazy-connectivity: a network gives the same row again, and refuses parameters that make no sense", async () => {
  const trial = { kind: "rnn" as const, ...network };
  const rows = await experiment.run(trial, () => {});
  assertEquals(await experiment.run(trial, () => {}), rows);
  assertEquals(judgeAll(experiment.claims, rows).find(({ id }) => id === "equal-norm")?.holds, true);
  for (
    const params of [{ ranks: [1, 200] }, { ranks: [100] }, { gain: 0 }, { iterations: 0 }, { sigmas: [-1] }]
  ) {
    const [name] = Object.keys(params);
    assertThrows(() => parametersOf(experiment, { params }), RangeError, name);
  }
});
