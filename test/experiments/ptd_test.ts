import { assertAlmostEquals } from "@std/assert";
import { experiment } from "../../experiments/ptd/mod.ts";
import { complexAbs, Matrix, Rng } from "../../lib/arrays/mod.ts";
import { solve } from "../../lib/linalg/mod.ts";
import {
  hippoLegS,
  imaginaryAxis,
  legsNormalPart,
  perturbThenDiagonalize,
  transferFunction,
} from "../../lib/ssm/mod.ts";
import { testPaper } from "./paper.ts";

testPaper(experiment, {
  // B without the factor 1/2 is another system: its spikes are twice as high, and it does not approach LegS.
  "spikes-stay": ({ rerun }) => rerun((trial) => trial.kind === "spikes" && { ...trial, factor: 1 }),
  "smooth-inputs": ({ rerun }) => rerun((trial) => trial.kind === "exact" && { ...trial, factor: 1 }),
  // A solver that kept all digits at n = 32 and 64.
  "naive-hopeless": ({ alter }) =>
    alter("naive", (row) => ({ ...row, backwardError: Math.min(row.backwardError, 1e-7) })),
  // A perturbation that does not grow with ε.
  "conditioning": ({ rerun }) =>
    rerun((trial) => trial.kind === "sweep" && { ...trial, epsilons: trial.epsilons.map(() => 0.1) })
      .then((rows) => rows.map((row, k) => row.kind === "sweep" ? { ...row, eps: 10 ** (-4 + k % 5) } : row)),
  "uniformly-close": ({ alter }) =>
    alter("sweep", (row) => ({ ...row, deviation: Math.sqrt(row.deviation) })),
  // ‖PPᵀ‖ with P of A's scaling, √2 too large.
  "norms": ({ alter }) => alter("norms", (row) => ({ ...row, lowRank: 2 * row.lowRank })),
  // An S4D readout in the place of PTD's.
  "robust-readout": ({ alter }) =>
    alter(
      "readout",
      (row) => row.system === "S4" ? row : { ...row, system: row.system === "PTD" ? "S4D" : "PTD" },
    ),
  // Perturbations ten times as large as they are called.
  "stability": ({ rerun }) =>
    rerun((trial) => trial.kind === "sweep" && { ...trial, epsilons: trial.epsilons.map((eps) => 10 * eps) })
      .then((rows) => rows.map((row) => row.kind === "sweep" ? { ...row, eps: row.eps / 10 } : row)),
  // An optimizer that goes uphill.
  "optimizing": ({ alter }) =>
    alter("optimized", (row) => row.method === "random" ? row : { ...row, kappa: 100 * row.kappa }),
});

Deno.test("ptd: the bilinear transform moves spikes, and leaves their gain", () => {
  const n = 6;
  const dt = 0.01;
  const { A, B } = hippoLegS(n);
  const C = new Rng(1).normals(n);
  const systems: [Matrix, Float64Array][] = [
    [A, B],
    [legsNormalPart(n), B.map((b) => b / 2)],
    [A.plus(perturbThenDiagonalize(A, { rng: new Rng(2) }).E), B],
  ];
  for (const [a, b] of systems) {
    const low = Matrix.identity(n).plus(a, -dt / 2);
    const discrete = solve(low, Matrix.identity(n).plus(a, dt / 2));
    const input = solve(low, b.map((x) => dt * x));
    for (const theta of [0.2, 1.1, 3]) {
      // C (zI - discrete)^{-1} input, by the solver for points off the axis.
      const z = new Float64Array([Math.cos(theta), Math.sin(theta)]);
      const direct = complexAbs(transferFunction({ A: discrete, B: input, C }, z))[0];
      const omega = 2 / dt * Math.tan(theta / 2);
      const analogue = complexAbs(transferFunction({ A: a, B: b, C }, imaginaryAxis([omega])))[0] /
        Math.cos(theta / 2);
      assertAlmostEquals(direct, analogue, 1e-10);
    }
  }
});
