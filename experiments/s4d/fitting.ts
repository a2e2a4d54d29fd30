import { allocateLike, Matrix, Rng } from "../../lib/arrays/mod.ts";
import { svd } from "../../lib/linalg/mod.ts";
import { scaleByAdam } from "../../lib/optimizers/adam.ts";
import {
  type DiagonalInit,
  diagonalInit,
  s4dKernel,
  s4dKernelGradient,
  type S4DParameters,
  vandermondeKernels,
} from "../../lib/ssm/mod.ts";
import { discretize } from "../../lib/ssm/mod.ts";
import { INITS, type Row } from "./rows.ts";

const labelOf = (init: DiagonalInit) => INITS.find((entry) => entry.init === init)!.label;

/** Delayed pulses and a box on [0, 2), L samples. */
function targets(length: number): { name: string; values: Float64Array }[] {
  const t = Float64Array.from({ length }, (_, l) => 2 * l / length);
  const pulses = [0.25, 0.5, 1].flatMap((tau) =>
    [0.02, 0.05].map((sigma) => ({
      name: `pulse at ${tau}, width ${sigma}`,
      values: t.map((time) => Math.exp(-((time - tau) ** 2) / (2 * sigma * sigma))),
    }))
  );
  return [...pulses, { name: "box [0, 1]", values: t.map((time) => time <= 1 ? 1 : 0) }];
}

/** What the frozen modes of an initialization can express: singular values, ranks, least-squares errors. */
export function fitRows(init: DiagonalInit, seed: number, n: number, length: number): Row[] {
  const { A, B, pairs } = diagonalInit(init, n, { rng: new Rng(seed).split("poles") });
  const ones = B.map((_, k) => k % 2 === 0 ? 1 : 0);
  const { dA, dB } = discretize(A, ones, 2 / length);
  const columns: Float64Array[] = [];
  for (let k = 0; k < A.length; k += 2) {
    const factor = dA.slice(k, k + 2);
    const re = dB[k];
    const im = dB[k + 1];
    for (const weight of pairs ? [[re, im], [im, -re]] : [[re, im]]) {
      const column = vandermondeKernels(new Float64Array(weight), factor, length, { pairs: false }).data;
      const norm = Math.sqrt((column as Float64Array).reduce((sum, x) => sum + x * x, 0));
      // The imaginary part of a real mode is zero: not a column.
      if (norm > 0) columns.push((column as Float64Array).map((x) => x / norm));
    }
  }
  const { u, s } = svd(Matrix.fromRows(columns).transpose());
  const total = s.reduce((sum, x) => sum + x, 0);
  const label = labelOf(init);
  const rows: Row[] = [];
  const entropy = s.reduce((sum, x) => x > 0 ? sum - x / total * Math.log(x / total) : sum, 0);
  rows.push({
    kind: "basis",
    init: label,
    seed,
    rank: s.filter((x) => x > 1e-8 * s[0]).length,
    effectiveRank: Math.exp(entropy),
  });
  s.forEach((x, k) =>
    rows.push({ kind: "singular", init: label, seed, index: k + 1, value: Math.max(x / s[0], 1e-17) })
  );
  const kept = s.filter((x) => x > 1e-7 * s[0]).length;
  for (const { name, values } of targets(length)) {
    const rest = values.slice();
    for (let k = 0; k < kept; k++) {
      let inner = 0;
      for (let l = 0; l < length; l++) inner += u.data[l * u.columns + k] * values[l];
      for (let l = 0; l < length; l++) rest[l] -= inner * u.data[l * u.columns + k];
    }
    const norm = (x: Float64Array) => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
    rows.push({ kind: "fit", init: label, seed, target: name, error: norm(rest) / norm(values) });
  }
  return rows;
}

/** Learns a delayed pulse, all parameters trained by Adam. */
export function trainingRows(
  init: DiagonalInit,
  seed: number,
  o: { n: number; length: number; steps: number },
  report: (fraction: number, rows?: Row[]) => void = () => {},
): Row[] {
  const { n, length, steps } = o;
  const rng = new Rng(seed);
  const { A, pairs } = diagonalInit(init, n, { rng: rng.split("poles") });
  const count = A.length / 2;
  const parameters: S4DParameters = {
    logDt: new Float64Array([Math.log(2 / length)]),
    logARe: Float64Array.from({ length: count }, (_, k) => Math.log(-A[2 * k])),
    AIm: Float64Array.from({ length: count }, (_, k) => A[2 * k + 1]),
    C: rng.split("C").normals(2 * count, Math.SQRT1_2),
  };
  const target = targets(length).find(({ name }) => name === "pulse at 1, width 0.05")!.values;
  const energy = Math.sqrt(target.reduce((sum, x) => sum + x * x, 0));
  const scale = Math.sqrt(length / 2);
  const adam = scaleByAdam();
  const trained = (Object.keys(parameters) as (keyof S4DParameters)[])
    .filter((name) => pairs || name !== "AIm")
    .map((name) => {
      const weights = new Matrix(1, parameters[name].length, parameters[name]);
      const parameter = { name, weights, outputs: "rows" as const };
      return { name, parameter, state: adam.init(parameter), rate: name === "C" ? 1e-2 : 1e-3 };
    });
  const rows: Row[] = [];
  const label = labelOf(init);
  for (let step = 0; step <= steps; step++) {
    const K = s4dKernel(parameters, length, { pairs });
    const gradient = new Matrix(1, length, allocateLike(K.data, length));
    let loss = 0;
    for (let l = 0; l < length; l++) {
      const off = scale * K.data[l] - target[l] / energy;
      loss += off * off;
      gradient.data[l] = 2 * scale * off;
    }
    if (!Number.isFinite(loss)) throw new Error(`the loss of ${label} is ${loss} at step ${step}`);
    if (step % Math.max(1, Math.round(steps / 100)) === 0) {
      rows.push({ kind: "training", init: label, seed, step, loss });
      if (step % 200 === 0) report(step / steps, rows);
    }
    const found = s4dKernelGradient(parameters, gradient, { pairs });
    for (const { name, parameter, state, rate } of trained) {
      const direction = adam.update(new Matrix(1, found[name].length, found[name]), state, parameter);
      for (let i = 0; i < found[name].length; i++) parameters[name][i] -= rate * direction.data[i];
    }
  }
  return rows;
}
