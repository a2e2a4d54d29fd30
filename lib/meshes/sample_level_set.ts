import { requireInteger, requireNumber, requireOptions } from "../arrays/mod.ts";
import { evaluate, type ScalarField } from "./distance_fields.ts";
import { type Box, requireBox, requireShape } from "./triangle_mesh.ts";

/** Options of {@linkcode sampleLevelSet}: the box that the nodes fill, ends included, and what follows. */
export interface SampleLevelSetOptions extends Box {
  /** Steps of the grid along a side of a coarse cell. Default 4; 1 evaluates every node. */
  stride?: number;
  /** The value of the surface. Default 0. */
  level?: number;
}

/** What {@linkcode sampleLevelSet} returns. */
export interface SampledLevelSet {
  /** One per node, z running fastest: those of the field near the surface, interpolated ones elsewhere. */
  values: Float64Array;
  /** At how many nodes the field was evaluated. */
  evaluations: number;
}

/**
 * A field on the nodes of a grid, evaluated only near its level set: on a coarse grid, then on all nodes of the
 * coarse cells that the surface enters. A cell counts as entered if its corners have both signs, or if the surface
 * leaves a cell that was refined before through their common face; so a piece of the surface that crosses one
 * coarse edge is followed to its end. A closed piece that lies between the coarse nodes is missed.
 *
 * @param field From points, x, y, z in turn, to one number each.
 * @param shape Nodes along x, y and z; one more than a multiple of the stride.
 * @param options Box, stride and level.
 * @returns The values, and how many of them are the field's.
 * @throws {RangeError} if a size does not fit, or a number is not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { gridNodes, sampleLevelSet, sphereDistance } from "refigure/meshes";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const shape = [33, 33, 33];
 * const { values, evaluations } = sampleLevelSet(sphereDistance(0.6), shape);
 * const all = sphereDistance(0.6)(gridNodes(shape));
 * assertEquals(values.map(Math.sign), all.map(Math.sign));
 * assert(evaluations < all.length / 2);
 * ```
 */
export function sampleLevelSet(
  field: ScalarField,
  shape: readonly number[],
  options: SampleLevelSetOptions = {},
): SampledLevelSet {
  requireShape("shape", shape, { axes: [3], min: 2 });
  requireOptions("options", options, ["stride", "level", "min", "max"]);
  const { stride = 4, level = 0, ...box } = options;
  requireInteger("stride", stride, { min: 1 });
  requireNumber("level", level);
  const { min, max } = requireBox(box);
  shape.forEach((nodes, a) => {
    if ((nodes - 1) % stride !== 0) {
      throw new RangeError(
        `\`shape[${a}]\` must be one more than a multiple of the stride ${stride}, got ${nodes}`,
      );
    }
  });
  const [, ny, nz] = shape;
  const cells = shape.map((nodes) => (nodes - 1) / stride);
  const values = new Float64Array(shape[0] * ny * nz).fill(NaN);
  let evaluations = 0;
  const known = (nodes: readonly number[]) => {
    const wanted = nodes.filter((node) => Number.isNaN(values[node]));
    const points = new Float64Array(3 * wanted.length);
    wanted.forEach((node, i) => {
      const place = [Math.floor(node / (ny * nz)), Math.floor(node / nz) % ny, node % nz];
      for (let a = 0; a < 3; a++) points[3 * i + a] = min[a] + (max[a] - min[a]) * place[a] / (shape[a] - 1);
    });
    const found = evaluate("field", field, points);
    wanted.forEach((node, i) => values[node] = found[i]);
    evaluations += wanted.length;
  };
  /** All nodes of a block, `step` apart. */
  const block = (low: readonly number[], high: readonly number[], step: number): number[] => {
    const nodes: number[] = [];
    for (let i = low[0]; i <= high[0]; i += step) {
      for (let j = low[1]; j <= high[1]; j += step) {
        for (let k = low[2]; k <= high[2]; k += step) nodes.push((i * ny + j) * nz + k);
      }
    }
    return nodes;
  };
  const hasBoth = (nodes: readonly number[]) => {
    const isAbove = values[nodes[0]] > level;
    return nodes.some((node) => values[node] > level !== isAbove);
  };
  known(block([0, 0, 0], shape.map((nodes) => nodes - 1), stride));
  const coarse = values.slice();
  const all: number[][] = [];
  for (let i = 0; i < cells[0]; i++) {
    for (let j = 0; j < cells[1]; j++) for (let k = 0; k < cells[2]; k++) all.push([i, j, k]);
  }
  const low = (cell: readonly number[]) => cell.map((n) => n * stride);
  const high = (cell: readonly number[]) => cell.map((n) => (n + 1) * stride);
  const indexOf = ([i, j, k]: readonly number[]) => (i * cells[1] + j) * cells[2] + k;
  const entered = new Uint8Array(all.length);
  let front = all.filter((cell) => hasBoth(block(low(cell), high(cell), stride)));
  front.forEach((cell) => entered[indexOf(cell)] = 1);
  while (front.length > 0) {
    known([...new Set(front.flatMap((cell) => block(low(cell), high(cell), 1)))]);
    const following: number[][] = [];
    for (const cell of front) {
      for (let a = 0; a < 3; a++) {
        for (const side of [-1, 1]) {
          const neighbour = cell.map((n, b) => b === a ? n + side : n);
          if (neighbour[a] < 0 || neighbour[a] >= cells[a] || entered[indexOf(neighbour)]) continue;
          const [from, to] = [low(cell), high(cell)];
          if (side < 0) to[a] = from[a];
          else from[a] = to[a];
          if (!hasBoth(block(from, to, 1))) continue;
          entered[indexOf(neighbour)] = 1;
          following.push(neighbour);
        }
      }
    }
    front = following;
  }
  for (const cell of all) if (!entered[indexOf(cell)]) interpolate(values, coarse, cell, stride, ny, nz);
  return { values, evaluations };
}

/** Fills what is not known in a coarse cell from its corners. */
function interpolate(
  values: Float64Array,
  coarse: Float64Array,
  cell: readonly number[],
  stride: number,
  ny: number,
  nz: number,
): void {
  const [i0, j0, k0] = cell.map((n) => n * stride);
  const first = (i0 * ny + j0) * nz + k0;
  const steps = [stride * ny * nz, stride * nz, stride];
  for (let i = 0; i <= stride; i++) {
    for (let j = 0; j <= stride; j++) {
      for (let k = 0; k <= stride; k++) {
        const node = first + (i * ny + j) * nz + k;
        if (!Number.isNaN(values[node])) continue;
        const rest = [i / stride, j / stride, k / stride];
        let sum = 0;
        for (let corner = 0; corner < 8; corner++) {
          let weight = 1;
          let at = first;
          for (let a = 0; a < 3; a++) {
            const bit = corner >> a & 1;
            weight *= bit === 1 ? rest[a] : 1 - rest[a];
            at += bit * steps[a];
          }
          sum += weight * coarse[at];
        }
        values[node] = sum;
      }
    }
  }
}
