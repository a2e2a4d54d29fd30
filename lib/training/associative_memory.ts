import {
  Matrix,
  requireBoolean,
  requireFunction,
  requireInteger,
  requireNumber,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { haarOrthogonal } from "../linalg/mod.ts";
import { type GradientTransformation, MatrixOptimizer } from "../optimizers/mod.ts";

/** Options of {@linkcode associativeMemory}. */
export interface AssociativeMemoryOptions {
  /** Transformation of the memory matrix, learning rate included. */
  optimizer: GradientTransformation;
  /** Number of facts, and the dimension. Default 64. */
  facts?: number;
  /**
   * True: keys and values are random orthogonal bases; false: the coordinate axes. A number, in degrees: the
   * axes turned by this angle in every plane of a random set, one set for the keys and one for the values; 0
   * is false. Default true.
   */
  rotated?: boolean | number;
  /** Most steps to take. Default 400. */
  steps?: number;
  /** Stops after the step at which the mean loss is at most this. Default: runs all steps. */
  stopAt?: number;
  /** Called with every point and the cross-entropy of each fact, the most frequent first. */
  onPoint?: (point: MemoryPoint, losses: readonly number[]) => void;
  /** Stream of the bases. */
  rng: Rng;
}

/** One point of an {@linkcode associativeMemory} run, before the step is taken. */
export interface MemoryPoint {
  /** Steps taken before. */
  step: number;
  /** Frequency-weighted mean cross-entropy, in nats. */
  meanLoss: number;
  /** Mean cross-entropy of the rarest quarter of the facts. */
  tailLoss: number;
}

/**
 * Learns `facts` key-value pairs whose frequency falls as 1/rank, in one matrix W, with full gradients from W
 * = 0: logits of item k are V^T W E e_k, and the loss is sum_k p_k CE_k. Rare facts show whether an optimizer
 * learns all directions alike; the rotation shows whether it depends on the coordinates.
 *
 * @returns One point before every step, and one after the last.
 * @throws {RangeError} if a number is out of range.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { scaleByLearningRate } from "refigure/optimizers";
 * import { associativeMemory } from "refigure/training";
 * import { assertAlmostEquals, assertGreater } from "@std/assert";
 *
 * const optimizer = scaleByLearningRate(3);
 * const run = associativeMemory({ optimizer, facts: 16, steps: 50, rng: new Rng(0) });
 * assertAlmostEquals(run[0].meanLoss, Math.log(16), 1e-12);
 * assertGreater(run[50].tailLoss, run[50].meanLoss);
 * ```
 */
export function associativeMemory(options: AssociativeMemoryOptions): MemoryPoint[] {
  requireOptions("options", options, ["optimizer", "facts", "rotated", "steps", "stopAt", "onPoint", "rng"]);
  const { optimizer, rotated = true, steps = 400, stopAt = -Infinity, onPoint, rng } = options;
  requireRng("rng", rng);
  if (typeof rotated === "number") requireNumber("rotated", rotated);
  else requireBoolean("rotated", rotated);
  if (options.stopAt !== undefined) requireNumber("stopAt", stopAt);
  if (onPoint !== undefined) requireFunction("onPoint", onPoint);
  const { facts: d = 64 } = options;
  requireInteger("facts", d, { min: 4 });
  requireInteger("steps", steps);
  const keys = basis(d, rotated, rng.split("keys"));
  const values = basis(d, rotated, rng.split("values"));
  const weights = Array.from({ length: d }, (_, k) => 1 / (k + 1));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const frequency = weights.map((w) => w / total);
  const memory = { name: "memory", weights: Matrix.zeros(d, d), outputs: "rows" as const };
  const driver = new MatrixOptimizer([memory], optimizer);
  const points: MemoryPoint[] = [];
  for (let step = 0;; step++) {
    // Column k holds the logits of fact k.
    const logits = matmul(values, matmul(memory.weights, keys), { transposeA: true });
    const { losses, errors } = crossEntropyColumns(logits, frequency);
    const meanLoss = losses.reduce((sum, loss, k) => sum + frequency[k] * loss, 0);
    const tail = losses.slice(d - Math.floor(d / 4));
    const point = { step, meanLoss, tailLoss: tail.reduce((sum, loss) => sum + loss, 0) / tail.length };
    points.push(point);
    onPoint?.(point, losses);
    if (step >= steps || meanLoss <= stopAt) return points;
    driver.step([matmul(matmul(values, errors), keys, { transposeB: true })]);
  }
}

/**
 * Orthonormal columns: the axes, a random basis, or in between H R(angle) H^T, where R turns coordinates 2i
 * and 2i + 1.
 */
function basis(d: number, rotated: boolean | number, rng: Rng): Matrix {
  if (rotated === false || rotated === 0) return Matrix.identity(d);
  const random = haarOrthogonal(d, { rng });
  if (rotated === true) return random;
  const angle = rotated * Math.PI / 180;
  const turn = Matrix.from(d, d, (i, j) => {
    if (i === j) return (i | 1) < d ? Math.cos(angle) : 1;
    return (i ^ 1) === j ? (i < j ? -1 : 1) * Math.sin(angle) : 0;
  });
  return matmul(matmul(random, turn), random, { transposeB: true });
}

/** Cross-entropy of each column against its own index, and (softmax - I) diag(p). */
function crossEntropyColumns(
  logits: Matrix,
  frequency: readonly number[],
): { losses: number[]; errors: Matrix } {
  const d = logits.rows;
  const { data } = logits;
  const errors = Matrix.zeros(d, d);
  const softmax = errors.data;
  const max = new Float64Array(d).fill(-Infinity);
  const sum = new Float64Array(d);
  // Row by row, as the numbers lie in memory; each exponential once.
  for (let at = 0; at < d * d; at += d) {
    for (let k = 0; k < d; k++) max[k] = Math.max(max[k], data[at + k]);
  }
  for (let at = 0; at < d * d; at += d) {
    for (let k = 0; k < d; k++) sum[k] += softmax[at + k] = Math.exp(data[at + k] - max[k]);
  }
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < d; k++) {
      softmax[i * d + k] = frequency[k] * (softmax[i * d + k] / sum[k] - (i === k ? 1 : 0));
    }
  }
  const losses = Array.from(sum, (sum, k) => Math.log(sum) + max[k] - data[k * d + k]);
  return { losses, errors };
}
