import {
  causalConv,
  diagonalInit,
  discretize,
  legsKernel,
  legsKernelAverage,
  legsNormalEigenvectors,
  legsNormalPart,
  legsNormalSpectrum,
  S4DKernel,
  vandermondeKernels,
} from "../../lib/ssm/mod.ts";
import { Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import { eig, frobeniusNorm } from "../../lib/linalg/mod.ts";
import type { Row, Sampling } from "./rows.ts";

/** Step and horizon of the paper's kernel figure. */
export const DT = 0.002;
export const HORIZON = 2.5;

/**
 * The diagonal model's kernels against those of LegS, orders 0 to 3. `factor` stands before B; the theorem's
 * is 1/2.
 */
export function kernelRows(n: number, factor: number): Row[] {
  const length = Math.round(HORIZON / DT);
  const rows: Row[] = [];
  const { omega, bTilde } = legsNormalSpectrum(n);
  const v = legsNormalEigenvectors(n, { rows: 4 });
  const t = Float64Array.from({ length }, (_, l) => l * DT);
  const A = new Float64Array(n);
  const B = new Float64Array(n);
  for (let j = 0; j < n / 2; j++) {
    A.set([-0.5, omega[j]], 2 * j);
    B[2 * j] = bTilde[j];
  }
  const zoh = discretize(A, B, DT);
  const bilinear = discretize(A, B, DT, { method: "bilinear" });
  for (let order = 0; order < 4; order++) {
    const read = (dB: Float64Array, scale: number) =>
      dB.map((_, k) => {
        const { re, im } = v.get(order, k >> 1);
        const x = dB[k & ~1];
        const y = dB[k | 1];
        return scale * (k % 2 === 0 ? re * x - im * y : re * y + im * x);
      });
    const lines: Record<Sampling, Float64Array> = {
      raw: kernel(read(B, factor), zoh.dA, length),
      zoh: kernel(read(zoh.dB, factor / DT), zoh.dA, length),
      bilinear: kernel(read(bilinear.dB, factor / DT), bilinear.dA, length),
      "zoh, B not halved": kernel(read(zoh.dB, 1 / DT), zoh.dA, length),
    };
    const exact = legsKernel(order, t);
    const average = legsKernelAverage(order, t, DT);
    for (const [sampling, values] of Object.entries(lines) as [Sampling, Float64Array][]) {
      const reference = sampling === "raw" ? exact : average;
      const off = values.map((y, l) => Math.abs(y - reference[l]));
      const rms = Math.sqrt(off.reduce((sum, e) => sum + e * e, 0) / length);
      rows.push({ kind: "error", n, order, sampling, rms, max: Math.max(...off) });
    }
    // The eye needs more points where the slow modes still ring, near t = 0.
    for (let l = 0; l < length; l += l < 100 ? 2 : 8) {
      rows.push({ kind: "kernel", n, order, t: t[l], y: lines.zoh[l], exact: average[l] });
    }
  }
  return rows;
}

function kernel(weights: Float64Array, factors: Float64Array, length: number): Float64Array {
  return vandermondeKernels(weights, factors, length).data as Float64Array;
}

/** Spectra, the largest root against its limit, and how normal the normal part is. */
export function spectrumRows(sizes: readonly number[]): Row[] {
  const rows: Row[] = [];
  for (const n of sizes) {
    const { omega } = legsNormalSpectrum(n);
    const inv = diagonalInit("inv", n).A[1];
    const a = legsNormalPart(n);
    const commutator = matmul(a, a, { transposeB: true }).minus(matmul(a, a, { transposeA: true }));
    const { values } = eig(a);
    let realPart = 0;
    for (let k = 0; k < n; k++) realPart = Math.max(realPart, Math.abs(values[2 * k] + 0.5));
    rows.push({
      kind: "root",
      n,
      ratio: Math.PI * omega[0] / n ** 2,
      invBelow: 1 - inv / omega[0],
      commutator: frobeniusNorm(commutator) / frobeniusNorm(a) ** 2,
      realPart,
    });
    if (n > 64) continue;
    for (
      const [init, label] of [["legs", "S4D-LegS"], ["inv", "S4D-Inv"], ["lin", "S4D-Lin"], [
        "quad",
        "S4D-Quad",
      ]]
    ) {
      const { A } = diagonalInit(init as "legs", n);
      const im = Array.from({ length: n / 2 }, (_, k) => Math.abs(A[2 * k + 1])).sort((x, y) => y - x);
      im.forEach((value, index) =>
        rows.push({ kind: "spectrum", n, init: label, index: index + 1, im: value })
      );
    }
  }
  return rows;
}

/** Convolution against recurrence against the plain sum of exponentials. */
export function agreementRows(length: number, seed: number): Row[] {
  const n = 64;
  const s4d = new S4DKernel({ dModel: 1, dState: n, init: "legs", rng: new Rng(seed).split("agreement") });
  const u = new Rng(seed).split("input").normals(length);
  const K = s4d.kernel(length).data as Float64Array;
  const y = causalConv(K, u);
  const stream = s4d.recurrence();
  const plain = new Float64Array(length);
  const { logDt, logARe, AIm, C } = s4d.parameters;
  const dt = Math.exp(logDt[0]);
  const A = new Float64Array(n);
  for (let k = 0; k < n / 2; k++) A.set([-Math.exp(logARe[k]), AIm[k]], 2 * k);
  const { dB } = discretize(A, C, dt);
  for (let l = 0; l < length; l++) {
    for (let k = 0; k < n / 2; k++) {
      const e = Math.exp(A[2 * k] * dt * l);
      const angle = A[2 * k + 1] * dt * l;
      plain[l] += 2 * e * (dB[2 * k] * Math.cos(angle) - dB[2 * k + 1] * Math.sin(angle));
    }
  }
  let recurrence = 0;
  let direct = 0;
  let size = 0;
  let kernelSize = 0;
  for (let l = 0; l < length; l++) {
    recurrence = Math.max(recurrence, Math.abs(stream.step(u.subarray(l, l + 1))[0] - y[l]));
    direct = Math.max(direct, Math.abs(plain[l] - K[l]));
    size = Math.max(size, Math.abs(y[l]));
    kernelSize = Math.max(kernelSize, Math.abs(K[l]));
  }
  return [{ kind: "agreement", n, length, recurrence: recurrence / size, direct: direct / kernelSize }];
}
