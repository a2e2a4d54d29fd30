import type { Matrix } from "../arrays/mod.ts";
import { svd } from "../linalg/mod.ts";

/** A thin singular value decomposition with right singular vectors as columns, inputs x p. */
export interface SignedSvd {
  /** Left singular vectors, outputs x p. */
  u: Matrix;
  /** Singular values, descending. */
  s: Float64Array;
  /** Right singular vectors, inputs x p; the entry of each that is largest in magnitude is positive. */
  v: Matrix;
}

/**
 * The singular value decomposition with signs that do not depend on the solver. A step along a direction and
 * one against it are different edits, and a fine-tuning that starts from one is another one than from the
 * other.
 */
export function signedSvd(a: Matrix): SignedSvd {
  const { u, s, vt } = svd(a);
  for (let j = 0; j < s.length; j++) {
    const row = vt.row(j);
    const largest = row.reduce((found, x) => Math.abs(x) > Math.abs(found) ? x : found, 0);
    if (largest >= 0) continue;
    for (let i = 0; i < row.length; i++) row[i] = -row[i];
    for (let i = 0; i < u.rows; i++) u.set(i, j, -u.get(i, j));
  }
  return { u, s, v: vt.transpose() };
}
