import { assert } from "@std/assert";
import { experiment } from "../../experiments/permutation-learning/mod.ts";
import { NNGP, NTK, type Row } from "../../experiments/permutation-learning/rows.ts";
import { Matrix } from "../../lib/arrays/mod.ts";
import {
  infiniteKernels,
  KernelGradientFlow,
  permutationMeans,
  permutationOutputLaw,
} from "../../lib/tangent_kernels/mod.ts";
import { type Break, testPaper } from "./paper.ts";

/** The laws of the two kernels exchanged. */
const exchanged: Break = ({ rows }) =>
  rows.map((row: Row) =>
    row.kind === "curve" || row.kind === "law" ? { ...row, rate: row.rate === NTK ? NNGP : NTK } : row
  );

/** Ensembles whose size grows faster than it should. */
const cubic: Break = ({ alter }) =>
  alter("law", (row) => ({ ...row, all90: row.k ** 3, models90: row.k ** 2 }));

/** How many inputs of k bits are decoded wrongly at a threshold of 1/2, as bits would be. */
function wrongAtHalf(k: number): number {
  const inputs = 2 ** k - 1;
  const bits = Matrix.from(inputs, k, (i, j) => (i + 1) >> j & 1);
  const mean = permutationMeans(bits);
  let wrong = 0;
  for (let i = 0; i < inputs; i++) {
    if (Array.from(mean.row(i)).some((value, j) => (value > 0.5 ? 1 : 0) !== bits.get(i, j))) wrong++;
  }
  return wrong;
}

/** Distance of the closed form from a kernel solve whose inputs are not scaled to unit length. */
function unscaledDeviation(): number {
  const kernels = { depth: 2, beta: 0 };
  const training = Matrix.identity(5);
  const flow = new KernelGradientFlow({
    ntk: infiniteKernels(training, kernels).ntk,
    y: new Float64Array(5),
  });
  const raw = infiniteKernels(Matrix.fromRows([[1, 1, 0, 0, 0]]), { x2: training, ...kernels }).ntk;
  return Math.abs(flow.weights(raw, Infinity).get(0, 0) - permutationOutputLaw({ k: 5, ones: 2 }).meanOne);
}

testPaper(experiment, {
  "exact-decoding": ({ alter }) =>
    alter("exact", (row) => row.k <= 8 ? { ...row, wrong: wrongAtHalf(row.k) } : row),
  "closed-forms": ({ alter }) => alter("closed", (row) => ({ ...row, deviation: unscaledDeviation() })),
  // The quick preset draws too few ensembles of the tangent kernel: those of the last layer in their place.
  "accuracy-curve": ({ rows }) =>
    rows.concat(
      rows.filter((row): row is Row<"process"> => row.kind === "process").flatMap((row) =>
        [0, 1, 2].map((more) => ({ ...row, rate: more === 0 ? NNGP : NTK, repetition: 100 + more }))
      ),
    ).concat(
      rows.filter((row): row is Row<"process"> => row.kind === "process").map((row) => ({
        ...row,
        rate: NTK,
      })),
    ),
  // Kernels that are not divided by k.
  "single-network-variance": ({ alter }) =>
    alter("variance", (row) => ({ ...row, ratio: row.ratio * row.k })),
  // Too few networks were trained by the quick preset: a group of k = 10 whose last layer did not converge.
  "finite-width": ({ rows }) =>
    rows.concat([NTK, NNGP].map((rate): Row<"finite"> => ({
      kind: "finite",
      k: 10,
      rate,
      width: 2000,
      repetition: 0,
      group: 0,
      models: 300,
      meanOne: 0.5,
      meanZero: -0.01,
      trainingError: 0.1,
      average: [],
    }))),
  "linearithmic": cubic,
  "last-layer-explains": exchanged,
  "bound": ({ alter }) => alter("law", (row) => ({ ...row, bound: row.bound / 100 })),
  "quadratic": cubic,
  // If every number of ones were equally hard.
  "two-bits-hardest": ({ alter }) => alter("weight", (row) => ({ ...row, models90: 579 })),
});

Deno.test("permutation-learning: decoding at 1/2 instead of 0, or inputs without unit length, are wrong", () => {
  assert(wrongAtHalf(5) > (2 ** 5 - 1) / 2);
  assert(unscaledDeviation() > 0.1);
});
