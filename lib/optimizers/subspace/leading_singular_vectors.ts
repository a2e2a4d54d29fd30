import { allocateLike, Matrix, type RealArray } from "../../arrays/mod.ts";
import { matmul } from "../../blas/mod.ts";
import { svd } from "../../linalg/mod.ts";
import { coordinatesIn, type SubspaceRule } from "./subspace.ts";

/** State of {@linkcode leadingSingularVectors}. */
export type SingularVectorsState = {
  /** The chosen vectors, r x n, one per row. */
  vectors: RealArray;
  /** Those chosen before. */
  previous: RealArray;
};

/**
 * The r leading singular vectors of the matrix: the subspace that keeps most of it, at the price of an SVD
 * for each choice and of r x n remembered numbers (GaLore: Zhao et al., arXiv 2403.03507).
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { leadingSingularVectors } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const rule = leadingSingularVectors(), a = Matrix.fromRows([[3, 4], [6, 8]]);
 * const state = rule.init(2, 1, a.data);
 * const coordinates = rule.choose(a, "right", state, "w");
 * assertAlmostEquals(Math.abs(coordinates.get(1, 0)), 10); // all of the second row
 * ```
 */
export function leadingSingularVectors(): SubspaceRule<SingularVectorsState> {
  const rowsOf = (data: RealArray, r: number) => new Matrix(r, data.length / r, data);
  return {
    init: (n, r, like) => ({ vectors: allocateLike(like, r * n), previous: allocateLike(like, r * n) }),
    choose(a, side, state) {
      const r = state.vectors.length / (side === "right" ? a.columns : a.rows);
      // Of the orientation that has the wanted vectors as the rows of vt.
      const { vt } = svd(side === "right" ? a : a.transpose());
      state.previous.set(state.vectors);
      const chosen = vt.slice(0, r, 0, vt.columns);
      state.vectors.set(chosen.data);
      return coordinatesIn(a, side, chosen);
    },
    vectors: ({ vectors }, n) => rowsOf(vectors, vectors.length / n),
    carry(coordinates, { vectors, previous }) {
      const r = coordinates.columns;
      return matmul(coordinates, matmul(rowsOf(previous, r), rowsOf(vectors, r), { transposeB: true }));
    },
  };
}
