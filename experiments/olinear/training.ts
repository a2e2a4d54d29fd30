/** OLinear on the synthetic panel, with different mixers. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { matvec } from "../../lib/blas/mod.ts";
import {
  mixingCost,
  OLinear,
  trainOLinear,
  type VariateMixer,
  windowCorrelation,
} from "../../lib/forecasting/mod.ts";
import { singularValues } from "../../lib/linalg/mod.ts";
import { effectiveRank } from "../../lib/recurrent/mod.ts";
import { basisOf } from "./bases.ts";
import type { BasisName, Row } from "./rows.ts";
import { panel, trainAndTest } from "./series.ts";

/** Sizes of a network and of its windows. */
export interface NetworkSize {
  inputLength: number;
  horizon: number;
  embedding: number;
  width: number;
  layers: number;
}

/** One network; the test error half-way, and at the end. */
export function trainingRows(
  { variates, mixer, basis, size, steps, noise, seed }: {
    variates: number;
    mixer: VariateMixer;
    basis: BasisName;
    size: NetworkSize;
    steps: number;
    noise: number;
    seed: number;
  },
  report: (fraction: number) => void,
): Row<"training">[] {
  const rng = new Rng(seed);
  const split = panel(variates, noise, rng.split("panel"));
  const { test } = trainAndTest(split, size);
  const net = new OLinear({
    ...size,
    variates,
    mixer,
    heads: 4,
    inputBasis: basisOf(basis, windowCorrelation(split.train, size.inputLength)),
    outputBasis: basisOf(basis, windowCorrelation(split.train, size.horizon)),
    rng: rng.split("network"),
  });
  const rows: Row<"training">[] = [];
  const measure = (at: number) => {
    const forecasts = net.predict(test.inputs);
    const mse = forecasts.data.reduce((sum, y, k) => sum + (y - test.targets.data[k]) ** 2, 0) /
      forecasts.data.length;
    const found = net.mixing(0, test.inputs.slice(0, 32 * variates));
    const mixing = new Matrix(variates, variates, Float64Array.from(found.data));
    rows.push({ kind: "training", variates, mixer, basis, seed, steps: at, mse, ...shapeOf(mixing) });
  };
  trainOLinear(net, split.train, {
    steps,
    rng: rng.split("training"),
    onStep: ({ step }) => {
      if (step % 20 === 0) report(step / steps);
      if (step === steps / 2) measure(step);
    },
  });
  measure(steps);
  return rows;
}

function shapeOf(mixing: Matrix) {
  const n = mixing.rows;
  const singular = singularValues(mixing);
  const sums = Array.from({ length: n }, (_, i) => mixing.row(i).reduce((a, b) => a + b, 0));
  // Perron: a positive vector converges to the eigenvector of the largest eigenvalue.
  let v = Float64Array.from({ length: n }, (_, i) => 1 + i / n);
  let radius = 0;
  for (let step = 0; step < 500; step++) {
    const next = matvec(mixing, v);
    const [a, b] = [next, v].map((of) => of.reduce((sum, value) => sum + Math.abs(value), 0));
    radius = a / b;
    v = next.map((value) => value / a);
  }
  return {
    effectiveRank: effectiveRank(mixing, "entropy"),
    numericalRank: singular.filter((value) => value > 0.01 * singular[0]).length,
    rowSum: Math.max(...sums.map((sum) => Math.abs(sum - 1))),
    smallestEntry: Math.min(...mixing.data),
    radius,
  };
}

/** What mixing costs at sizes of the paper's data sets. */
export function costRows({ width }: { width: number }): Row<"cost">[] {
  return [7, 21, 321].map((variates) => ({ kind: "cost", variates, width, ...mixingCost(variates, width) }));
}
