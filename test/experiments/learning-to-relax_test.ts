// The oracles of the methods are in test/sparse and test/bandits.
import { assertEquals } from "@std/assert";
import { heatProblem } from "../../experiments/learning-to-relax/heat.ts";
import { experiment } from "../../experiments/learning-to-relax/mod.ts";
import type { Row } from "../../experiments/learning-to-relax/rows.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { conjugateGradients, ssorPreconditioner } from "../../lib/sparse/mod.ts";
import { type Break, testPaper } from "./paper.ts";
import type { QuickPaper } from "./quick_paper.ts";

// As in the runner's workers.
setBlasThreads(1);

/** The rows of a degree as those of degree 5, which claims are about. */
const asDegree5 = (rows: readonly Row[]): Row[] =>
  rows.map((row) => "degree" in row ? { ...row, degree: 5 } : row);

/** As long as the claims need, and of both variances: every method goes on as in its first 2000 instances. */
function withoutProgress(rows: readonly Row[]): Row<"progress">[] {
  const ends = rows.filter((row): row is Row<"progress"> => row.kind === "progress" && row.round === 2000);
  return (["high", "low"] as const).flatMap((variance) =>
    [1000, 2000, 5000].flatMap((round) =>
      ends.map((row) => ({
        ...row,
        variance,
        ...(variance === "low" ? { alpha: 2, beta: 6 } : {}),
        round,
        total: row.total * round / 2000,
      }))
    )
  );
}

/** The heat equation at the size of the claims, for learners that ignore the diffusivity. */
function blindHeat({ trials, run }: QuickPaper): Promise<Row<"heat">[]> {
  const heat = trials.filter(({ kind }) => kind === "heat")
    .map((trial) => ({ ...trial, steps: [1000], degree: 0, keepChoices: false }));
  const more = [1, 2].map((seed) => ({ ...heat.find(({ method }) => method === "ChebCB"), seed }));
  return run([...heat, ...more]) as Promise<Row<"heat">[]>;
}

const without = (rows: readonly Row[], kind: Row["kind"]): Row[] => rows.filter((row) => row.kind !== kind);

/** Polynomials of degree 0 with the low variance. */
const blindLow: Break = async ({ trials, run }) => {
  const low = { variance: "low", alpha: 2, beta: 6, fixed: [1.6, 1.65], degree: 0 };
  return asDegree5(
    await run(trials.filter(({ kind }) => kind === "sequence").map((trial) => ({ ...trial, ...low }))),
  );
};

/** The first 950 steps of the heat equation as if they were 1000. */
const shortHeat: Break = async ({ rows, trials, run }) => {
  const short = await run(
    trials.filter(({ kind, method }) => kind === "heat" && method !== "CG")
      .map((trial) => ({ ...trial, steps: [950], keepChoices: false })),
  );
  return [...without(rows, "heat"), ...short.map((row) => ({ ...row, steps: 1000 }))];
};

/** Every distribution with the shifts of the other one. */
const mixedUp: Break = async ({ trials, run }) => {
  const [first] = trials.filter(({ kind }) => kind === "sequence");
  const short = { ...first, rounds: 80, fixed: [1, 1.2, 1.4, 1.6, 1.8], keepChoices: false };
  const rows = await run([
    { ...short, variance: "high", alpha: 2, beta: 6 },
    { ...short, variance: "low", alpha: 0.5, beta: 1.5 },
  ]);
  return rows.map((row: Row) =>
    row.kind === "progress" ? { ...row, alpha: 2.5 - row.alpha, beta: 7.5 - row.beta } : row
  );
};

testPaper(experiment, {
  // Polynomials of degree 0: the learner does not see the context.
  "context": async ({ rerun }) =>
    asDegree5(await rerun((trial) => trial.kind === "sequence" && { ...trial, degree: 0 })),
  "context-low": blindLow,
  // What is right beyond the optimal parameter only.
  "young": ({ alter }) => alter("radius", (row) => ({ ...row, formula: row.omega - 1 })),
  // tau = 0.
  "surrogate": ({ alter }) => alter("surrogate", (row) => ({ ...row, bound: 1 + row.asymptotic })),
  "regret": ({ rows }) => [...without(rows, "progress"), ...withoutProgress(rows)],
  // A learner that always takes ω = 1.
  "gauss-seidel": ({ rows }) => {
    const long = withoutProgress(rows);
    const stuck = long.filter(({ method }) => method === "Tsallis-INF")
      .map((row): Row<"progress"> => ({ ...row, method: "fixed", omega: 1 }));
    return [...without(rows, "progress"), ...long, ...stuck];
  },
  "heat": async (paper) => [...without(paper.rows, "heat"), ...await blindHeat(paper)],
  // The other one's probabilities.
  "probabilities": ({ alter }) =>
    alter("probability", (row) => ({
      ...row,
      newton: row.newton === "official" ? "safeguarded" : "official",
    })),
  "best-fixed": mixedUp,
  // A tolerance of 1e-9 in the place of 1e-8.
  "reference": ({ alter }) => alter("progress", (row) => ({ ...row, total: row.total * 9 / 8 })),
  // Fifty steps are missing.
  "heat-reference": shortHeat,
  // As if the context did not matter: both degrees with the totals of the one that sees it.
  "without-context": ({ rows }) => [
    ...without(rows, "price"),
    ...rows.filter((row: Row) => row.kind === "progress" && row.round === 2000 && row.method === "ChebCB")
      .flatMap((row: Row<"progress">) =>
        [0, 5].map((degree) => ({ ...row, kind: "price" as const, method: "ChebCB" as const, degree }))
      ),
  ],
  // No bound at all.
  "energy": ({ alter }) => alter("surrogate", (row) => ({ ...row, energy: row.asymptotic })),
});

Deno.test("learning-to-relax: the order of the preconditioner's factors changes totals by 0.2 %", () => {
  const totals = [false, true].map((textbook) => {
    const heat = heatProblem(25);
    let total = 0;
    for (let step = 0; step < 1000; step++) {
      const { a, b } = heat.system();
      const apply = ssorPreconditioner(a, { omega: 1.3 });
      // Points counted backwards exchange the two triangles of the matrix.
      const preconditioner = textbook
        ? (x: Float64Array, out: Float64Array) => {
          apply(x.toReversed(), out);
          out.reverse();
        }
        : apply;
      const { x, iterations } = conjugateGradients(a, b, { start: heat.solution, preconditioner });
      heat.advance(x);
      total += iterations;
    }
    return total;
  });
  assertEquals(totals, [5914, 5902]);
});
