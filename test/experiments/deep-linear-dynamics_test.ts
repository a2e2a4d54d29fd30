// Checks of the method against reference values are in test/linear_networks.
import { assertEquals, assertThrows } from "@std/assert";
import { experiment } from "../../experiments/deep-linear-dynamics/mod.ts";
import type { Row } from "../../experiments/deep-linear-dynamics/rows.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { judgeAll, parametersOf } from "../../lib/experiment/mod.ts";
import { type Break, testPaper } from "./paper.ts";

// As in a run: the matrices are too small for more.
setBlasThreads(1);

/** The mean of squared errors instead of their sum, here of two examples. */
const meanLoss: Break = ({ rerun }) => rerun((trial) => "lossScale" in trial && { ...trial, lossScale: 0.5 });

/** Orthogonal and Gaussian starts swapped. */
const swapped: Break = ({ rows }) =>
  rows.map((row: Row): Row => {
    if (!("start" in row) || row.start === "decoupled") return row;
    return { ...row, start: row.start === "gaussian" ? "orthogonal" : "gaussian" };
  });

testPaper(experiment, {
  "decoupled-flow": meanLoss,
  // A start that is not balanced, for which the matrix solution is another map.
  "balanced-start": ({ alter }) =>
    alter("error", (row) => row.run === "riccati" ? { ...row, largest: 1e-3 } : row),
  // Layers that are updated one after the other.
  "descent-order": ({ rerun }) => rerun((trial) => trial.kind === "small" && { ...trial, sequential: true }),
  // The formula's u₀ for a start of a tenth of its size.
  "random-start": async ({ rerun, rows }) => {
    const theory = rows.filter((row) => row.kind === "half");
    const late = (await rerun((trial) => trial.kind === "tree" && { ...trial, u0: 1e-8 }))
      .filter((row) => row.kind === "half");
    return late.map((row, i) => ({ ...row, analytic: theory[i].analytic }));
  },
  "time-scale": meanLoss,
  // Another network in the place of the tanh network: one that learns weak modes early.
  "tanh": ({ alter }) =>
    alter("half", (row) => row.model === "tanh" ? { ...row, simulated: 300 - row.mode } : row),
  "tanh-every-run": ({ alter }) =>
    alter("half", (row) => row.model === "tanh" ? { ...row, simulated: 0.9 * row.simulated! } : row),
  // One weight matrix too many.
  "finite-delay": ({ alter }) =>
    alter("delay", (row) => row.layers === null ? row : { ...row, steps: row.steps * 1.1 }),
  // A rate that does not know the depth.
  "best-rate": ({ alter }) => alter("depth", (row) => ({ ...row, rate: 0.1 })),
  "depth-free": swapped,
  "isometry": swapped,
  // Gain squared once too often.
  "mean-field": ({ alter }) =>
    alter("jacobian", (row) => ({ ...row, meanSquare: row.meanSquare * row.gain ** 99 })),
  "critical-gain": swapped,
});

Deno.test("deep-linear-dynamics: the mean loss and layers in turn fail what they should and nothing else of the flow", async () => {
  const [trial] = experiment.trials(experiment.presets.quick).filter(({ kind }) => kind === "small");
  const verdicts = async (change: object) => {
    const rows = await experiment.run({ ...trial, ...change } as typeof trial, () => {});
    const judged = judgeAll(experiment.claims, rows);
    return ["decoupled-flow", "descent-order"].map((id) => judged.find((claim) => claim.id === id)!.holds);
  };
  assertEquals(await verdicts({}), [true, true]);
  assertEquals(await verdicts({ lossScale: 0.5 }), [false, false]);
  assertEquals(await verdicts({ sequential: true }), [true, false]);
});

Deno.test("deep-linear-dynamics: parameters that make no sense are refused", () => {
  for (const [name, value] of Object.entries({ flip: 0.5, u0: 0, tanhSeeds: 0 })) {
    assertThrows(() => parametersOf(experiment, { params: { [name]: value } }), RangeError, `\`${name}\``);
  }
});
