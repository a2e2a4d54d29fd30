/** Part D: the bunny from planes, with what a user of the library would call. */
import { Rng } from "../../lib/arrays/mod.ts";
import { stanfordBunny } from "../../lib/datasets/mod.ts";
import type { Report } from "../../lib/experiment/mod.ts";
import {
  gridCells,
  intersectionOverUnion,
  meshOccupancy,
  meshTopology,
  meshVolume,
  randomPlanes,
  sliceMesh,
} from "../../lib/meshes/mod.ts";
import { reconstructFromSections } from "../../lib/neural_fields/mod.ts";
import type { Row } from "./rows.ts";
import { fromSections, vertexRows } from "./torus.ts";

/** Cells along a side on which solids are compared. */
const CELLS = 64;
/** Cells along a side of the mesh's grid. */
const MESH_CELLS = 32;

/** What a reconstruction is. */
export interface BunnyTrial {
  planes: number;
  seed: number;
  /** Epochs, level by level, and points per step. */
  epochs: number[];
  batch: number;
  /** Sizes of the network. */
  size: { width: number; hiddenLayers: number; state: number; frequencies: number; passes: number };
}

/** Rebuilds the bunny from random planes. */
export async function bunnyRows(
  { planes, seed, epochs, batch, size }: BunnyTrial,
  report: Report<Row<"bunny"> | Row<"vertex">>,
): Promise<(Row<"bunny"> | Row<"vertex">)[]> {
  const rng = new Rng(seed).split("bunny");
  const raw = await stanfordBunny();
  // The cube of the bunny's own size: notes 8.
  const center = [-0.58741917, 3.82524559, 0.62400927];
  const bunny = { ...raw, positions: raw.positions.map((x, k) => (x - center[k % 3]) / 6.4124526498) };
  const sections = [];
  for (let tries = 0; sections.length < planes; tries++) {
    const [section] = sliceMesh(bunny, randomPlanes(1, { rng: rng.split(`plane ${tries}`) }));
    if (section.contours.length > 0) sections.push(section);
  }
  const total = epochs.reduce((sum, n) => sum + n, 0);
  let steps = 0;
  const { mesh, field } = reconstructFromSections(sections, {
    ...size,
    epochs,
    batch,
    uniform: 512,
    hull: 4096,
    learningRate: ({ epoch }) => 0.01 * 0.9 ** (20 * epoch / total),
    resolution: MESH_CELLS,
    rng: rng.split("reconstruction"),
    onStep: ({ step, epoch }) => {
      steps = step + 1;
      if (step % 10 === 0) report(epoch / total);
    },
  });
  const shape = [CELLS, CELLS, CELLS];
  const truth = meshOccupancy(bunny, shape);
  const { nearest } = fromSections(sections, gridCells(shape), CELLS);
  return [
    {
      kind: "bunny",
      seed,
      planes,
      steps,
      iou: intersectionOverUnion(meshOccupancy(mesh, shape), truth),
      nearest: intersectionOverUnion(nearest, truth),
      volume: meshVolume(mesh) / meshVolume(bunny),
      eulerCharacteristic: meshTopology(mesh).eulerCharacteristic,
    },
    ...vertexRows("bunny", mesh, field),
  ];
}
