import { Matrix } from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { qr } from "../linalg/mod.ts";
import type { Factors } from "./factors.ts";
import { type LowRank, lowRank } from "./low_rank_step.ts";

/** A population problem in the coordinates of the subspace that its iterates never leave. */
export interface ReducedProblem {
  /**
   * Target in those coordinates, at most (r + k) x (r + k), as factors: only their first r rows are not zero.
   */
  target: LowRank;
  /** Start in those coordinates. */
  start: Factors;
  /** Factors in those coordinates, back in the original ones. */
  expand(factors: Factors): Factors;
}

/**
 * With infinitely many measurements the columns of f stay in the span of the target's columns and of the
 * start's, those of g in that of the target's rows and of its start: r + k dimensions instead of n. In an
 * orthonormal basis all products and norms are the same, so descent may as well run there. Undefined where
 * that does not save half of the rows.
 */
export function reduceToSubspace(
  target: Matrix,
  start: Factors,
  symmetric: boolean,
): ReducedProblem | undefined {
  const { f, g } = start;
  const { left, right } = lowRank(target);
  const dimension = left.columns + f.columns;
  if (2 * dimension > Math.min(f.rows, g.rows)) return undefined;
  // The symmetric model has one basis for both sides: it needs a target whose rows and columns span the same.
  if (
    symmetric &&
    target.data.some((value, i) => value !== target.get(i % target.rows, Math.floor(i / target.rows)))
  ) {
    return undefined;
  }
  const basisF = basis(left, f);
  const basisG = symmetric ? basisF : basis(right, g);
  const into = (q: Matrix, a: Matrix) => matmul(q, a, { transposeA: true });
  // The basis begins with the target's columns: what is below is rounding.
  const top = (a: Matrix) => a.map((value, i) => i < a.columns ? value : 0);
  const inner = into(basisF, f);
  return {
    target: { left: top(into(basisF, left)), right: top(into(basisG, right)) },
    start: { f: inner, g: symmetric ? inner : into(basisG, g) },
    expand({ f, g }) {
      const outer = matmul(basisF, f);
      return { f: outer, g: symmetric ? outer : matmul(basisG, g) };
    },
  };
}

/** An orthonormal basis of the columns of both. */
function basis(a: Matrix, b: Matrix): Matrix {
  return qr(
    Matrix.from(
      a.rows,
      a.columns + b.columns,
      (i, j) => j < a.columns ? a.get(i, j) : b.get(i, j - a.columns),
    ),
  ).q;
}
