import {
  type DType,
  Matrix,
  requireInstance,
  requireInteger,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";
import { type LearnedCycleOptions, requireCycle } from "./check.ts";
import { GridNetwork } from "./grid_network.ts";
import { vCycleLayer } from "./v_cycle_layer.ts";

/** How the kernels of {@linkcode mgConv} start. */
export type MgConvStart = "uniform" | "classical";

/** Options of {@linkcode mgConv}. */
export interface MgConvOptions<Precision extends DType = "float64"> extends LearnedCycleOptions<Precision> {
  /** Channels of the right-hand side f. Default 1. */
  channelsIn?: number;
  /** Channels of the solution u. Default 1. */
  channelsOut?: number;
  /**
   * `"uniform"`: within 1/sqrt(fan-in), PyTorch's default. `"classical"`: the V-cycle for Poisson's equation
   * on channel 0, all other kernels zero; needs `padding: "zero"` and `residual: true`. Default `"uniform"`.
   */
  init?: MgConvStart;
}

/**
 * A linear operator in the form of a multigrid V-cycle whose stencils are parameters (He, Liu & Xu 2024): on
 * each grid `u <- u + S (f - A u)`, then `f <- R (f - Ar u)` and `u <- Pi u` on the coarser one; on the way
 * back `u <- u + P u_coarse`. All are convolutions with 3 or 3 x 3 taps, R and Pi with stride 2, P is a
 * transposed one. It has O(log n) parameters, costs O(n) and every point reaches every other one.
 *
 * With `init: "classical"` it is the geometric V-cycle for `-u'' = f`, or for five-point stencils: damped
 * Jacobi with weight 2/3 or 4/5, linear interpolation P and R = P^T (both in units in which the stencil is
 * -1, 2, -1 or has 4 in its centre), Pi = 0; on a coarsest grid of one point the solution is exact.
 *
 * @throws {RangeError} if the grid cannot be halved `levels - 1` times, or a number is out of range.
 * @throws {TypeError} if an option or a name is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { mgConv } from "refigure/multigrid";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * assertEquals(mgConv({ dimension: 1, n: 63, levels: 5, rng: new Rng(0) }).parameters.length, 81);
 *
 * // One classical V-cycle for -u'' = 1 with five-point stencils on 7 x 7 points.
 * const cycle = mgConv({ n: 7, levels: 3, smoothings: [1, 1, 1], init: "classical", rng: new Rng(0) });
 * const u = cycle.forward(Matrix.from(1, 49, () => 1));
 * assertAlmostEquals(u.get(0, 24), 4.02, 1e-12);
 * ```
 */
export function mgConv<Precision extends DType = "float64">(
  options: MgConvOptions<Precision>,
): GridNetwork<Precision> {
  requireOptions("options", options, [
    "dimension",
    "n",
    "levels",
    "channelsIn",
    "channelsOut",
    "smoothings",
    "postSmoothings",
    "residual",
    "padding",
    "init",
    "dtype",
    "rng",
  ]);
  const { channelsIn = 1, channelsOut = 1, init = "uniform", dtype = "float64" as Precision, rng } = options;
  const cycle = requireCycle(options);
  requireInteger("channelsIn", channelsIn, { min: 1, max: 4096 });
  requireInteger("channelsOut", channelsOut, { min: 1, max: 4096 });
  requireOneOf("init", init, ["uniform", "classical"]);
  if (init === "classical" && (cycle.padding !== "zero" || !cycle.residual)) {
    throw new RangeError('`init` must be "uniform" unless `padding` is "zero" and `residual` is true');
  }
  const { dimension, n } = cycle;
  const layer = vCycleLayer({ ...cycle, channelsIn, channelsOut });
  const net = new GridNetwork<Precision>({ dimension, n, layers: [layer], dtype, rng });
  if (init === "classical") startClassical(net, cycle.levels);
  return net;
}

/** Sets the kernels of the geometric V-cycle on channel 0. */
function startClassical<Precision extends DType>(net: GridNetwork<Precision>, levels: number): void {
  const { dimension, n } = net;
  const coarsest = (n + 1) / 2 ** (levels - 1) - 1;
  const line = [1, 2, 1];
  const laplacian = dimension === 1 ? [-1, 2, -1] : [0, -1, 0, -1, 4, -1, 0, -1, 0];
  const interpolation = dimension === 1
    ? line.map((weight) => weight / 2)
    : line.flatMap((row) => line.map((column) => row * column / 4));
  const restriction = dimension === 1 ? line : interpolation;
  const [centre, omega] = dimension === 1 ? [2, 2 / 3] : [4, 4 / 5];
  for (const { name, shape: [, inputs, outputs], data } of net.tensors) {
    const [, kind, level] = /^([A-Za-z]+?)(\d+)/.exec(name)!;
    const isExact = Number(level) === levels && coarsest === 1;
    const delta = (weight: number) => laplacian.map((value) => value === centre ? weight : 0);
    const kernel = {
      A: laplacian,
      Ar: laplacian,
      S: delta((isExact ? 1 : omega) / centre),
      R: restriction,
      Pi: delta(0),
      P: interpolation,
    }[kind]!;
    data.fill(0);
    kernel.forEach((value, tap) => data[tap * inputs * outputs] = value);
  }
}

/**
 * The matrix of a linear network: its outputs for all unit vectors, as columns.
 *
 * @param net A network without biases and activations, such as {@linkcode mgConv}.
 * @returns Points times channels of an output x points times channels of an input, in double precision.
 * @throws {TypeError} if `net` is not a {@linkcode GridNetwork}.
 * @throws {RangeError} if the matrix would have more than 2^26 entries.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { mgConv, operatorMatrix } from "refigure/multigrid";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // With one grid of one point, the classical cycle divides by 2.
 * const options = { smoothings: [1], init: "classical", rng: new Rng(0) } as const;
 * const cycle = mgConv({ dimension: 1, n: 1, levels: 1, ...options });
 * assertAlmostEquals(operatorMatrix(cycle).get(0, 0), 0.5);
 * ```
 */
export function operatorMatrix(net: GridNetwork<DType>): Matrix {
  requireInstance("net", net, GridNetwork as never);
  const points = net.n ** net.dimension;
  const [rows, columns] = [points * net.channelsOut, points * net.channelsIn];
  if (rows * columns > 2 ** 26) {
    throw new RangeError(`The matrix of \`net\` has ${rows} x ${columns} entries, more than 2^26`);
  }
  return net.forward(Matrix.identity(columns)).transpose().astype("float64");
}
