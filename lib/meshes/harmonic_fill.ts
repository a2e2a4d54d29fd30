import {
  type RealArray,
  requireFinite,
  requireLength,
  requireNumber,
  requireOptions,
} from "../arrays/mod.ts";
import { requireRealArray } from "../arrays/mod.ts";
import { conjugateGradients } from "../sparse/mod.ts";
import { requireMask } from "./intersection_over_union.ts";
import { requireShape } from "./triangle_mesh.ts";

/** Options of {@linkcode harmonicFill}. */
export interface HarmonicFillOptions {
  /** The value of all cells outside of the grid. Default 1. */
  boundary?: number;
  /** Relative residual at which conjugate gradients stop. Default 1e-6. */
  tolerance?: number;
}

/**
 * Fills a grid from some of its cells: the others get the solution of Laplace's equation, each the mean of its
 * neighbours, with one value all around the grid. A smooth interpolation without any training.
 *
 * @param fixed 1 for a cell that keeps its value.
 * @param values One per cell, the last axis running fastest; only those of fixed cells are read.
 * @param shape Cells along each of two or three axes.
 * @param options Boundary value and tolerance.
 * @returns One value per cell.
 * @throws {RangeError} if a size does not fit, or a number is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { harmonicFill } from "refigure/meshes";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Between -1 in the middle and 1 around the grid.
 * const fixed = Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0);
 * const filled = harmonicFill(fixed, new Float64Array(9).fill(-1), [3, 3], { tolerance: 1e-12 });
 * assertAlmostEquals(4 * filled[1], filled[0] + filled[2] + filled[4] + 1, 1e-10);
 * ```
 */
export function harmonicFill(
  fixed: Uint8Array,
  values: RealArray,
  shape: readonly number[],
  options: HarmonicFillOptions = {},
): Float64Array {
  requireMask("fixed", fixed);
  requireRealArray("values", values);
  requireShape("shape", shape, { axes: [2, 3] });
  const count = shape.reduce((product, n) => product * n, 1);
  requireLength("fixed", fixed, count);
  requireLength("values", values, count);
  requireOptions("options", options, ["boundary", "tolerance"]);
  const { boundary = 1, tolerance = 1e-6 } = options;
  requireNumber("boundary", boundary);
  requireNumber("tolerance", tolerance, { above: 0 });
  requireFinite("`values` must be finite", values);
  const known = Float64Array.from(values, (value, i) => fixed[i] ? value : 0);
  const [nx, ny, nz] = shape.length === 3 ? shape : [1, ...shape];
  const degree = 2 * shape.length;
  /** Sums of a cell's neighbours, with `outside` for those beyond the grid. */
  const neighbours = (x: Float64Array, outside: number, out: Float64Array) => {
    let cell = 0;
    for (let i = 0; i < nx; i++) {
      for (let j = 0; j < ny; j++) {
        for (let k = 0; k < nz; k++, cell++) {
          let sum = (k > 0 ? x[cell - 1] : outside) + (k + 1 < nz ? x[cell + 1] : outside) +
            (j > 0 ? x[cell - nz] : outside) + (j + 1 < ny ? x[cell + nz] : outside);
          if (degree === 6) {
            sum += (i > 0 ? x[cell - ny * nz] : outside) + (i + 1 < nx ? x[cell + ny * nz] : outside);
          }
          out[cell] = sum;
        }
      }
    }
  };
  // Fixed cells are zero in all vectors of the iteration; what they give to others is on the right-hand side.
  const right = new Float64Array(count);
  neighbours(known, boundary, right);
  for (let i = 0; i < count; i++) if (fixed[i]) right[i] = 0;
  const { x } = conjugateGradients(
    (x, out) => {
      neighbours(x, 0, out);
      for (let i = 0; i < count; i++) out[i] = fixed[i] ? degree * x[i] : degree * x[i] - out[i];
    },
    right,
    { tolerance },
  );
  for (let i = 0; i < count; i++) if (fixed[i]) x[i] = known[i];
  return x;
}
