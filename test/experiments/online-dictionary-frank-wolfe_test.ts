import { assertEquals } from "@std/assert";
import { experiment } from "../../experiments/online-dictionary-frank-wolfe/mod.ts";
import type { Row } from "../../experiments/online-dictionary-frank-wolfe/rows.ts";
import { judge, rowTable } from "../../lib/experiment/mod.ts";
import { type Break, testPaper } from "./paper.ts";

type Quick = Parameters<Break>[0];

/** The paper's method, changed. */
function ours(change: (trial: Quick["trials"][number]) => object): Break {
  return ({ rerun }) =>
    rerun((trial) => trial.kind === "learn" && trial.method === "noncvx" && { ...trial, ...change(trial) });
}

const convexSteps = ours(() => ({ schedule: "convex" }));
const noAveraging = ours(() => ({ average: false }));

/** The curves of the first seed as those of many seeds: what the quick preset has too few of. */
function manySeeds(rows: readonly Row[], count: number): Row[] {
  const curves = rows.filter((row): row is Row<"curve"> => row.kind === "curve" && row.seed === 0);
  return Array.from({ length: count }, (_, seed) => curves.map((row) => ({ ...row, seed }))).flat();
}

/** Exact gradients of other samples than said. */
const denser: Break = async ({ rerun }) =>
  (await rerun((trial) => trial.kind === "power" && trial.theta === 0.3 && { ...trial, theta: 0.32 }))
    .map((row) => row.kind === "power" && row.theta === 0.32 ? { ...row, theta: 0.3 } : row);

testPaper(experiment, {
  "fast": convexSteps,
  "convex-slower": async (paper) => manySeeds(await convexSteps(paper), 8),
  "single-samples": async (paper) => manySeeds(await noAveraging(paper), 8),
  // Runs of 3000 steps at θ = 0.3, as if they were those of every setting of the law.
  "noise-law": (paper) => {
    const short = manySeeds(paper.rows, 16).filter((row): row is Row<"curve"> =>
      row.kind === "curve" && row.method === "noncvx" && row.theta === 0.3 && row.batch === 10
    );
    return [
      ...short,
      ...[0.3, 0.5, 0.1].flatMap((theta) =>
        short.filter(({ step }) => step === 3000).map((row) => ({ ...row, theta, step: 9999 }))
      ),
    ];
  },
  // A step size that stays as it is ends in noise that stays as it is.
  "rate": ({ alter }) => alter("curve", (row) => ({ ...row, error: row.error * Math.sqrt(row.step + 1) })),
  "cube-beats-fourth": ({ rerun }) =>
    rerun((trial) => trial.kind === "learn" && trial.method === "l4" && { ...trial, p: 3 }),
  "batches": noAveraging,
  "power-method": denser,
  "power-method-limit": denser,
  // The official code: step sizes above 1 leave the ball.
  "feasible": ({ rerun }) =>
    rerun((trial) => trial.kind === "learn" && trial.method === "no retraction" && { ...trial, clip: false }),
  // What decays slower than the bound: a gap that stays.
  "gap-decays": ({ alter }) => alter("curve", (row) => ({ ...row, leastGap: 0.1 })),
  // The gradient with the factor p = 3 that the paper's code drops.
  "gap-over-error": ({ alter }) =>
    alter("curve", (row) => row.gap === null ? row : { ...row, gap: 3 * row.gap }),
  "alternating": noAveraging,
  "retraction": ({ rerun }) =>
    rerun((trial) =>
      trial.kind === "learn" && trial.method === "no retraction" && { ...trial, schedule: "convex" }
    ),
  // An averaging that is none.
  "averaging": async (paper) => manySeeds(await noAveraging(paper), 8),
  "no-sparsity": async ({ rerun }) =>
    (await rerun((trial) => trial.kind === "dense" && { ...trial, theta: 0.5 }))
      .map((row) => row.kind === "curve" && row.theta === 0.5 ? { ...row, theta: 1 } : row),
  // The random basis that learning starts from.
  "weather": ({ rerun }) => rerun((trial) => trial.kind === "weather" && { ...trial, steps: 0 }),
});

Deno.test("online-dictionary-frank-wolfe: the baseline must be slow, but not broken", () => {
  const claim = experiment.claims.find(({ id }) => id === "alternating")!;
  const setting = {
    kind: "curve" as const,
    n: 10,
    theta: 0.3,
    batch: 1,
    seed: 0,
    step: 1000,
    gap: null,
    leastGap: null,
  };
  const verdict = (errors: number[]) =>
    judge(
      claim,
      rowTable<Row>([
        { ...setting, method: "noncvx", lambda: null, error: 0.007 },
        ...errors.map((error, i) => ({ ...setting, method: "alternating" as const, lambda: i + 1, error })),
      ]),
    ).holds;
  assertEquals(verdict([0.1, 0.7]), true);
  assertEquals(verdict([0.1, 0.04]), false);
  assertEquals(verdict([0.1, 1.2]), false);
  assertEquals(verdict([]), false);
});
