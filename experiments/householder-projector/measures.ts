/** What is measured of a trained autoencoder along directions of its latents. */
import { mean, standardDeviation } from "simple-statistics";
import type { Matrix } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import { perceptualInterpretablePathLength, sefaDirections } from "../../lib/latent_directions/mod.ts";
import type { Autoencoder } from "./autoencoder.ts";
import { ATTRIBUTES, readAttributes } from "./blobs.ts";

/** Directions of each layer that count. */
const STRONGEST = 5;

/** Step along a direction for attributes. */
const MOVE = 0.1;

/** The directions of a layer: columns of V of a projector, else right singular vectors. */
export function directionsOf({ decoder, projectors }: Autoencoder, layer: number): Matrix {
  if (projectors.length > 0) return projectors[layer].directions();
  const { projection } = decoder.layers[layer];
  return sefaDirections(projection, projection.columns).directions;
}

/** Means over the strongest directions of all layers. */
export interface PathLengths {
  /** PIPL with the mean squared difference of pixels. */
  pathLength: number;
  /** Each direction's divided by the squared change of all styles. */
  normalized: number;
  entanglement: number;
}

/** PIPL at latents w, raw and per squared change of style, and entanglement. */
export function alongDirections(model: Autoencoder, w: Matrix): PathLengths {
  const found = model.decoder.layers.map((_, layer) => {
    const all = directionsOf(model, layer);
    const directions = all.slice(0, all.rows, 0, Math.min(STRONGEST, all.columns));
    const lengths = Array.from(pathLengths(model, w, directions));
    const changes = styleChanges(model, directions);
    return {
      lengths,
      normalized: lengths.map((length, j) => length / changes[j]),
      entanglement: entanglements(model, w, directions),
    };
  });
  return {
    pathLength: mean(found.flatMap(({ lengths }) => lengths)),
    normalized: mean(found.flatMap(({ normalized }) => normalized)),
    entanglement: mean(found.flatMap(({ entanglement }) => entanglement)),
  };
}

/** PIPL of each direction. */
export function pathLengths(model: Autoencoder, w: Matrix, directions: Matrix): Float64Array {
  return perceptualInterpretablePathLength((x) => model.decode(x), w, directions, { epsilon: 1e-3 })
    .perDirection;
}

/** Sum over layers of the squared change of style, per unit step along each direction. */
function styleChanges({ decoder }: Autoencoder, directions: Matrix): Float64Array {
  const out = new Float64Array(directions.columns);
  for (const { projection } of decoder.layers) {
    matmul(projection, directions).data.forEach((x, k) => out[k % out.length] += x * x);
  }
  return out;
}

/**
 * How many attributes a direction changes at once: 1 - the largest share of the mean absolute changes, each
 * over the attribute's standard deviation. 0 if it changes one attribute alone, 0.8 if it changes all alike.
 */
export function entanglements(model: Autoencoder, w: Matrix, directions: Matrix): number[] {
  const changes = attributeChanges(model, w, directions);
  return changes.map((change) => {
    const sizes = ATTRIBUTES.map((_, a) => mean(Array.from(change.column(a), Math.abs)));
    return 1 - Math.max(...sizes) / sizes.reduce((sum, size) => sum + size, 0);
  });
}

/** Changes of the attributes over their standard deviations, per direction: latents x attributes. */
export function attributeChanges(model: Autoencoder, w: Matrix, directions: Matrix): Matrix[] {
  const before = readAttributes(model.decode(w));
  const deviations = ATTRIBUTES.map((_, a) => standardDeviation(Array.from(before.column(a))));
  return Array.from({ length: directions.columns }, (_, j) => {
    const moved = w.map((x, _, k) => x + MOVE * directions.get(k, j));
    return readAttributes(model.decode(moved)).minus(before).map((x, _, a) => x / deviations[a]);
  });
}
