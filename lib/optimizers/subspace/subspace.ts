import { type Matrix, type RealArray, requireOneOf } from "../../arrays/mod.ts";
import { matmul } from "../../blas/mod.ts";
import { layerShape, type Parameter, type State } from "../transformation.ts";
import { requireRank } from "./require_rank.ts";

/** Which side of a matrix is projected: `"right"` its rows (a Q), `"left"` its columns (Q^T a). */
export type Side = "left" | "right";

const SIDES: readonly Side[] = ["left", "right"];

/**
 * A rule that chooses a subspace of R^n of dimension r for a matrix, again and again. What it remembers is in
 * the state.
 *
 * Coordinates are always a matrix with r columns and one row for each vector that is projected: for `"right"`
 * those are the rows of `a`, for `"left"` its columns, so the coordinates of a left projection are those of
 * the transpose.
 */
export interface SubspaceRule<S extends State = any> {
  /** A state for n dimensions of which r are kept. @param like Tells the precision. */
  init(n: number, r: number, like: RealArray): S;
  /**
   * Chooses the subspace for `a` and returns the coordinates of `a` in it.
   *
   * @param label Of the parameter, for rules that draw; only that of the first choice counts.
   */
  choose(a: Matrix<RealArray>, side: Side, state: S, label: string): Matrix<RealArray>;
  /** The orthonormal vectors of the subspace chosen last, r x n, one per row. */
  vectors(state: S, n: number, like: RealArray): Matrix<RealArray>;
  /** Coordinates in the subspace chosen before the last, projected on that chosen last. */
  carry(coordinates: Matrix<RealArray>, state: S, fill?: number): Matrix<RealArray>;
  /**
   * For each vector chosen last its place among those chosen before, or -1 where it is new; absent where
   * subspaces share no vectors.
   */
  origins?(state: S): Int32Array;
}

/**
 * Coordinates of the rows (right) or the columns (left) of `a` in a subspace.
 *
 * @param a The matrix.
 * @param side Whether its rows (`"right"`) or its columns (`"left"`) are projected.
 * @param vectors r x n, orthonormal rows.
 * @throws {TypeError} if the side is unknown.
 * @throws {RangeError} if the vectors have another length than those that are projected.
 * @returns m x r, m being the side of `a` that is not projected.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { coordinatesIn, reconstructFrom } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const a = Matrix.fromRows([[1, 2, 3], [4, 5, 6]]), second = Matrix.fromRows([[0, 1, 0]]);
 * assertEquals(coordinatesIn(a, "right", second).toRows(), [[2], [5]]);
 * assertEquals(reconstructFrom(coordinatesIn(a, "right", second), "right", second).toRows(), [[0, 2, 0], [0, 5, 0]]);
 * ```
 */
export function coordinatesIn(
  a: Matrix<RealArray>,
  side: Side,
  vectors: Matrix<RealArray>,
): Matrix<RealArray> {
  requireOneOf("side", side, SIDES);
  return matmul(a, vectors, { transposeA: side === "left", transposeB: true });
}

/**
 * The matrix that has these coordinates in a subspace: {@linkcode coordinatesIn} undone, as far as it can be.
 *
 * @param coordinates m x r, as {@linkcode coordinatesIn} returns them.
 * @param side The side that was projected.
 * @param vectors r x n, orthonormal rows.
 * @returns m x n for `"right"`, n x m for `"left"`.
 * @throws {TypeError} if the side is unknown.
 * @throws {RangeError} if the shapes do not fit.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { reconstructFrom } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * const lifted = reconstructFrom(Matrix.fromRows([[2], [5]]), "left", Matrix.fromRows([[0, 1, 0]]));
 * assertEquals(lifted.toRows(), [[0, 0], [2, 5], [0, 0]]);
 * ```
 */
export function reconstructFrom(
  coordinates: Matrix<RealArray>,
  side: Side,
  vectors: Matrix<RealArray>,
): Matrix<RealArray> {
  requireOneOf("side", side, SIDES);
  return side === "right"
    ? matmul(coordinates, vectors)
    : matmul(vectors, coordinates, { transposeA: true, transposeB: true });
}

/** The side that is projected, and the sizes that go with it. */
export interface ProjectionShape {
  /** The side. */
  side: Side;
  /** Dimension of the vectors that are projected. */
  n: number;
  /** How many vectors there are. */
  m: number;
}

/**
 * The papers' rule for a layer: project its inputs if there are no more of them than outputs, else its
 * outputs. It goes by the outputs of the parameter, so both weight layouts get the same update.
 *
 * @throws {RangeError} if the rank is not an integer from 1 to the smaller side.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { projectionShape } from "refigure/optimizers";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const tall = { name: "w", weights: Matrix.zeros(8, 5), outputs: "rows" as const };
 * assertEquals(projectionShape(tall, 2), { side: "right", n: 5, m: 8 });
 * assertThrows(() => projectionShape(tall, 6), RangeError, "from 1 to 5 for w (8 x 5), got 6");
 * ```
 */
export function projectionShape(parameter: Parameter, rank: number): ProjectionShape {
  const { outputs, inputs } = layerShape(parameter);
  requireRank(rank, parameter.weights, ` for ${parameter.name}`);
  const n = Math.min(outputs, inputs);
  const m = Math.max(outputs, inputs);
  return { side: (outputs >= inputs) === (parameter.outputs === "rows") ? "right" : "left", n, m };
}
