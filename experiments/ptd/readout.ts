import { complexAbs, ComplexMatrix, Matrix, Rng } from "../../lib/arrays/mod.ts";
import { gram, matmul, matvec } from "../../lib/blas/mod.ts";
import { solve } from "../../lib/linalg/mod.ts";
import {
  type Diagonalization,
  hippoLegS,
  imaginaryAxis,
  legsNormalPart,
  perturbThenDiagonalize,
  transferFunction,
  transferFunctionDiagonal,
} from "../../lib/ssm/mod.ts";
import { irfft, rfft } from "../../lib/transforms/mod.ts";
import type { Row, System } from "./rows.ts";

const DT = 2e-3;
const LENGTH = 4000;
const DROPPED = 500;
const DELAY = 200;
const CUTOFF = 0.003;
const RIDGE = 1e-6;
/** The tone: where the diagonal model of n = 64 has its last spike, as the bilinear transform maps it. */
export const TONE = 1.83263164;

/** White noise below the cutoff, of unit variance. */
function smoothNoise(rng: Rng): Float64Array {
  const spectrum = rfft(rng.normals(LENGTH));
  for (let k = 0; k < spectrum.length / 2; k++) {
    if (k / LENGTH > CUTOFF) spectrum[2 * k] = spectrum[2 * k + 1] = 0;
  }
  const u = irfft(spectrum, { length: LENGTH });
  const mean = u.reduce((sum, x) => sum + x, 0) / LENGTH;
  const sd = Math.sqrt(u.reduce((sum, x) => sum + (x - mean) ** 2, 0) / LENGTH);
  return u.map((x) => x / sd);
}

/** States of the bilinear discretization, one row a sample, the first ones dropped. */
function states(A: Matrix, B: Float64Array, u: Float64Array): Matrix {
  const n = A.rows;
  const low = Matrix.identity(n).plus(A, -DT / 2);
  const high = Matrix.identity(n).plus(A, DT / 2);
  const step = solve(low, high).data;
  const input = solve(low, B.map((b) => DT * b));
  let x = new Float64Array(n);
  const out = Matrix.zeros(LENGTH - DROPPED, n);
  for (let k = 0; k < LENGTH; k++) {
    const next = new Float64Array(n);
    let p = 0;
    for (let i = 0; i < n; i++) {
      let sum = input[i] * u[k];
      for (let j = 0; j < n; j++, p++) sum += step[p] * x[j];
      next[i] = sum;
    }
    x = next;
    if (k >= DROPPED) out.data.set(x, (k - DROPPED) * n);
  }
  return out;
}

/** The same states through the diagonal form: modes one by one, then V. */
function diagonalStates(found: Diagonalization, B: Float64Array, u: Float64Array): Matrix {
  const n = B.length;
  const b = new Float64Array(2 * n);
  const { lambda, V } = found;
  for (let k = 0; k < n; k++) b[2 * k] = B[k];
  const weights = found.solveV(b);
  const x = new Float64Array(2 * n);
  const out = Matrix.zeros(LENGTH - DROPPED, n);
  const p = new Float64Array(2 * n);
  const w = new Float64Array(2 * n);
  for (let k = 0; k < 2 * n; k += 2) {
    const re = 1 - DT / 2 * lambda[k];
    const im = -DT / 2 * lambda[k + 1];
    const d = re * re + im * im;
    const up = 1 + DT / 2 * lambda[k];
    const side = DT / 2 * lambda[k + 1];
    p[k] = (up * re + side * im) / d;
    p[k + 1] = (side * re - up * im) / d;
    w[k] = DT * (weights[k] * re + weights[k + 1] * im) / d;
    w[k + 1] = DT * (weights[k + 1] * re - weights[k] * im) / d;
  }
  for (let step = 0; step < LENGTH; step++) {
    for (let k = 0; k < 2 * n; k += 2) {
      const re = x[k];
      const im = x[k + 1];
      x[k] = p[k] * re - p[k + 1] * im + w[k] * u[step];
      x[k + 1] = p[k] * im + p[k + 1] * re + w[k + 1] * u[step];
    }
    if (step < DROPPED) continue;
    let q = 0;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let k = 0; k < 2 * n; k += 2, q += 2) sum += V.data[q] * x[k] - V.data[q + 1] * x[k + 1];
      out.data[(step - DROPPED) * n + i] = sum;
    }
  }
  return out;
}

