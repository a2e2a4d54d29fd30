/** Functions and their images under the Burgers equation (notes 6.1). */
import { Matrix, type Rng } from "../../lib/arrays/mod.ts";
import { matmul } from "../../lib/blas/mod.ts";
import { fourierResize, solveBurgers, subsample } from "../../lib/operators/mod.ts";

/** Points of the grid on which data are kept. */
export const FINEST = 512;
/** Waves of the starts. */
const WAVES = 8;

/** Random starts, one per row: waves of amplitude 1 / (1 + (k / 2)^2), cosine and sine. */
export function starts(count: number, n: number, rng: Rng): Matrix {
  const waves = Matrix.from(2 * WAVES, n, (row, j) => {
    const k = 1 + (row >> 1);
    const amplitude = 1 / (1 + (k / 2) ** 2);
    // k j is reduced, so that coarser grids have the very same values.
    const angle = 2 * Math.PI * (k * j % n) / n;
    return amplitude * (row % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  });
  return matmul(rng.normalMatrix(count, 2 * WAVES), waves);
}

/** How data are made. */
export interface DataOptions {
  /** Number of functions. */
  functions: number;
  viscosity: number;
  /** Time between start and image. */
  time: number;
  /** Points and steps of the solver. */
  solverPoints: number;
  solverSteps: number;
  rng: Rng;
}

/** Starts and images on the finest grid, in single precision. */
export function burgersData(options: DataOptions): { u: Matrix<Float32Array>; target: Matrix<Float32Array> } {
  const { functions, viscosity, time, solverPoints, solverSteps: steps, rng } = options;
  const u = starts(functions, FINEST, rng);
  const u0 = subsample(u, solverPoints);
  const image = fourierResize(solveBurgers(u0, { viscosity, time, steps }), FINEST);
  return { u: u.astype("float32"), target: image.astype("float32") };
}
