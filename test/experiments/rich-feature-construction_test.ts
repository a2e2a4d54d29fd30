// The oracles of the method are in test/invariance/invariance_test.ts.
import { experiment } from "../../experiments/rich-feature-construction/mod.ts";
import type { Row } from "../../experiments/rich-feature-construction/rows.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { type Break, testPaper } from "./paper.ts";

setBlasThreads(1);

/** Rows under the name of the size that criteria are for. */
const asProtocol = (rows: readonly Row[]): Row[] =>
  rows.map((row) => row.kind === "accuracy" || row.kind === "round" ? { ...row, examples: 4000 } : row);

/** The rounds and the synthesis with other lengths. */
const withSteps = (steps: { erm?: number; dro?: number; synthesis?: number }): Break => async ({ rerun }) =>
  asProtocol(
    await rerun((trial) => trial.kind === "rich" && { ...trial, rich: { ...trial.rich, ...steps } }),
  );

testPaper(experiment, {
  // The penalty has no weight.
  "above-random": ({ rerun }) => rerun((trial) => trial.kind === "rich" && { ...trial, weight: 0 }),
  "rich-start": async ({ rows, trials, run }) => {
    const trial = trials.find((trial) => trial.kind === "rich")!;
    const frozen = { penalty: "vrex" as const, frozen: true };
    const courses = [{ ...frozen, start: "rich" as const }, { ...frozen, start: "ERM" as const }];
    const made: Row[] = await run([{ ...trial, weight: 0, courses }]);
    const others = rows.filter((row: Row) => row.kind === "accuracy" && row.start === "random");
    return asProtocol(
      [0, 1, 2].flatMap((seed) => [...made, ...others].map((row) => ({ ...row, seed }) as Row)),
    );
  },
  // A network that is not trained.
  "first-round": withSteps({ erm: 0 }),
  // A second round that is like the first.
  "second-round": ({ rows }) =>
    asProtocol(
      rows.flatMap((row: Row): Row[] =>
        row.kind === "round" ? row.round === 1 ? [row, { ...row, round: 2 }] : [] : [row]
      ),
    ),
  "synthesis": withSteps({ synthesis: 0 }),
  // Features of the first round, and a start that is not perfect.
  "freezing": async ({ rows, trials, run }) => {
    const trial = trials.find((trial) => trial.kind === "baseline")!;
    const course = { start: "gray" as const, penalty: "vrex" as const, steps: 20, long: true };
    const gray: Row[] = await run([{ ...trial, course, graySteps: 0 }]);
    const rich = rows.filter((row: Row): row is Row<"accuracy"> =>
      row.kind === "accuracy" && row.start === "rich"
    );
    return asProtocol([...rows, ...gray, ...rich.map((row: Row<"accuracy">) => ({ ...row, long: true }))]);
  },
  // Trained with the penalty.
  "no-penalty": ({ alter }) =>
    alter("accuracy", (row) => row.start === "rich" ? { ...row, penalty: "none" as const } : row),
  // Other noise of the labels.
  "vrex-minimum": ({ rerun }) =>
    rerun((trial) => trial.kind === "population" && { ...trial, labelNoise: 0.3 }),
  // Steps that are long enough to leave the trap.
  "trap": ({ rerun }) => rerun((trial) => trial.kind === "population" && { ...trial, stepSize: 10 }),
  // An oracle that is one of the methods.
  "oracle": ({ rows }) => [
    ...rows,
    ...rows.filter((row: Row): row is Row<"accuracy"> => row.kind === "accuracy" && row.start === "rich")
      .map((row: Row<"accuracy">) =>
        ({ ...row, start: "gray", penalty: "none", frozen: false }) as Row<"accuracy">
      ),
  ],
});
