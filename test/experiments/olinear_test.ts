import { experiment } from "../../experiments/olinear/mod.ts";
import { testPaper } from "./paper.ts";

testPaper(experiment, {
  // For every claim a broken method, or broken rows, on which it is seen to fail.
  "fair": ({ rerun }) => rerun((trial) => ({ ...trial, probability: 0.6 })),
  // One seed for all.
  "scatter": async ({ trials, run }) =>
    (await run(trials.map((trial) => ({ ...trial, seed: 0 })))).map((row, seed) => ({ ...row, seed })),
  "to-do-a": ({ rerun }) => rerun((trial) => ({ ...trial, probability: 0.9 })),
  "to-do-b": ({ rerun }) => rerun((trial) => ({ ...trial, probability: 0.9 })),
  "to-do-c": ({ rerun }) => rerun((trial) => ({ ...trial, probability: 0.9 })),
});
