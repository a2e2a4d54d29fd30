import {
  Matrix,
  requireFunction,
  requireInteger,
  requireNumbers,
  requireOneOf,
  requireOptions,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { digits } from "../datasets/mod.ts";
import {
  adamwUpdates,
  constantThenLinear,
  type GradientTransformation,
  MatrixOptimizer,
  type Parameter,
} from "../optimizers/mod.ts";
import { Mlp } from "./mlp.ts";

/** Images of the training set. */
const TRAINING_IMAGES = 1297;

/** One step of {@linkcode trainOnDigits}. */
export interface DigitsStep {
  /** Step just taken, from 1. */
  step: number;
  /** Loss of the batch before the step. */
  batchLoss: number;
  /** Gradients that the optimizer saw, of the tested matrices only. */
  gradients: Matrix[];
  /** What was added to the tested matrices. */
  updates: Matrix[];
}

/** Options of {@linkcode trainOnDigits}. */
export interface DigitsTraining {
  /** Transformation of the tested matrices (all weights but the head), learning rate included. */
  optimizer: GradientTransformation;
  /** Hidden layer sizes. Default `[64, 64, 64]`. */
  hidden?: readonly number[];
  /** Nonlinearity. Default `"relu"` with He start; `"tanh"` starts with sqrt(1 / fan-in). */
  activation?: "relu" | "tanh";
  /** Steps. Default 100. */
  steps?: number;
  /** Examples per batch, drawn with replacement. Default 128. */
  batch?: number;
  /** Changes the gradients of the tested matrices before the optimizer sees them (outliers, noise). */
  corrupt?: (gradients: Matrix[], rng: Rng) => void;
  /** Called after every step. */
  onStep?: (step: DigitsStep) => void;
  /** Stream of the start, of the batches and of `corrupt`. */
  rng: Rng;
}

/**
 * Trains a small network on real handwritten digits: the training problem that all optimizer notebooks share.
 *
 * 64-64-64-64-10, first 1,297 images, batches of 128 with replacement, 100 steps. The tested transformation
 * steps the hidden matrices; head and biases get Adam at 3e-3 with the learning rate constant for half of the
 * run, then linear to zero. Equal `rng` means equal start and equal batches, whatever the optimizer.
 *
 * @returns The full-training-set loss (nats) and the test error (fraction) after the last step.
 * @throws {RangeError} if a size is out of range.
 * @throws {TypeError} if an option or the activation is unknown.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { adamwUpdates } from "refigure/optimizers";
 * import { trainOnDigits } from "refigure/training";
 * import { assertLess } from "@std/assert";
 *
 * const optimizer = adamwUpdates({ learningRate: 0.01 });
 * const { loss } = trainOnDigits({ optimizer, steps: 20, rng: new Rng(0) });
 * assertLess(loss, 1);
 * ```
 */
export function trainOnDigits(options: DigitsTraining): { loss: number; testError: number } {
  requireOptions("options", options, [
    "optimizer",
    "hidden",
    "activation",
    "steps",
    "batch",
    "corrupt",
    "onStep",
    "rng",
  ]);
  const { optimizer, hidden = [64, 64, 64], activation = "relu", batch = 128, corrupt, onStep, rng } =
    options;
  const { steps = 100 } = options;
  requireInteger("steps", steps, { min: 1 });
  requireInteger("batch", batch, { min: 1 });
  requireNumbers("hidden", hidden);
  hidden.forEach((width, i) => requireInteger(`hidden[${i}]`, width, { min: 1 }));
  requireOneOf("activation", activation, ["relu", "tanh"]);
  requireRng("rng", rng);
  if (corrupt !== undefined) requireFunction("corrupt", corrupt);
  if (onStep !== undefined) requireFunction("onStep", onStep);
  const { images, labels } = digits();
  const widths = [64, ...hidden, 10];
  const net = new Mlp({
    widths,
    activation,
    init: activation === "relu" ? "he" : "fan-in",
    rng: rng.split("start"),
  });
  const parameter = (weights: Matrix, name: string): Parameter => ({ name, weights, outputs: "rows" });
  const tested = new MatrixOptimizer(
    net.weights.slice(0, -1).map((w, i) => parameter(w, `layer ${i}`)),
    optimizer,
  );
  const others = new MatrixOptimizer(
    [net.weights[hidden.length], ...net.biases].map((w, i) =>
      parameter(w, i === 0 ? "head" : `bias ${i - 1}`)
    ),
    adamwUpdates({ learningRate: constantThenLinear(3e-3, steps) }),
  );
  const batches = rng.split("batches");
  const noise = rng.split("corrupt");
  const x = Matrix.zeros(batch, 64);
  const y = new Int32Array(batch);
  for (let step = 1; step <= steps; step++) {
    for (let i = 0; i < batch; i++) {
      const k = batches.integer(TRAINING_IMAGES);
      x.data.set(images.row(k), 64 * i);
      y[i] = labels[k];
    }
    const { loss, weights, biases } = net.gradients(x, y);
    const gradients = weights.slice(0, -1);
    corrupt?.(gradients, noise);
    const updates = tested.step(gradients) as Matrix[];
    others.step([weights[hidden.length], ...biases]);
    onStep?.({ step, batchLoss: loss, gradients, updates });
  }
  const test = images.slice(TRAINING_IMAGES, images.rows);
  const testLabels = labels.slice(TRAINING_IMAGES);
  return {
    loss: net.loss(images.slice(0, TRAINING_IMAGES), labels.slice(0, TRAINING_IMAGES)),
    testError: net.errorRate(test, testLabels),
  };
}
