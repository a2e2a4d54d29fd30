import { Matrix, requireInteger, requireOptions, requireRng, type Rng } from "../arrays/mod.ts";

/** Trials of a task, for {@linkcode VanillaRnn}. */
export interface TrialBatch {
  /** Inputs; row `t batch + b` is step t of trial b. */
  x: Matrix<Float32Array>;
  /** The class at every row: 0 before the decision, 1 or 2 at the last step. */
  labels: Int32Array;
  /** Number of trials. */
  batch: number;
}

/** Options of the tasks. */
export interface TrialOptions {
  /** Number of trials. */
  batch: number;
  /** Where the trials come from. */
  rng: Rng;
}

/** Steps of 100 ms; the decision is made at the last one. */
const STEPS = 8;
const DECISION = STEPS - 1;

/** Standard deviation of the inputs' noise: 1 per square root of a millisecond, over 100 ms. */
const NOISE = 0.1;

function trialBatch(
  inputs: number,
  options: TrialOptions,
  fill: (rng: Rng, set: (t: number, input: number, value: number) => void) => number,
): TrialBatch {
  requireOptions("options", options, ["batch", "rng"]);
  const { batch, rng } = options;
  requireInteger("batch", batch, { min: 1 });
  requireRng("rng", rng);
  const x = new Matrix(STEPS * batch, inputs, new Float32Array(STEPS * batch * inputs));
  const labels = new Int32Array(STEPS * batch);
  for (let b = 0; b < batch; b++) {
    labels[DECISION * batch + b] = 1 + fill(rng, (t, input, value) => {
      x.data[(t * batch + b) * inputs + input] += value;
    });
  }
  return { x, labels, batch };
}

/**
 * Two-alternative forced choice: the label is the index of the larger of two noisy inputs. Inputs are
 * fixation (1 until the decision) and two stimuli `0.5 +- c/200` during seven steps, with the coherence c out
 * of 0, 6.4, 12.8, 25.6 and 51.2 per cent and independent noise of standard deviation 0.1 per step; at the
 * eighth step all inputs are 0 and the decision is due (neurogym 0.0.2, PerceptualDecisionMaking, with steps
 * of 100 ms).
 *
 * @throws {RangeError} if `batch` is not an integer of at least 1.
 * @throws {TypeError} if an option is unknown, or `rng` is not a stream.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { perceptualDecision } from "refigure/recurrent";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const { x, labels } = perceptualDecision({ batch: 5, rng: new Rng(1) });
 * assertEquals([x.rows, x.columns], [40, 3]);
 * assert(labels.subarray(35).every((label) => label === 1 || label === 2));
 * ```
 */
export function perceptualDecision(options: TrialOptions): TrialBatch {
  return trialBatch(3, options, (rng, set) => {
    const side = rng.integer(2);
    const coherence = COHERENCES[rng.integer(5)];
    for (let t = 0; t < DECISION; t++) {
      set(t, 0, 1);
      for (let i = 0; i < 2; i++) {
        set(t, 1 + i, 0.5 + (i === side ? 1 : -1) * coherence / 200 + NOISE * rng.normal());
      }
    }
    return side;
  });
}

const COHERENCES = [0, 6.4, 12.8, 25.6, 51.2];

/**
 * Delayed match to sample: whether two stimuli, six steps apart, are the same (label 1) or not (label 2). A
 * stimulus sets one of two inputs to 1, with noise of standard deviation 0.1 on both; the fixation input is 1
 * during the stimuli and in between (neurogym 0.0.2, DelayMatchSample).
 *
 * @throws {RangeError} if `batch` is not an integer of at least 1.
 * @throws {TypeError} if an option is unknown, or `rng` is not a stream.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { delayMatchSample } from "refigure/recurrent";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { x } = delayMatchSample({ batch: 1, rng: new Rng(1) });
 * assertAlmostEquals(x.get(0, 1) + x.get(0, 2), 1, 0.6);
 * assertAlmostEquals(x.get(3, 0), 1);
 * ```
 */
export function delayMatchSample(options: TrialOptions): TrialBatch {
  return trialBatch(3, options, (rng, set) => {
    const sample = rng.integer(2);
    const differs = rng.integer(2);
    for (let t = 0; t < DECISION; t++) set(t, 0, 1);
    for (const [t, shown] of [[0, sample], [DECISION - 1, sample ^ differs]]) {
      for (let i = 0; i < 2; i++) set(t, 1 + i, (i === shown ? 1 : 0) + NOISE * rng.normal());
    }
    return differs;
  });
}

/**
 * Context-dependent decision: two modalities, each with two noisy inputs `(1 +- c/100)/2`, c out of 5, 15 and
 * 50, for two steps; two context inputs, on at all steps, say which modality decides. Seven
 * inputs: fixation, the first modality's two, the second's two, and the context's two; noise of 0.1 on all of
 * them during the stimulus (neurogym 0.0.2, ContextDecisionMaking).
 *
 * @throws {RangeError} if `batch` is not an integer of at least 1.
 * @throws {TypeError} if an option is unknown, or `rng` is not a stream.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { contextDecision } from "refigure/recurrent";
 * import { assertEquals } from "@std/assert";
 *
 * const { x } = contextDecision({ batch: 1, rng: new Rng(1) });
 * assertEquals(x.get(7, 5) + x.get(7, 6), 1);
 * ```
 */
export function contextDecision(options: TrialOptions): TrialBatch {
  const coherences = [5, 15, 50];
  return trialBatch(7, options, (rng, set) => {
    const context = rng.integer(2);
    const sides = [rng.integer(2), rng.integer(2)];
    const sizes = sides.map(() => coherences[rng.integer(3)]);
    for (let t = 0; t < STEPS; t++) {
      set(t, 5 + context, 1);
      if (t < DECISION) set(t, 0, 1);
    }
    for (let t = 0; t < 2; t++) {
      for (let input = 0; input < 7; input++) set(t, input, NOISE * rng.normal());
      for (let modality = 0; modality < 2; modality++) {
        for (let i = 0; i < 2; i++) {
          set(t, 1 + 2 * modality + i, (1 + (i === sides[modality] ? 1 : -1) * sizes[modality] / 100) / 2);
        }
      }
    }
    return sides[context];
  });
}
