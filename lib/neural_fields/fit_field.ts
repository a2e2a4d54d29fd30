import {
  allocate,
  describeValue,
  type DType,
  Matrix,
  type RealArray,
  requireFunction,
  requireInstance,
  requireInteger,
  requireLength,
  requireNumber,
  requireNumbers,
  requireOptions,
  requireRealArray,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { scaleByAdam } from "../optimizers/adam.ts";
import { IterativeField } from "./iterative_field.ts";

/** Points and whether they are inside. */
export interface LabelledPoints {
  /** Coordinates, one point after the other. */
  points: Float64Array;
  /** 0 inside, 1 outside, 0.5 on the surface. */
  labels: Float64Array;
}

/** Where the training is, for {@linkcode FitFieldOptions.learningRate} and `onStep`. */
export interface FieldStep {
  /** Steps taken. */
  step: number;
  /** Passes over the points that were completed, or with `steps` the number of the level. */
  epoch: number;
  /** Number of the level. */
  level: number;
}

/** Options of {@linkcode fitField}. */
export interface FitFieldOptions {
  /** Passes over the points, level by level; the last batch of a pass may be smaller. */
  epochs?: readonly number[];
  /** In place of `epochs`: steps, level by level, on points that are drawn with replacement. */
  steps?: readonly number[];
  /** Points per step. Default 2048. */
  batch?: number;
  /** How many levels, up to the present one, are trained on together. Default 3. */
  window?: number;
  /** A number, or a function of where the training is. Default: 0.01 times 0.9 after every 10 epochs. */
  learningRate?: number | ((at: FieldStep) => number);
  /** Added to the gradient is this times the parameters, as PyTorch's Adam does. Default 1e-3. */
  weightDecay?: number;
  /** Weight of the hinge. Default 1e-4. */
  hinge?: number;
  /** Length of a gradient from which on the hinge counts. Default 100. */
  alpha?: number;
  /** Called before every step with its loss. */
  onStep?: (at: FieldStep & { loss: number; crossEntropy: number; excess: number }) => void;
  /** Stream of the batches. */
  rng: Rng;
}

/**
 * Trains a field on labelled points with Adam, from coarse to fine: the points of level k are joined by those of
 * the levels before it, three levels in all (Sawdayee, Vaxman & Bermano 2023).
 *
 * @param field Its parameters are changed.
 * @param levels Points level by level, coarse ones first.
 * @param options How long, at which rates, and the stream.
 * @returns The mean loss of each level's steps.
 * @throws {RangeError} if a size does not fit, or a number is out of range or not finite.
 * @throws {TypeError} if an argument is of the wrong type, an option is unknown, or not exactly one of `epochs` and
 * `steps` is given.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { fitField, IterativeField } from "refigure/neural_fields";
 * import { assert } from "@std/assert";
 *
 * const rng = new Rng(0);
 * const points = Float64Array.from({ length: 200 }, () => rng.uniform(-1, 1));
 * const labels = points.map((x) => x < 0 ? 0 : 1);
 * const field = new IterativeField({ inputs: 1, width: 8, hiddenLayers: 1, state: 2, passes: 2, rng });
 * fitField(field, [{ points, labels }], { epochs: [50], batch: 50, rng });
 * const [left, right] = field.logits(Float64Array.of(-0.5, 0.5));
 * assert(left < 0 && right > 0);
 * ```
 */
export function fitField<Precision extends DType>(
  field: IterativeField<Precision>,
  levels: readonly LabelledPoints[],
  options: FitFieldOptions,
): { losses: Float64Array } {
  requireInstance("field", field, IterativeField as never);
  const checked = requireLevels(levels, field.inputs);
  requireOptions("options", options, [
    "epochs",
    "steps",
    "batch",
    "window",
    "learningRate",
    "weightDecay",
    "hinge",
    "alpha",
    "onStep",
    "rng",
  ]);
  const { epochs, steps, batch = 2048, window = 3, weightDecay = 1e-3, hinge = 1e-4, alpha = 100 } = options;
  const { onStep, learningRate = ({ epoch }: FieldStep) => 0.01 * 0.9 ** Math.floor(epoch / 10) } = options;
  if ((epochs === undefined) === (steps === undefined)) {
    throw new TypeError("`options` must have either `epochs` or `steps`");
  }
  const counts = requireNumbers(epochs === undefined ? "steps" : "epochs", (epochs ?? steps)!, {
    length: levels.length,
  });
  for (let k = 0; k < counts.length; k++) {
    requireInteger(`${epochs === undefined ? "steps" : "epochs"}[${k}]`, counts[k], { max: 1e7 });
  }
  requireInteger("batch", batch, { min: 1, max: 1e7 });
  requireInteger("window", window, { min: 1 });
  requireNumber("weightDecay", weightDecay, { min: 0 });
  if (typeof learningRate !== "function") requireNumber("learningRate", learningRate, { min: 0 });
  if (onStep !== undefined) requireFunction("onStep", onStep);
  const rng = requireRng("rng", options.rng);
  const { parameters, inputs, dtype } = field;
  const adam = scaleByAdam();
  const parameter = {
    name: "field",
    weights: new Matrix<RealArray>(1, parameters.length, parameters),
    outputs: "rows" as const,
  };
  const adamState = adam.init(parameter);
  const out = allocate(dtype, parameters.length);
  const losses = new Float64Array(levels.length);
  const place: FieldStep = { step: 0, epoch: 0, level: 0 };
  const takeStep = (points: Float64Array, labels: Float64Array) => {
    const { gradient, ...found } = field.lossAndGradient(points, labels, { hinge, alpha, out });
    onStep?.({ ...place, ...found });
    for (let k = 0; k < parameters.length; k++) gradient[k] += weightDecay * parameters[k];
    const direction =
      adam.update(new Matrix<RealArray>(1, gradient.length, gradient), adamState, parameter).data;
    const rate = typeof learningRate === "function"
      ? requireNumber("learningRate(...)", learningRate({ ...place }), { min: 0 })
      : learningRate;
    for (let k = 0; k < parameters.length; k++) parameters[k] -= rate * direction[k];
    place.step++;
    return found.loss;
  };
  for (let level = 0; level < levels.length; level++) {
    place.level = level;
    const { points, labels } = union(checked.slice(Math.max(0, level + 1 - window), level + 1));
    const size = labels.length;
    let sum = 0;
    let taken = 0;
    const stepOn = (chosen: (k: number) => number, count: number) => {
      const x = new Float64Array(inputs * count);
      const y = new Float64Array(count);
      for (let k = 0; k < count; k++) {
        const from = chosen(k);
        for (let a = 0; a < inputs; a++) x[inputs * k + a] = points[inputs * from + a];
        y[k] = labels[from];
      }
      sum += takeStep(x, y);
      taken++;
    };
    for (let round = 0; round < counts[level]; round++) {
      if (epochs === undefined) {
        place.epoch = level;
        stepOn(() => rng.integer(size), batch);
        continue;
      }
      const order = rng.permutation(size);
      for (let from = 0; from < size; from += batch) {
        stepOn((k) => order[from + k], Math.min(batch, size - from));
      }
      place.epoch++;
    }
    losses[level] = taken === 0 ? 0 : sum / taken;
  }
  return { losses };
}

function requireLevels(levels: readonly LabelledPoints[], inputs: number): readonly LabelledPoints[] {
  if (!Array.isArray(levels)) {
    throw new TypeError(`\`levels\` must be a list of { points, labels }, got ${describeValue(levels)}`);
  }
  if (levels.length === 0) throw new RangeError("`levels` must have at least 1 entry, got 0");
  levels.forEach((level, k) => {
    if (typeof level !== "object" || level === null) {
      throw new TypeError(`\`levels[${k}]\` must be { points, labels }, got ${describeValue(level)}`);
    }
    const { points, labels } = level;
    requireRealArray(`levels[${k}].points`, points, "float64");
    requireRealArray(`levels[${k}].labels`, labels, "float64");
    if (labels.length === 0) throw new RangeError(`\`levels[${k}]\` must have at least one point, got none`);
    requireLength(`levels[${k}].points`, points, inputs * labels.length);
  });
  return levels;
}

function union(levels: readonly LabelledPoints[]): LabelledPoints {
  const join = (lists: Float64Array[]) => {
    const out = new Float64Array(lists.reduce((sum, list) => sum + list.length, 0));
    let at = 0;
    for (const list of lists) {
      out.set(list, at);
      at += list.length;
    }
    return out;
  };
  return {
    points: join(levels.map(({ points }) => points)),
    labels: join(levels.map(({ labels }) => labels)),
  };
}
