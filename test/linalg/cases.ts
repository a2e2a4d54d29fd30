/**
 * The matrices that every factorization has to get through: one row here is a test of each of them, on both
 * engines, in both precisions, real and complex.
 */
import { ComplexMatrix, type DType, Matrix, type Rng } from "refigure/arrays";
import type { AnyMatrix } from "./reference.ts";

export interface Case {
  name: string;
  rows: number;
  columns: number;
  /** Entry (i, j) before scaling; `noise` draws a normal number. */
  entry: (i: number, j: number, noise: () => number) => number;
  /** A power of two that multiplies everything; default 1. */
  scale?: Record<DType, number>;
}

const noisy: Case["entry"] = (_i, _j, noise) => noise();

export const cases: Case[] = [
  { name: "empty 0 x 0", rows: 0, columns: 0, entry: noisy },
  { name: "empty 0 x 3", rows: 0, columns: 3, entry: noisy },
  { name: "empty 3 x 0", rows: 3, columns: 0, entry: noisy },
  { name: "1 x 1", rows: 1, columns: 1, entry: noisy },
  { name: "1 x 1 zero", rows: 1, columns: 1, entry: () => 0 },
  { name: "one row", rows: 1, columns: 7, entry: noisy },
  { name: "one column", rows: 7, columns: 1, entry: noisy },
  { name: "random 5 x 5", rows: 5, columns: 5, entry: noisy },
  { name: "random 33 x 33", rows: 33, columns: 33, entry: noisy },
  { name: "tall 40 x 7", rows: 40, columns: 7, entry: noisy },
  { name: "wide 7 x 40", rows: 7, columns: 40, entry: noisy },
  { name: "very tall 300 x 2", rows: 300, columns: 2, entry: noisy },
  { name: "very wide 2 x 300", rows: 2, columns: 300, entry: noisy },
  { name: "zero", rows: 6, columns: 6, entry: () => 0 },
  { name: "identity", rows: 6, columns: 6, entry: (i, j) => Number(i === j) },
  { name: "ones (rank 1)", rows: 9, columns: 9, entry: () => 1 },
  { name: "rank-deficient 12 x 9", rows: 12, columns: 9, entry: (i, j) => (i % 4) * j - (j % 3) * i },
  {
    name: "zero column and row",
    rows: 8,
    columns: 8,
    entry: (i, j, noise) => i === 3 || j === 5 ? 0 : noise(),
  },
  { name: "Hilbert 12", rows: 12, columns: 12, entry: (i, j) => 1 / (i + j + 1) },
  {
    name: "Jordan block, eigenvalue 2",
    rows: 10,
    columns: 10,
    entry: (i, j) => i === j ? 2 : Number(j === i + 1),
  },
  { name: "nilpotent Jordan block", rows: 10, columns: 10, entry: (i, j) => Number(j === i + 1) },
  {
    name: "transposed Jordan block",
    rows: 10,
    columns: 10,
    entry: (i, j) => i === j ? 2 : Number(i === j + 1),
  },
  {
    name: "nearly nilpotent",
    rows: 10,
    columns: 10,
    entry: (i, j) => i === 9 && j === 0 ? 2 ** -20 : Number(j === i + 1),
  },
  { name: "cyclic permutation", rows: 8, columns: 8, entry: (i, j) => Number(j === (i + 1) % 8) },
  { name: "reversal", rows: 7, columns: 7, entry: (i, j) => Number(i + j === 6) },
  {
    name: "Grcar (non-normal)",
    rows: 20,
    columns: 20,
    entry: (i, j) => i === j + 1 ? -1 : Number(j >= i && j <= i + 3),
  },
  {
    name: "graded rows and columns",
    rows: 8,
    columns: 8,
    entry: (i, j, noise) => noise() * 2 ** -(2 * i + 2 * j),
  },
  {
    name: "double eigenvalues",
    rows: 8,
    columns: 8,
    entry: (i, j) => (i >> 1) === (j >> 1) ? (i === j ? 3 : i < j ? -1 : 1) : 0,
  },
  { name: "denormal", rows: 6, columns: 6, entry: noisy, scale: { float64: 2 ** -1060, float32: 2 ** -138 } },
  { name: "tiny", rows: 6, columns: 5, entry: noisy, scale: { float64: 2 ** -900, float32: 2 ** -100 } },
  {
    name: "tiny square",
    rows: 9,
    columns: 9,
    entry: noisy,
    scale: { float64: 2 ** -900, float32: 2 ** -100 },
  },
  { name: "huge", rows: 5, columns: 6, entry: noisy, scale: { float64: 2 ** 1000, float32: 2 ** 115 } },
  {
    name: "huge square",
    rows: 9,
    columns: 9,
    entry: noisy,
    scale: { float64: 2 ** 1000, float32: 2 ** 115 },
  },
];

/**
 * The matrix of a case. The complex one has the entries times (1 + i)-like phases, so that its structure
 * stays.
 */
export function build(
  { rows, columns, entry, scale }: Case,
  dtype: DType,
  complex: boolean,
  rng: Rng,
): AnyMatrix {
  const factor = scale?.[dtype] ?? 1;
  const real = Matrix.from(rows, columns, (i, j) => factor * entry(i, j, () => rng.normal()));
  if (!complex) return real.astype(dtype);
  const phases = Float64Array.from({ length: Math.max(rows, columns) }, () => rng.uniform(0, 2 * Math.PI));
  const out = ComplexMatrix.from(rows, columns, (i, j) => {
    const x = real.get(i, j);
    const angle = phases[i] - phases[j] + (entry === noisy ? rng.uniform() : 0);
    return { re: x * Math.cos(angle), im: x * Math.sin(angle) };
  });
  return dtype === "float64" ? out : new ComplexMatrix(rows, columns, Float32Array.from(out.data));
}
