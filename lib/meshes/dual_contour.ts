import {
  type RealArray,
  requireFinite,
  requireFunction,
  requireNumber,
  requireOptions,
} from "../arrays/mod.ts";
import { gridCrossings, type GridCrossingsOptions } from "./grid_crossings.ts";
import { Quadric } from "./quadric_vertex.ts";
import { requireBox, type TriangleMesh } from "./triangle_mesh.ts";

/** Options of {@linkcode dualContour}. */
export interface DualContourOptions extends GridCrossingsOptions {
  /**
   * The gradient of the field, or anything along it: from points, x, y, z in turn, to three numbers each. Default:
   * central differences on the grid, interpolated.
   */
  gradient?: (points: Float64Array) => ArrayLike<number>;
  /** Weight of the distance from the mean of a cell's crossings. Default 0.01. */
  bias?: number;
}

/** What {@linkcode dualContour} returns: a mesh, and its quadrilaterals before each was cut in two. */
export interface DualContour extends TriangleMesh {
  /** Four indices per quadrilateral, counter-clockwise seen from outside. */
  quads: Uint32Array;
}

/**
 * The surface on which a field on a grid is zero, by dual contouring (Ju, Losasso, Schaefer & Warren 2002): one
 * vertex in every cell that the surface crosses, as close as it can be to the tangent planes at the cell's
 * crossings (`quadricVertex`), and one quadrilateral around every crossed edge. Sharp edges stay sharp. Edges in the
 * boundary of the grid get none, so a surface that leaves the box is open there.
 *
 * @param values One per node, z running fastest; positive outside.
 * @param shape Nodes along x, y and z.
 * @param options Gradient, bias, box and level.
 * @returns The mesh, and its quadrilaterals.
 * @throws {RangeError} if no edge is crossed ("the level set is empty"), a size does not fit, or a number is not
 * finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { dualContour, gridNodes, meshTopology, sphereDistance } from "refigure/meshes";
 * import { assertEquals } from "@std/assert";
 *
 * const values = sphereDistance(0.6)(gridNodes([9, 9, 9]));
 * const mesh = dualContour(values, [9, 9, 9], { gradient: (points) => points });
 * assertEquals(meshTopology(mesh).eulerCharacteristic, 2);
 * ```
 */
export function dualContour(
  values: RealArray,
  shape: readonly number[],
  options: DualContourOptions = {},
): DualContour {
  requireOptions("options", options, ["gradient", "bias", "level", "min", "max"]);
  const { gradient, bias = 0.01, level = 0, ...box } = options;
  requireNumber("bias", bias, { above: 0 });
  const { nodes, axes, points } = gridCrossings(values, shape, { level, ...box });
  const [, ny, nz] = shape;
  const { min, max } = requireBox(box);
  const size = shape.map((count, a) => (max[a] - min[a]) / (count - 1));
  const normals = gradient === undefined
    ? gridGradient(values, shape, size, min, points)
    : callersGradient(gradient, points);
  const strides = [ny * nz, nz, 1];
  const quadrics = new Map<number, Quadric>();
  const around = new Float64Array(4 * nodes.length).fill(-1);
  for (let c = 0; c < nodes.length; c++) {
    const node = nodes[c];
    const place = [Math.floor(node / strides[0]), Math.floor(node / nz) % ny, node % nz];
    const length = Math.hypot(normals[3 * c], normals[3 * c + 1], normals[3 * c + 2]);
    const scale = length > 0 ? 1 / length : 0;
    // The cells around the edge are counter-clockwise seen from its upper end.
    const b = (axes[c] + 1) % 3;
    const d = (axes[c] + 2) % 3;
    for (let corner = 0; corner < 4; corner++) {
      const back = [corner === 0 || corner === 3 ? 1 : 0, corner < 2 ? 1 : 0];
      const i = place[b] - back[0];
      const j = place[d] - back[1];
      if (i < 0 || j < 0 || i >= shape[b] - 1 || j >= shape[d] - 1) continue;
      const cell = node - back[0] * strides[b] - back[1] * strides[d];
      around[4 * c + corner] = cell;
      let quadric = quadrics.get(cell);
      if (quadric === undefined) quadrics.set(cell, quadric = new Quadric());
      const [px, py, pz] = [0, 1, 2].map((a) => points[3 * c + a]);
      quadric.add(px, py, pz, scale * normals[3 * c], scale * normals[3 * c + 1], scale * normals[3 * c + 2]);
    }
  }
  const positions = new Float64Array(3 * quadrics.size);
  const vertexOf = new Map<number, number>();
  for (const [cell, quadric] of quadrics) {
    const place = [Math.floor(cell / strides[0]), Math.floor(cell / nz) % ny, cell % nz];
    const low = place.map((n, a) => min[a] + n * size[a]);
    positions.set(quadric.minimize(bias, low, low.map((bound, a) => bound + size[a])), 3 * vertexOf.size);
    vertexOf.set(cell, vertexOf.size);
  }
  const quads: number[] = [];
  for (let c = 0; c < nodes.length; c++) {
    const cells = around.subarray(4 * c, 4 * c + 4);
    if (cells.includes(-1)) continue;
    const isUp = values[nodes[c]] <= level;
    for (let corner = 0; corner < 4; corner++) quads.push(vertexOf.get(cells[isUp ? corner : 3 - corner])!);
  }
  const triangles = new Uint32Array(quads.length / 4 * 6);
  let k = 0;
  for (let q = 0; q < quads.length; q += 4) {
    for (const corner of [0, 1, 2, 0, 2, 3]) triangles[k++] = quads[q + corner];
  }
  return { positions, triangles, quads: Uint32Array.from(quads) };
}

function callersGradient(
  gradient: (points: Float64Array) => ArrayLike<number>,
  points: Float64Array,
): ArrayLike<number> {
  requireFunction("gradient", gradient);
  const found = gradient(points);
  if (found?.length !== points.length) {
    throw new RangeError(
      `\`gradient\` must return three numbers per point, ${points.length}, got ${found?.length}`,
    );
  }
  requireFinite("`gradient` must return finite numbers", found);
  return found;
}

/** Central differences at the nodes, one-sided at the ends, interpolated at points on edges of the grid. */
function gridGradient(
  values: RealArray,
  shape: readonly number[],
  size: readonly number[],
  min: readonly number[],
  points: Float64Array,
): Float64Array {
  const strides = [shape[1] * shape[2], shape[2], 1];
  const out = new Float64Array(points.length);
  const place = [0, 0, 0];
  const rest = [0, 0, 0];
  for (let k = 0; k < points.length; k += 3) {
    for (let a = 0; a < 3; a++) {
      const at = (points[k + a] - min[a]) / size[a];
      place[a] = Math.min(Math.max(Math.floor(at + 1e-9), 0), shape[a] - 2);
      rest[a] = at - place[a];
    }
    for (let corner = 0; corner < 8; corner++) {
      let weight = 1;
      let node = 0;
      const at = [0, 0, 0];
      for (let a = 0; a < 3; a++) {
        const bit = corner >> a & 1;
        weight *= bit === 1 ? rest[a] : 1 - rest[a];
        at[a] = place[a] + bit;
        node += at[a] * strides[a];
      }
      if (Math.abs(weight) < 1e-9) continue;
      for (let a = 0; a < 3; a++) {
        const before = at[a] > 0 ? 1 : 0;
        const after = at[a] + 1 < shape[a] ? 1 : 0;
        const change = values[node + after * strides[a]] - values[node - before * strides[a]];
        out[k + a] += weight * change / ((before + after) * size[a]);
      }
    }
  }
  return out;
}
