import { requireInteger, requireNumber, requireOptions } from "../arrays/mod.ts";
import { requireVector } from "./check.ts";
import { type ApplyOptions, CsrMatrix, type SparseEntry } from "./csr_matrix.ts";

/** Options of {@linkcode FivePointStencil}. */
export interface FivePointStencilOptions {
  /** The entry of the diagonal. Default 4. */
  centre?: number;
  /** The entry for each of the four neighbours. Default -1. */
  neighbour?: number;
}

/**
 * The symmetric matrix of a five-point stencil with constant coefficients on the interior points of a grid
 * with zero boundary values; points are counted row by row. Solvers need no array of entries for it.
 *
 * @example
 * ```ts
 * import { FivePointStencil, laplacian } from "refigure/sparse";
 * import { assertEquals } from "@std/assert";
 *
 * // The matrix I - s times the Laplacian, of an implicit step of the heat equation.
 * const s = 0.25;
 * const step = new FivePointStencil(2, 3, { centre: 1 + 4 * s, neighbour: -s });
 * assertEquals([...step.apply(new Float64Array([1, 0, 0, 0, 0, 0]))], [2, -0.25, 0, -0.25, 0, 0]);
 * assertEquals(new FivePointStencil(4, 4).toCsr(), laplacian([4, 4]));
 * ```
 */
export class FivePointStencil {
  /** Rows of the grid. */
  readonly gridRows: number;
  /** Columns of the grid. */
  readonly gridColumns: number;
  /** Order of the matrix: the number of points of the grid. */
  readonly order: number;
  /** The entry of the diagonal. */
  readonly centre: number;
  /** The entry for each neighbour. */
  readonly neighbour: number;

  /**
   * A stencil on a grid.
   *
   * @param gridRows Rows of the grid.
   * @param gridColumns Columns of the grid.
   * @param options The two coefficients.
   * @throws {RangeError} if a size is not a positive integer, or a coefficient is not finite.
   * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
   */
  constructor(gridRows: number, gridColumns: number, options: FivePointStencilOptions = {}) {
    this.gridRows = requireInteger("gridRows", gridRows, { min: 1, max: 2 ** 15 });
    this.gridColumns = requireInteger("gridColumns", gridColumns, { min: 1, max: 2 ** 15 });
    requireOptions("options", options, ["centre", "neighbour"]);
    const { centre = 4, neighbour = -1 } = options;
    this.order = gridRows * gridColumns;
    this.centre = requireNumber("centre", centre);
    this.neighbour = requireNumber("neighbour", neighbour);
  }

  /**
   * The product of the matrix and a vector.
   *
   * @param x One number per point.
   * @param options Where to write the result.
   * @returns One number per point.
   * @throws {RangeError} if a length does not fit.
   * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
   */
  apply(x: Float64Array, options: ApplyOptions = {}): Float64Array {
    requireVector("x", x, this.order);
    requireOptions("options", options, ["out"]);
    const { out = new Float64Array(this.order) } = options;
    requireVector("out", out, this.order);
    if (out === x) throw new RangeError("`out` must not be `x`");
    const { gridRows, gridColumns: width, centre, neighbour } = this;
    for (let i = 0; i < gridRows; i++) {
      const start = i * width;
      let left = 0;
      let here = x[start];
      for (let k = start; k < start + width; k++) {
        const right = k + 1 < start + width ? x[k + 1] : 0;
        const above = i > 0 ? x[k - width] : 0;
        const below = i + 1 < gridRows ? x[k + width] : 0;
        out[k] = centre * here + neighbour * (left + right + above + below);
        left = here;
        here = right;
      }
    }
    return out;
  }

  /** The same matrix with its entries in compressed rows. */
  toCsr(): CsrMatrix {
    const { gridRows, gridColumns: width, order, centre, neighbour } = this;
    const entries: SparseEntry[] = [];
    for (let k = 0; k < order; k++) {
      const j = k % width;
      if (k >= width) entries.push([k, k - width, neighbour]);
      if (j > 0) entries.push([k, k - 1, neighbour]);
      entries.push([k, k, centre]);
      if (j + 1 < width) entries.push([k, k + 1, neighbour]);
      if (k < (gridRows - 1) * width) entries.push([k, k + width, neighbour]);
    }
    return new CsrMatrix(order, order, entries);
  }
}
