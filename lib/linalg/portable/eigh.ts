import { EVD } from "ml-matrix";
import type { Matrix, RealArray } from "../../arrays/mod.ts";
import type { Eigh } from "../eigh.ts";
import { scaled } from "../../arrays/scaling.ts";
import { fromMl, toMl } from "./ml.ts";

/** The symmetric eigenproblem by ml-matrix (tridiagonal reduction and QL, after EISPACK). */
export function portableEigh<Data extends RealArray>(a: Matrix<Data>): Eigh<Data> {
  const n = a.rows;
  // As LAPACK does: only the lower triangle is read.
  const symmetric = a.data.slice();
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) symmetric[j * n + i] = symmetric[i * n + j];
  const { data, restore } = scaled(symmetric);
  const result = new EVD(toMl(n, n, data), { assumeSymmetric: true });
  return {
    values: Float64Array.from(result.realEigenvalues, restore),
    vectors: fromMl(result.eigenvectorMatrix, a.data),
  };
}
