import {
  allocateLike,
  describeValue,
  type Matrix,
  type RealArray,
  requireFinite,
  requireMatrix,
  requireNumber,
  requireOneOf,
  requireOptions,
  requireSameShape,
} from "../../arrays/mod.ts";
import type { State } from "../transformation.ts";
import { requireRank } from "./require_rank.ts";
import { coordinatesIn, reconstructFrom, type Side, type SubspaceRule } from "./subspace.ts";
import { SUBSPACE } from "./names.ts";
import { type SubspaceOptions, subspaceRule } from "./subspace_rule.ts";

/** Options of {@linkcode SubspaceProjector}. */
export type SubspaceProjectorOptions = SubspaceOptions & {
  /** Which side is projected. Default: the shorter one, of a square matrix the rows. */
  side?: Side;
};

/** Options of `SubspaceProjector.remap`. */
export interface RemapOptions {
  /** Value where a vector is new. Default 0. */
  fill?: number;
}

/**
 * Projects matrices of one shape on a subspace of their rows or columns and back: the linear algebra of a
 * low-rank optimizer.
 *
 * Coordinates are m x r, where m is the side that is not projected; see {@linkcode coordinatesIn}.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { frobeniusNorm } from "refigure/linalg";
 * import { SubspaceProjector } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const g = new Rng(0).normalMatrix(8, 5), projector = new SubspaceProjector(g, 2);
 * const low = projector.update(g); // chooses two cosines for g
 * const lost = frobeniusNorm(g.minus(projector.reconstruct(low)));
 * assertAlmostEquals(lost ** 2, frobeniusNorm(g) ** 2 - frobeniusNorm(low) ** 2, 1e-12);
 * ```
 */
export class SubspaceProjector {
  /** Which side is projected. */
  readonly side: Side;
  readonly #rule: SubspaceRule;
  readonly #shape: { rows: number; columns: number };
  readonly #rank: number;
  #state: State | undefined;
  #like: RealArray = new Float64Array(0);

  /**
   * A projector that has not chosen yet.
   *
   * @param shape Of the matrices.
   * @param rank Dimension r of the subspace.
   * @param options Where its vectors come from, and which side is projected.
   * @throws {RangeError} if the rank is not an integer from 1 to the smaller side.
   * @throws {TypeError} if an option is unknown or of the wrong type.
   */
  constructor(
    shape: { rows: number; columns: number },
    rank: number,
    options: SubspaceProjectorOptions = {},
  ) {
    requireOptions("options", options, [...SUBSPACE, "side"]);
    if (typeof shape !== "object" || shape === null) {
      throw new TypeError(`\`shape\` must have rows and columns, got ${describeValue(shape)}`);
    }
    const { rows, columns } = shape;
    requireRank(rank, { rows, columns });
    const { side = rows >= columns ? "right" : "left", ...rest } = options;
    this.side = requireOneOf("side", side, ["left", "right"]);
    this.#rule = subspaceRule(rest);
    this.#shape = { rows, columns };
    this.#rank = rank;
  }

  /**
   * Chooses the subspace for `g` and returns its coordinates.
   *
   * @throws {RangeError} if `g` has another shape or an entry is not finite.
   * @throws {TypeError} if `g` is not a matrix.
   */
  update(g: Matrix<RealArray>): Matrix<RealArray> {
    requireMatrix("g", g);
    requireSameShape("g", g, this.#shape);
    requireFinite("Cannot choose a subspace", g.data, g.columns);
    this.#like = allocateLike(g.data, 0);
    this.#state ??= this.#rule.init(this.#n, this.#rank, g.data);
    return this.#rule.choose(g, this.side, this.#state, "");
  }

  /** Coordinates of `g` in the subspace chosen last. */
  project(g: Matrix<RealArray>): Matrix<RealArray> {
    requireMatrix("g", g);
    requireSameShape("g", g, this.#shape);
    return coordinatesIn(g, this.side, this.vectors);
  }

  /** The matrix with these coordinates in the subspace chosen last. */
  reconstruct(coordinates: Matrix<RealArray>): Matrix<RealArray> {
    return reconstructFrom(coordinates, this.side, this.vectors);
  }

  /**
   * Coordinates in the subspace before the last, carried over to the last.
   *
   * @param coordinates m x r.
   * @param options The value where a vector is new.
   */
  remap(coordinates: Matrix<RealArray>, options: RemapOptions = {}): Matrix<RealArray> {
    requireMatrix("coordinates", coordinates);
    requireOptions("options", options, ["fill"]);
    const { fill = 0 } = options;
    requireNumber("fill", fill);
    return this.#rule.carry(coordinates, this.#chosen(), fill);
  }

  /** The chosen vectors, r x n, one per row. */
  get vectors(): Matrix<RealArray> {
    return this.#rule.vectors(this.#chosen(), this.#n, this.#like);
  }

  /**
   * Indices of the chosen vectors in the basis, ascending. @throws {TypeError} for singular vectors, which
   * have none.
   */
  get indices(): Int32Array {
    const { indices } = this.#chosen();
    if (!(indices instanceof Int32Array)) throw new TypeError("Singular vectors have no indices in a basis");
    return indices.slice();
  }

  #chosen(): State {
    if (this.#state === undefined) {
      throw new TypeError("No subspace has been chosen yet: call `update` first");
    }
    return this.#state;
  }

  get #n(): number {
    return this.side === "right" ? this.#shape.columns : this.#shape.rows;
  }
}