/** Trains a linear readout to answer with the input 200 samples ago, then adds a tone it never saw. */
export function readoutRows(n: number, eps: number, seed: number, withCurves: boolean): Row[] {
  const rng = new Rng(seed);
  const { A, B } = hippoLegS(n);
  const found = perturbThenDiagonalize(A, { eps, rng: rng.split("E") });
  const half = B.map((b) => b / 2);
  const normal = legsNormalPart(n);
  const systems: [System, (u: Float64Array) => Matrix][] = [
    ["S4", (u) => states(A, B, u)],
    ["S4D", (u) => states(normal, half, u)],
    ["PTD", (u) => diagonalStates(found, B, u)],
  ];
  const train = smoothNoise(rng.split("train"));
  const test = smoothNoise(rng.split("test"));
  const tone = test.map((x, k) => x + 0.1 * Math.SQRT2 * Math.sin(TONE * k));
  const rows: Row[] = [];
  const delayed = (u: Float64Array) => u.slice(DROPPED - DELAY, LENGTH - DELAY);
  for (const [system, run] of systems) {
    const X = run(train);
    const count = X.rows;
    const sd = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      const column = X.column(j);
      const mean = column.reduce((sum, x) => sum + x, 0) / count;
      sd[j] = Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count);
    }
    const scaled = X.map((x, _, j) => x / sd[j]);
    const y = delayed(train);
    const normalMatrix = gram(scaled).times(1 / count).plus(Matrix.identity(n), RIDGE);
    const right = matmul(scaled, new Matrix(count, 1, y), { transposeA: true }).data.map((x) => x / count);
    const readout = solve(normalMatrix, right).map((c, j) => c / sd[j]);
    const error = (u: Float64Array) => {
      const wanted = delayed(test);
      const got = matvec(run(u), readout);
      return got.reduce((sum, value, k) => sum + (value - wanted[k]) ** 2, 0) / count;
    };
    const gain = gains(system, readout, found, A, B);
    rows.push({
      kind: "readout",
      system,
      seed,
      clean: error(test),
      noisy: error(tone),
      toneGain: gain([TONE])[0],
    });
    if (withCurves) {
      const theta = Array.from({ length: 240 }, (_, k) => 0.05 + k * (3.05 / 239));
      gain(theta).forEach((g, k) =>
        rows.push({ kind: "gain", system, theta: theta[k], gain: Math.max(g, 1e-12) })
      );
    }
  }
  return rows;
}

/** |H(exp(i theta))| of a readout: the analogue gain at omega = 2/dt tan(theta/2), over cos(theta/2). */
function gains(system: System, C: Float64Array, found: Diagonalization, A: Matrix, B: Float64Array) {
  const n = B.length;
  const diagonal = system === "PTD" ? found : perturbThenDiagonalize(A, {
    E: system === "S4D" ? legsNormalPart(n).minus(A) : undefined,
    eps: 0,
    allowDefective: true,
    allowUnstable: true,
  });
  const { lambda, V } = diagonal;
  const factor = system === "S4D" ? 0.5 : 1;
  const residues = new Float64Array(2 * n);
  if (system !== "S4") {
    const right = diagonal.solveV(ComplexMatrix.fromReal(new Matrix(n, 1, B.map((b) => factor * b))).data);
    for (let k = 0; k < n; k++) {
      let re = 0;
      let im = 0;
      for (let i = 0; i < n; i++) {
        re += C[i] * V.data[2 * (i * n + k)];
        im += C[i] * V.data[2 * (i * n + k) + 1];
      }
      residues[2 * k] = re * right[2 * k] - im * right[2 * k + 1];
      residues[2 * k + 1] = re * right[2 * k + 1] + im * right[2 * k];
    }
  }
  return (theta: number[]): number[] => {
    const axis = imaginaryAxis(theta.map((t) => 2 / DT * Math.tan(t / 2)));
    const g = system === "S4"
      ? transferFunction({ A, B, C }, axis)
      : transferFunctionDiagonal(lambda, residues, axis);
    return Array.from(complexAbs(g), (value, k) => value / Math.cos(theta[k] / 2));
  };
}
