import {
  allocateLike,
  Matrix,
  type RealArray,
  requireInteger,
  requireNumber,
  requireOptions,
  Rng,
} from "../../arrays/mod.ts";
import { addScaled, matmul } from "../../blas/mod.ts";
import { columnNorms, qr } from "../../linalg/mod.ts";
import { ROUTING } from "../checks.ts";
import { registerOptimizer } from "../register_optimizer.ts";
import { matricesTo, type RoutingOptions } from "../routing.ts";
import { addDecayedWeights, scaleByLearningRate, scaleByShape, type ShapeScale } from "../scale.ts";
import type { Schedule } from "../schedule.ts";
import { NamedOptimizer } from "../tf_optimizer.ts";
import { chain, type GradientTransformation, layerShape } from "../transformation.ts";
import { isLowRankMatrix } from "./low_rank_routing.ts";
import { requireRank } from "./require_rank.ts";

/** Options of {@linkcode orthogonalizeByPowerIteration}. */
export interface PowerIterationOptions {
  /** Rank r of the update, from 1 to the smaller side of every matrix. */
  rank: number;
  /** What is kept of the approximated part of the momentum, in [0, 1). Default 0.95. */
  momentum?: number;
  /** Of the Gaussian start. Default 0. */
  seed?: number;
}

const POWER_ITERATION = ["rank", "momentum", "seed"] as const;
const DION = [...POWER_ITERATION, "learningRate", "weightDecay", "scale"] as const;

/** State of {@linkcode orthogonalizeByPowerIteration}. */
export type PowerIterationState = {
  /** Momentum, as large as the weights. */
  momentum: RealArray;
  /** Right factor of the last approximation, inputs x r, unit columns after the first step. */
  right: RealArray;
};

/**
 * Dion's direction: one step of power iteration on the momentum, whose remainder stays in the momentum (Ahn
 * et al., arXiv 2504.05295, `dion_simple.py`). For a layer with m outputs and n inputs: B = M + G; P = qr(B
 * Q); R = B^T P; M <- B - (1 - mu) P R^T; Q <- R with unit columns; the update is P Q^T. A column that comes
 * out as zero keeps its old direction.
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { orthogonalizeByPowerIteration } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Of a matrix of rank one, one step finds the polar factor.
 * const link = orthogonalizeByPowerIteration({ rank: 1 });
 * const w = { name: "w", weights: Matrix.zeros(2, 2), outputs: "rows" as const };
 * const update = link.update(Matrix.fromRows([[3, 4], [0, 0]]), link.init(w), w);
 * assertAlmostEquals(update.get(0, 0), 0.6, 1e-7);
 * ```
 */
export function orthogonalizeByPowerIteration(
  options: PowerIterationOptions,
): GradientTransformation<PowerIterationState> {
  requireOptions("options", options, POWER_ITERATION);
  const { rank, momentum = 0.95, seed = 0 } = options;
  requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
  requireInteger("rank", rank, { min: 1 });
  requireNumber("momentum", momentum, { min: 0, below: 1 });
  return {
    init(parameter) {
      requireRank(rank, parameter.weights, ` for ${parameter.name}`);
      const { inputs } = layerShape(parameter);
      const like = parameter.weights.data;
      const right = allocateLike(like, inputs * rank);
      right.set(new Rng(seed).split(parameter.label ?? parameter.name).normals(inputs * rank));
      return { momentum: allocateLike(like, like.length), right };
    },
    update(updates, state, parameter) {
      const { inputs } = layerShape(parameter);
      const m = state.momentum;
      const stored = parameter.outputs === "columns";
      addScaled(m, 1, updates.data);
      const b = new Matrix(updates.rows, updates.columns, m);
      const q = new Matrix(inputs, rank, state.right);
      const p = qr(matmul(b, q, { transposeA: stored })).q;
      const r = matmul(b, p, { transposeA: !stored });
      const product = (r: Matrix<RealArray>) =>
        stored ? matmul(r, p, { transposeB: true }) : matmul(p, r, { transposeB: true });
      addScaled(m, momentum - 1, product(r).data);
      const direction = normalizeColumns(r, q);
      return product(direction);
    },
  };
}

