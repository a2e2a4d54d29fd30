import {
  requireInteger,
  requireNumber,
  requireNumbers,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { dualContour, type PlanarSection, sampleLevelSet, type TriangleMesh } from "../meshes/mod.ts";
import { type FieldStep, fitField } from "./fit_field.ts";
import { IterativeField } from "./iterative_field.ts";
import { meanOf, requireSections, sampleSections } from "./sample_sections.ts";

/** Options of {@linkcode reconstructFromSections}; defaults of the training are those of the paper's code. */
export interface ReconstructOptions {
  /** Neurons of a hidden layer. Default 64. */
  width?: number;
  /** Hidden layers. Default 7. */
  hiddenLayers?: number;
  /** Numbers that a pass hands to the next one. Default 32. */
  state?: number;
  /** Frequencies of the cosines, and as many of the sines. Default 5. */
  frequencies?: number;
  /** Passes of the network. Default 10. */
  passes?: number;
  /** How far from the contours each level's points are. Default 2^-4, 2^-5, 2^-5, 2^-6, 2^-6, 2^-7. */
  radii?: readonly number[];
  /** Points around each corner and along each side, level by level. Default 2, 2, 3, 3, 4, 5. */
  perEdge?: readonly number[];
  /** Uniform points per plane. Default 2048. */
  uniform?: number;
  /** Points around the object. Default 16384. */
  hull?: number;
  /** Epochs, level by level. Default 50, 50, 100, 100, 150, 200. */
  epochs?: readonly number[];
  /** Points per step. Default 16384. */
  batch?: number;
  /** A number, or a function of where the training is. Default: 0.01 times 0.9 after every 10 epochs. */
  learningRate?: number | ((at: FieldStep) => number);
  /** Weight of the hinge on the gradient. Default 1e-4. */
  hinge?: number;
  /** Length of a gradient from which on the hinge counts. Default 100. */
  alpha?: number;
  /** Cells of the mesh's grid along each axis, a multiple of 4. Default 96; the paper's is 300. */
  resolution?: number;
  /** Called before every step with its loss. */
  onStep?: (at: FieldStep & { loss: number }) => void;
  /** Stream of random numbers. */
  rng: Rng;
}

/** What {@linkcode reconstructFromSections} returns. */
export interface Reconstruction {
  /** The surface, closed, in the coordinates of the sections. */
  mesh: TriangleMesh;
  /** The field, in coordinates `(x - center) / scale`. */
  field: IterativeField;
  /** The mean of all corners of the contours. */
  center: number[];
  /** 1.1 times the largest distance of a corner from the center along an axis. */
  scale: number;
  /** The mean loss of each level. */
  losses: Float64Array;
}

/** Steps of the grid between nodes that are evaluated in any case. */
const STRIDE = 4;

/**
 * Rebuilds a solid from what some planes cut out of it (OReX; Sawdayee, Vaxman & Bermano 2023): trains an iterative
 * field on points in the planes, nearer to the contours from level to level, and draws its zero by dual contouring.
 * The defaults are those of the paper's code and take hours here; a smaller field with fewer epochs is often as
 * good (see the example, and the notes of the paper in this project).
 *
 * @param sections Planes with their contours, from `sliceMesh`, `sliceField` or elsewhere.
 * @param options Sizes, schedule and the stream.
 * @returns The mesh and the field.
 * @throws {RangeError} if no section has a contour ("no slice intersects the object"), all contours lie in one
 * plane, a section is not valid, a list has another length than `radii`, the field has no zero in the box ("the level
 * set is empty"), or a number is out of range.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { meshVolume, sliceField, sphereDistance } from "refigure/meshes";
 * import { reconstructFromSections } from "refigure/neural_fields";
 * import { assert } from "@std/assert";
 *
 * const planes = [-0.5, 0, 0.5].flatMap((offset) =>
 *   [[1, 0, 0], [0, 1, 0]].map((normal) => ({ normal, offset })));
 * const { mesh } = reconstructFromSections(sliceField(sphereDistance(1), planes, { resolution: 24 }), {
 *   width: 16, hiddenLayers: 2, state: 4, frequencies: 2, passes: 2,
 *   radii: [0.1, 0.05], perEdge: [1, 1], epochs: [15, 15], uniform: 200, hull: 500,
 *   batch: 512, learningRate: 0.01, resolution: 24, rng: new Rng(0),
 * });
 * assert(Math.abs(meshVolume(mesh) / (4 / 3 * Math.PI) - 1) < 0.2);
 * ```
 */
export function reconstructFromSections(
  sections: readonly PlanarSection[],
  options: ReconstructOptions,
): Reconstruction {
  requireSections(sections);
  requireOptions("options", options, [
    "width",
    "hiddenLayers",
    "state",
    "frequencies",
    "passes",
    "radii",
    "perEdge",
    "uniform",
    "hull",
    "epochs",
    "batch",
    "learningRate",
    "hinge",
    "alpha",
    "resolution",
    "onStep",
    "rng",
  ]);
  const {
    width,
    hiddenLayers,
    state,
    frequencies,
    passes,
    radii = [2 ** -4, 2 ** -5, 2 ** -5, 2 ** -6, 2 ** -6, 2 ** -7],
    perEdge = [2, 2, 3, 3, 4, 5],
    uniform,
    hull,
    epochs = [50, 50, 100, 100, 150, 200],
    batch = 2 ** 14,
    learningRate,
    hinge,
    alpha,
    resolution = 96,
    onStep,
    rng,
  } = options;
  requireNumbers("radii", radii);
  requireInteger("radii.length", radii.length, { min: 1 });
  Array.from(radii).forEach((radius, k) => requireNumber(`radii[${k}]`, radius, { above: 0 }));
  requireNumbers("perEdge", perEdge, { length: radii.length });
  requireNumbers("epochs", epochs, { length: radii.length });
  requireInteger("resolution", resolution, { min: STRIDE, max: 1024 });
  if (resolution % STRIDE !== 0) {
    throw new RangeError(`\`resolution\` must be a multiple of ${STRIDE}, got ${resolution}`);
  }
  requireRng("rng", rng);
  const { center, scale, normalized } = normalize(sections);
  const field = new IterativeField({
    inputs: 3,
    width,
    hiddenLayers,
    state,
    frequencies,
    passes,
    rng: rng.split("field"),
  });
  const levels = Array.from(
    radii,
    (radius, k) =>
      sampleSections(normalized, {
        radius,
        perEdge: perEdge[k],
        uniform,
        hull,
        rng: rng.split(`level ${k}`),
      }),
  );
  const { losses } = fitField(field, levels, {
    epochs,
    batch,
    learningRate,
    hinge,
    alpha,
    onStep,
    rng: rng.split("batches"),
  });
  const shape = [resolution + 1, resolution + 1, resolution + 1];
  const { values } = sampleLevelSet((points) => field.logits(points), shape, { stride: STRIDE });
  closeAtBox(values, resolution + 1);
  const mesh = dualContour(values, shape, { gradient: (points) => field.gradient(points) });
  return {
    mesh: {
      positions: mesh.positions.map((x, k) => x * scale + center[k % 3]),
      triangles: mesh.triangles,
    },
    field,
    center,
    scale,
    losses,
  };
}

/** Makes the outermost nodes lie outside, so that a surface that would leave the box is closed there. */
function closeAtBox(values: Float64Array, side: number): void {
  const isEnd = (n: number) => n === 0 || n === side - 1;
  for (let node = 0; node < values.length; node++) {
    const [i, j, k] = [Math.floor(node / (side * side)), Math.floor(node / side) % side, node % side];
    if (isEnd(i) || isEnd(j) || isEnd(k)) values[node] = Math.max(Math.abs(values[node]), 1);
  }
}

/** Moves sections into the cube: their mean corner to the origin, the farthest coordinate to 1 / 1.1. */
function normalize(
  sections: readonly PlanarSection[],
): { center: number[]; scale: number; normalized: PlanarSection[] } {
  const center = meanOf(
    Float64Array.from(sections.flatMap(({ contours }) => contours.flatMap((c) => [...c]))),
  );
  let largest = 0;
  for (const { contours } of sections) {
    for (const contour of contours) {
      for (let k = 0; k < contour.length; k++) {
        largest = Math.max(largest, Math.abs(contour[k] - center[k % 3]));
      }
    }
  }
  const scale = 1.1 * largest;
  const normalized = sections.map(({ normal, offset, contours }) => ({
    normal,
    offset: (offset + normal[0] * center[0] + normal[1] * center[1] + normal[2] * center[2]) / scale,
    contours: contours.map((contour) => contour.map((x, k) => (x - center[k % 3]) / scale)),
  }));
  return { center, scale, normalized };
}
