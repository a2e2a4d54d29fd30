/** Agreement with NumPy and SciPy, on both engines and in both precisions. */
import { assert } from "@std/assert";
import { ComplexMatrix, type DType, Matrix, type RealArray } from "refigure/arrays";
import { blasInfo, withEngine } from "refigure/blas";
import * as la from "refigure/linalg";
import fixtures from "../fixtures/linalg/linalg.json" with { type: "json" };

type Fixture = typeof fixtures.matrices[number];
const engines = blasInfo().engine === "native" ? ["native", "portable"] as const : ["portable"] as const;

/** Complex numbers, each moved to the nearest one of `wanted`: eigenvalues have no order. */
function paired(values: Float64Array, wanted: number[]): Float64Array {
  const out = new Float64Array(values.length);
  const free = new Set(Array.from({ length: values.length / 2 }, (_, k) => k));
  for (let w = 0; w < wanted.length; w += 2) {
    let best = -1;
    let distance = Infinity;
    for (const k of free) {
      const d = Math.hypot(values[2 * k] - wanted[w], values[2 * k + 1] - wanted[w + 1]);
      if (d < distance) [best, distance] = [k, d];
    }
    free.delete(best);
    out.set(values.subarray(2 * best, 2 * best + 2), w);
  }
  return out;
}

for (const engine of engines) {
  for (const dtype of ["float64", "float32"] as DType[]) {
    for (const item of fixtures.matrices) {
      Deno.test(`NumPy and SciPy agree: ${item.name}, ${engine}, ${dtype}`, () =>
        withEngine(engine, () => compare(item, dtype)));
    }
  }
}

function compare(item: Fixture, dtype: DType): void {
  const epsilon = dtype === "float32" ? 2 ** -23 : 2 ** -52;
  const size = Math.max(item.rows, item.columns);
  const { rows: m, columns: n, condition } = item;
  const build = (rows: number, columns: number, data: number[]) => {
    const stored: RealArray = dtype === "float32" ? Float32Array.from(data) : Float64Array.from(data);
    return item.complex ? new ComplexMatrix(rows, columns, stored) : new Matrix(rows, columns, stored);
  };
  /**
   * `what` may be off by 30 roundings times size and norm, times how sensitive it is to a change of the
   * matrix.
   */
  const close = (what: string, got: ArrayLike<number>, wanted: number[], sensitivity = 1) => {
    assert(got.length === wanted.length, `${what}: ${got.length} numbers instead of ${wanted.length}`);
    const norm = Math.max(...wanted.map(Math.abs));
    const off = Math.max(...wanted.map((x, k) => Math.abs(x - got[k])));
    const units = off / (epsilon * size * norm * sensitivity);
    assert(units <= 30, `${what}: off by ${off}, ${units.toFixed(1)} units`);
  };
  const a = build(m, n, item.a);
  const real = a instanceof Matrix;
  close("singular values", la.singularValues(a), item.singularValues);
  close("spectral norm", [la.spectralNorm(a)], [item.spectral]);
  close("Frobenius norm", [la.frobeniusNorm(a)], [item.frobenius]);
  close("nuclear norm", [la.nuclearNorm(a)], [item.nuclear]);
  // Single precision does not see condition numbers beyond 1 / epsilon.
  const visible = condition * epsilon < 1e-3;
  if (visible) {
    close("condition number", [la.conditionNumber(a)], [condition], condition);
    const { q, r } = real ? la.qr(a) : la.complexQr(a);
    close("q", q.data, item.q, condition);
    close("r", r.data, item.r, condition);
    close("polar factor", (real ? la.polarFactor(a) : la.complexPolarFactor(a)).data, item.polar, condition);
  }
  const b = build(m, 2, item.b);
  if (visible && a instanceof Matrix && b instanceof Matrix && item.leastSquares) {
    close("least squares", la.leastSquares(a, b).data, item.leastSquares, condition ** 2);
  }
  if (m !== n) return;
  const h = build(n, n, item.hermitian!);
  const { values } = h instanceof Matrix ? la.eigh(h) : la.complexEigh(h);
  close("eigenvalues of the Hermitian part", values, item.hermitianEigenvalues!);
  // Eigenvalues of a non-normal matrix move with the condition of its eigenvectors, which is at most 1e3 here
  // but for the nearly defective Jordan block.
  const { values: eigenvalues } = la.eig(a);
  close(
    "eigenvalues",
    paired(eigenvalues, item.eigenvalues!),
    item.eigenvalues!,
    item.name.startsWith("Jordan") ? 1e3 : 10,
  );
  const positive = build(n, n, item.positive!);
  const l = positive instanceof Matrix ? la.cholesky(positive) : la.complexCholesky(positive);
  close("Cholesky factor", l.data, item.cholesky!, item.spectral ** 2 + 1);
  if (!visible) return;
  const x = a instanceof Matrix
    ? la.solve(a, b as Matrix<RealArray>)
    : la.complexSolve(a, b as ComplexMatrix<RealArray>);
  close("solution", x.data, item.solution!, condition);
}