/** Columns of `r` over their lengths; also written into `q`, except where the length is zero. */
function normalizeColumns(r: Matrix<RealArray>, q: Matrix<RealArray>): Matrix<RealArray> {
  const out = r.clone();
  const lengths = columnNorms(r);
  for (let i = 0; i < r.rows; i++) {
    for (let j = 0; j < r.columns; j++) {
      out.set(i, j, r.get(i, j) / (lengths[j] + 1e-8));
      if (lengths[j] > 0) q.set(i, j, out.get(i, j));
    }
  }
  return out;
}

/** Options of {@linkcode dionUpdates}. */
export interface DionOptions extends PowerIterationOptions {
  /** Learning rate: a constant or a function of the step. Default 0.02. */
  learningRate?: Schedule;
  /** Decoupled weight decay. Default 0.01. */
  weightDecay?: number;
  /** Factor by shape. Default `"spectral"`, the square root of outputs over inputs. */
  scale?: ShapeScale;
}

/**
 * Dion for one matrix: {@linkcode orthogonalizeByPowerIteration}, scaled by shape.
 *
 * @throws {RangeError} if a number is out of its range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { frobeniusNorm } from "refigure/linalg";
 * import { dionUpdates } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const weights = new Rng(0).normalMatrix(6, 6), w = { name: "w", weights, outputs: "rows" as const };
 * const dion = dionUpdates({ rank: 4, learningRate: 0.1, weightDecay: 0 });
 * // Four unit columns against four orthonormal ones: length 2.
 * assertAlmostEquals(frobeniusNorm(dion.update(weights.clone(), dion.init(w), w)), 0.2, 1e-7);
 * ```
 */
export function dionUpdates(options: DionOptions): GradientTransformation {
  requireOptions("options", options, DION);
  const { learningRate = 0.02, weightDecay = 0.01, scale = "spectral", ...iteration } = options;
  return chain(
    orthogonalizeByPowerIteration(iteration),
    scaleByShape(scale),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(learningRate),
  );
}

/**
 * Dion as a `tf.Optimizer`; see {@linkcode dion}.
 *
 * @example
 * ```ts
 * import { Dion } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Dion({ rank: 4 }).getConfig(), { rank: 4 });
 * ```
 */
export class Dion extends NamedOptimizer<DionOptions & RoutingOptions> {
  /** Name under which tfjs saves and finds the class. */
  static override className = "Dion";

  /** Dion with these options. @param options The rank; all others have defaults. */
  constructor(options: DionOptions & RoutingOptions) {
    super(routed(options), options);
  }
}

registerOptimizer(Dion);

function routed(options: DionOptions & RoutingOptions): GradientTransformation {
  requireOptions("options", options, [...DION, ...ROUTING]);
  const { select = isLowRankMatrix, others, ...matrices } = options;
  return matricesTo(dionUpdates(matrices), { select, others });
}

/**
 * Dion for tfjs: hidden matrices and convolution kernels get {@linkcode dionUpdates}, everything else AdamW.
 *
 * @throws {RangeError} if an option is out of range, or, at the first step, the rank exceeds a side of a
 * matrix.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { dion } from "refigure/optimizers";
 * import { assertLess } from "@std/assert";
 *
 * await tf.setBackend("cpu");
 * const w = tf.variable(tf.zeros([4, 4]), true, "kernel"), target = tf.eye(4);
 * const optimizer = dion({ rank: 2, learningRate: 0.1 });
 * for (let step = 0; step < 30; step++) optimizer.minimize(() => tf.squaredDifference(w, target).sum() as tf.Scalar, false, [w]);
 * assertLess(tf.squaredDifference(w, target).sum().dataSync()[0], 1);
 * ```
 */
export function dion(options: DionOptions & RoutingOptions): Dion {
  return new Dion(options);
}
