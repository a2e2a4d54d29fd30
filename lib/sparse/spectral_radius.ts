import {
  Matrix,
  requireFunction,
  requireInteger,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { eig } from "../linalg/mod.ts";
import type { LinearMap } from "./conjugate_gradients.ts";

/** Options of {@linkcode spectralRadius}. */
export interface SpectralRadiusOptions {
  /** Applications of the map. Default 60. */
  steps?: number;
  /** Stream of the start. */
  rng: Rng;
}

/**
 * The largest magnitude of an eigenvalue of a linear map, by Arnoldi's method (1951): eigenvalues of the map
 * on the space of the first iterates of a random vector. Outer eigenvalues are found after far fewer
 * applications than by iterating the map, which also converges slowly where eigenvalues cluster. With as many
 * steps as the order it is exact up to rounding.
 *
 * @param map The map.
 * @param order Length of its vectors.
 * @param options Number of applications, and the start.
 * @returns The estimate.
 * @throws {RangeError} if a number is out of range, or the map gives values that are not finite.
 * @throws {TypeError} if an argument is of the wrong type, or an option is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { laplacian, spectralRadius } from "refigure/sparse";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const a = laplacian(30);
 * const radius = spectralRadius((x, out) => void a.apply(x, { out }), 30, { rng: new Rng(0) });
 * assertAlmostEquals(radius, 2 + 2 * Math.cos(Math.PI / 31), 1e-10);
 * ```
 */
export function spectralRadius(map: LinearMap, order: number, options: SpectralRadiusOptions): number {
  requireFunction("map", map);
  requireInteger("order", order, { min: 1, max: 2 ** 26 });
  requireOptions("options", options, ["steps", "rng"]);
  const { steps = 60, rng } = options;
  requireInteger("steps", steps, { min: 1, max: 2000 });
  requireRng("rng", rng);
  const size = Math.min(steps, order);
  const basis = [rng.sphere(order)];
  const hessenberg = Matrix.zeros(size, size);
  let used = size;
  for (let k = 0; k < size; k++) {
    const w = new Float64Array(order);
    map(basis[k], w);
    const before = Math.sqrt(dot(w, w));
    // Twice is enough.
    for (let round = 0; round < 2; round++) {
      for (let j = 0; j <= k; j++) {
        const part = dot(basis[j], w);
        hessenberg.data[j * size + k] += part;
        for (let i = 0; i < order; i++) w[i] -= part * basis[j][i];
      }
    }
    const norm = Math.sqrt(dot(w, w));
    if (!Number.isFinite(norm)) throw new RangeError("`map` must give finite values");
    // The iterates span an invariant space.
    if (norm <= 1e-14 * before) {
      used = k + 1;
      break;
    }
    if (k + 1 === size) break;
    hessenberg.data[(k + 1) * size + k] = norm;
    basis.push(w.map((value) => value / norm));
  }
  const { values } = eig(hessenberg.slice(0, used, 0, used));
  let largest = 0;
  for (let k = 0; k < used; k++) largest = Math.max(largest, Math.hypot(values[2 * k], values[2 * k + 1]));
  return largest;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
