import { QR } from "ml-matrix";
import { allocateLike, Matrix, type RealArray } from "../../arrays/mod.ts";
import { matmul } from "../../blas/mod.ts";
import type { Qr } from "../qr.ts";
import { scaled } from "../../arrays/scaling.ts";
import { fromMl, toMl } from "./ml.ts";

/** The thin QR factorization by ml-matrix (Householder); a wide matrix is factored by its leading square. */
export function portableQr<Data extends RealArray>(a: Matrix<Data>): Qr<Data> {
  const p = Math.min(a.rows, a.columns);
  const leading = a.columns === p ? a : a.slice(0, a.rows, 0, p);
  const { data, restore } = scaled(leading.data);
  const result = new QR(toMl(a.rows, p, data));
  const q = fromMl(result.orthogonalMatrix, a.data, p);
  const triangle = result.upperTriangularMatrix;
  const r = new Matrix(p, a.columns, allocateLike(a.data, p * a.columns));
  for (let i = 0; i < p; i++) for (let j = i; j < p; j++) r.set(i, j, restore(triangle.get(i, j)));
  if (a.columns > p) {
    const rest = matmul(q, a.slice(0, a.rows, p), { transposeA: true });
    for (let i = 0; i < p; i++) r.row(i).set(rest.row(i), p);
  }
  return { q, r };
}
