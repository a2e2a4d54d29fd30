import { LU } from "ml-matrix";
import type { Matrix, RealArray } from "../../arrays/mod.ts";
import { scaled } from "../../arrays/scaling.ts";
import { fromMl, toMl } from "./ml.ts";

/** Solves by ml-matrix's LU factorization; null if a pivot is exactly zero. */
export function portableSolve<Data extends RealArray>(a: Matrix<Data>, b: Matrix<Data>): Data | null {
  const left = scaled(a.data);
  const right = scaled(b.data);
  const lu = new LU(toMl(a.rows, a.columns, left.data));
  if (lu.isSingular()) return null;
  const x = fromMl(lu.solve(toMl(b.rows, b.columns, right.data)), new Float64Array(0));
  // (sA) y = t b, so x = (s / t) y.
  const { half: s1, other: s2 } = left;
  const { half: t1, other: t2 } = right;
  const out = b.data.slice() as Data;
  for (let k = 0; k < out.length; k++) out[k] = x.data[k] / t1 * s1 / t2 * s2;
  return out;
}
