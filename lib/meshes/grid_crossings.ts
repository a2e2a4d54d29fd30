import {
  type RealArray,
  requireFinite,
  requireLength,
  requireNumber,
  requireOptions,
} from "../arrays/mod.ts";
import { requireRealArray } from "../arrays/mod.ts";
import { type Box, requireBox, requireShape } from "./triangle_mesh.ts";

/** Options of {@linkcode gridCrossings}: the box that the nodes fill, ends included, and the level. */
export interface GridCrossingsOptions extends Box {
  /** The value of the surface. Default 0. */
  level?: number;
}

/** Where a level set crosses the edges of a grid; one entry per crossed edge. */
export interface GridCrossings {
  /** The node at the edge's lower end: `(i ny + j) nz + k`. */
  nodes: Uint32Array;
  /** The axis along which the edge runs: 0, 1 or 2. */
  axes: Uint8Array;
  /** Place on the edge by linear interpolation, from 0 at the lower end to 1. */
  fractions: Float64Array;
  /** The same place in space, x, y, z in turn. */
  points: Float64Array;
}

/**
 * The edges of a grid on which a field changes its sign, with the zero of the straight line between its two
 * values, `t = v0 / (v0 - v1)`. A value that equals the level counts as inside.
 *
 * @param values One per node, z running fastest.
 * @param shape Nodes along x, y and z.
 * @param options Box and level.
 * @returns One entry per crossed edge.
 * @throws {RangeError} if no edge is crossed ("the level set is empty"), a size does not fit, or a number is not
 * finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { gridCrossings } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * const values = Float64Array.of(-1, 3, -1, 3, -1, 3, -1, 3);
 * const { fractions, axes } = gridCrossings(values, [2, 2, 2]);
 * assertEquals([...fractions], [0.25, 0.25, 0.25, 0.25]);
 * assertEquals([...axes], [2, 2, 2, 2]);
 * ```
 */
export function gridCrossings(
  values: RealArray,
  shape: readonly number[],
  options: GridCrossingsOptions = {},
): GridCrossings {
  requireRealArray("values", values);
  requireShape("shape", shape, { axes: [3], min: 2 });
  const [nx, ny, nz] = shape;
  requireLength("values", values, nx * ny * nz);
  requireFinite("`values` must be finite", values);
  requireOptions("options", options, ["level", "min", "max"]);
  const { level = 0 } = options;
  requireNumber("level", level);
  const { min, max } = requireBox(options);
  const strides = [ny * nz, nz, 1];
  const nodes: number[] = [];
  const axes: number[] = [];
  let node = 0;
  for (let i = 0; i < nx; i++) {
    for (let j = 0; j < ny; j++) {
      for (let k = 0; k < nz; k++, node++) {
        const isOutside = values[node] > level;
        if (i + 1 < nx && values[node + strides[0]] > level !== isOutside) {
          nodes.push(node);
          axes.push(0);
        }
        if (j + 1 < ny && values[node + nz] > level !== isOutside) {
          nodes.push(node);
          axes.push(1);
        }
        if (k + 1 < nz && values[node + 1] > level !== isOutside) {
          nodes.push(node);
          axes.push(2);
        }
      }
    }
  }
  const count = nodes.length;
  if (count === 0) throw new RangeError("the level set is empty: `values` has no change of sign");
  const fractions = new Float64Array(count);
  const points = new Float64Array(3 * count);
  for (let c = 0; c < count; c++) {
    const node = nodes[c];
    const v0 = values[node] - level;
    const v1 = values[node + strides[axes[c]]] - level;
    fractions[c] = v0 / (v0 - v1);
    const place = [Math.floor(node / strides[0]), Math.floor(node / nz) % ny, node % nz];
    place[axes[c]] += fractions[c];
    for (let a = 0; a < 3; a++) {
      points[3 * c + a] = min[a] + (max[a] - min[a]) * place[a] / (shape[a] - 1);
    }
  }
  return { nodes: Uint32Array.from(nodes), axes: Uint8Array.from(axes), fractions, points };
}
