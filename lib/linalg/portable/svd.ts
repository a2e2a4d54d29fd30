import { SVD } from "ml-matrix";
import { allocateLike, Matrix, type RealArray } from "../../arrays/mod.ts";
import { scaled } from "../../arrays/scaling.ts";
import type { Svd } from "../svd.ts";
import { fromMl, toMl } from "./ml.ts";

/** The thin SVD by ml-matrix (Golub-Kahan, after JAMA), on a matrix scaled to a largest entry near 1. */
export function portableSvd<Data extends RealArray>(a: Matrix<Data>, vectors: boolean): Svd<Data> {
  // JAMA's algorithm needs at least as many rows as columns.
  const wide = a.rows < a.columns;
  const tall = wide ? a.transpose() : a;
  const { data, restore } = scaled(tall.data);
  const result = new SVD(toMl(tall.rows, tall.columns, data), {
    computeLeftSingularVectors: vectors,
    computeRightSingularVectors: vectors,
  });
  const s = Float64Array.from(result.diagonal, restore);
  if (!vectors) {
    const none = new Matrix(0, 0, allocateLike(a.data, 0));
    return { u: none, s, vt: none };
  }
  const left = fromMl(result.leftSingularVectors, a.data, tall.columns);
  const right = fromMl(result.rightSingularVectors, a.data);
  return wide ? { u: right, s, vt: left.transpose() } : { u: left, s, vt: right.transpose() };
}
