/** Bases: how well they concentrate and decorrelate. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import {
  dctBasis,
  energyCompaction,
  kmsCorrelation,
  orthoBasis,
  orthoTransform,
  realFourierBasis,
  windowCorrelation,
} from "../../lib/forecasting/mod.ts";
import type { BasisName, Row } from "./rows.ts";
import { type DataName, panel, realSeries } from "./series.ts";

/** A basis, learned from a correlation matrix where it is OrthoTrans. */
export function basisOf(name: BasisName, correlation: Matrix): Matrix {
  const n = correlation.rows;
  if (name === "OrthoTrans") return orthoBasis(correlation).basis;
  if (name === "DCT") return dctBasis(n);
  return name === "Fourier" ? realFourierBasis(n) : Matrix.identity(n);
}

/** The unitary discrete Fourier transform, whose coefficients are complex: notes 3.1. */
function complexFourier(correlation: Matrix): { cumulative: number[]; offDiagonal: number; trace: number } {
  const n = correlation.rows;
  const [c, s] = [Math.cos, Math.sin].map((f) =>
    Matrix.from(n, n, (k, j) => f(2 * Math.PI * k * j / n) / Math.sqrt(n))
  );
  const between = (a: Matrix, b: Matrix) => matmul(matmul(a, correlation), b, { transposeB: true });
  // (C - iS) R (C + iS)^T.
  const real = between(c, c).plus(between(s, s));
  const imaginary = between(c, s).minus(between(s, c));
  const variances = Array.from({ length: n }, (_, k) => real.get(k, k)).sort((a, b) => b - a);
  const all = real.data.reduce((sum, value, k) => sum + value ** 2 + imaginary.data[k] ** 2, 0);
  const diagonal = variances.reduce((sum, value) => sum + value ** 2, 0);
  const trace = variances.reduce((sum, value) => sum + value, 0);
  let sum = 0;
  return {
    cumulative: variances.map((value) => (sum += value) / trace),
    offDiagonal: Math.sqrt((all - diagonal) / all),
    trace: trace / n,
  };
}

const BASES: BasisName[] = ["OrthoTrans", "DCT", "Fourier", "complex Fourier", "time"];

/** All bases for one correlation matrix. `learned` is the one that stands for OrthoTrans. */
function basisRows(
  source: string,
  rho: number | null,
  correlation: Matrix,
  learned: BasisName,
): (Row<"basis"> | Row<"energy">)[] {
  const n = correlation.rows;
  let best: ArrayLike<number> = [];
  return BASES.flatMap((basis) => {
    const matrix = basisOf(basis === "OrthoTrans" ? learned : basis, correlation);
    const compaction = energyCompaction(matrix, correlation);
    const { cumulative, offDiagonal, trace } = basis === "complex Fourier" ? complexFourier(correlation) : {
      cumulative: [...compaction.cumulative],
      offDiagonal: compaction.offDiagonalRatio,
      trace: compaction.variances.reduce((a, b) => a + b, 0) / n,
    };
    if (basis === "OrthoTrans") best = cumulative;
    const gram = matmul(matrix, matrix, { transposeB: true }).minus(Matrix.identity(n));
    const ks = Array.from({ length: n }, (_, i) => i + 1).filter((k) => k <= 16 || k % 8 === 0);
    return [
      {
        kind: "basis" as const,
        source,
        rho,
        basis,
        size: n,
        offDiagonal,
        orthogonality: gram.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
        trace,
        top8: cumulative[Math.min(7, n - 1)],
        topTwelfth: cumulative[Math.max(1, Math.round(n / 12)) - 1],
        lead: Math.min(...cumulative.map((share, k) => best[k] - share)),
      },
      ...ks.map((k) => ({ kind: "energy" as const, source, rho, basis, k, share: cumulative[k - 1] })),
    ];
  });
}

/** Autoregressive processes. */
export function processRows(
  { rhos, size, learned }: { rhos: number[]; size: number; learned: BasisName },
): (Row<"basis"> | Row<"energy">)[] {
  return rhos.flatMap((rho) => basisRows("process", rho, kmsCorrelation(size, rho), learned));
}

/** A real data set, or the panel. */
export function dataRows(
  { data, size, noise, seed, learned }: {
    data: DataName | "panel";
    size: number;
    noise: number;
    seed: number;
    learned: BasisName;
  },
): (Row<"basis"> | Row<"energy">)[] {
  const { train } = data === "panel" ? panel(16, noise, new Rng(seed)) : realSeries(data);
  return basisRows(data, null, windowCorrelation(train, size), learned);
}

/** Correlations of coefficients of the hourly series, and one window of the panel from its largest coefficients. */
export function viewRows(
  { size, length, keeps, noise, seed }: {
    size: number;
    length: number;
    keeps: number[];
    noise: number;
    seed: number;
  },
): (Row<"cell"> | Row<"window">)[] {
  const correlation = windowCorrelation(realSeries("hourly").train, size);
  const cells = (["time", "DCT", "OrthoTrans"] as const).flatMap((name) => {
    const basis = basisOf(name, correlation);
    const rotated = matmul(matmul(basis, correlation), basis, { transposeB: true });
    const scale = Array.from({ length: size }, (_, i) => Math.sqrt(rotated.get(i, i)));
    return Array.from({ length: size * size }, (_, k): Row<"cell"> => {
      const [i, j] = [Math.floor(k / size), k % size];
      return { kind: "cell", basis: name, i, j, value: rotated.get(i, j) / (scale[i] * scale[j]) };
    });
  });
  const { series, train, testStart } = panel(16, noise, new Rng(seed));
  const window = Matrix.from(1, length, (_, t) => series.get(testStart + t, 0));
  const ofPanel = windowCorrelation(train, length);
  const rebuilt = (["DCT", "OrthoTrans"] as const).flatMap((name) => {
    const basis = basisOf(name, ofPanel);
    const z = orthoTransform(window, basis);
    const order = [...z.data.keys()].sort((a, b) => Math.abs(z.data[b]) - Math.abs(z.data[a]));
    return keeps.flatMap((keep) => {
      const kept = new Set(order.slice(0, keep));
      const some = z.map((value, _, k) => kept.has(k) ? value : 0);
      const values = orthoTransform(some, basis, { inverse: true }).data;
      return Array.from(
        values,
        (value, t): Row<"window"> => ({ kind: "window", basis: name, keep, t, value }),
      );
    });
  });
  const truth = Array.from(
    window.data,
    (value, t): Row<"window"> => ({ kind: "window", basis: "time", keep: length, t, value }),
  );
  return [...cells, ...rebuilt, ...truth];
}
