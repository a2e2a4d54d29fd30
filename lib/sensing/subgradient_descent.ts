import {
  euclideanNorm,
  type IterationOutcome,
  Matrix,
  requireFinite,
  requireFunction,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumber,
  requireOneOf,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { gram, matmul } from "../blas/mod.ts";
import { eigh, frobeniusNorm } from "../linalg/mod.ts";
import { requireFactor, requireFiniteMatrix, requireRecord, requireSquare } from "./check.ts";
import { diverged, hasDiverged, normFromMeasurements } from "./divergence.ts";
import type { MeasurementOperator } from "./measurement_operator.ts";
import {
  expectedAbsolute,
  expectedSquare,
  type MeasurementNoise,
  requireNoise,
  signRipScale,
} from "./noise.ts";
import { recordingSteps } from "./recording_steps.ts";
import { requireStepRule, stepLength, type StepRule } from "./step_rule.ts";

/** What both forms of the sub-gradient method share. */
export interface SubgradientOptions {
  /** Start, d x k. */
  u0: Matrix;
  /** How long the steps are. */
  step: StepRule;
  /** How many steps. */
  steps: number;
  /**
   * Steps at which error and loss are recorded, in any order; 0 is the start. Default {@linkcode
   * recordingSteps}`(steps)`.
   */
  record?: readonly number[];
  /** Called with the step and the factor at every record; the factor must not be changed. */
  onRecord?: (step: number, u: Matrix) => void;
}

/** The names of {@linkcode SubgradientOptions}, for checks. */
const COMMON_OPTIONS = ["u0", "step", "steps", "record", "onRecord"] as const;

/** Options of {@linkcode subgradientDescent}. */
export interface SubgradientDescentOptions extends SubgradientOptions {
  /** Measurements of symmetric matrices; entries of `A_i` have variance 1, so pass `scale: 1`. */
  operator: MeasurementOperator;
  /** What was measured, length m. */
  y: Float64Array;
  /** `absolute` (default) is robust; `squared` is the gradient method that outliers break. */
  loss?: "absolute" | "squared";
  /** The target, for errors to be recorded. */
  truth?: Matrix;
}

/** Options of {@linkcode populationSubgradientDescent}. */
export interface PopulationSubgradientOptions extends SubgradientOptions {
  /** The symmetric target, d x d. */
  truth: Matrix;
  /** Noise of the measurements. Default: none. */
  noise?: MeasurementNoise;
}

/** The course and the end of a run. */
export interface SubgradientTrace extends IterationOutcome {
  /** Recorded steps. */
  steps: number[];
  /** `||U U^T - truth||_F` at those; empty without a truth. */
  errors: number[];
  /**
   * `||A(U U^T) - y||` at those; with infinitely many measurements, the root of the expected squared residual
   * of one.
   */
  residuals: number[];
  /** `sum |residual| / 2m` at those, or `sum residual^2 / 4m` for the squared loss. */
  losses: number[];
  /** The factor at the end, d x k. */
  u: Matrix;
  /**
   * `"finished"`, or `"diverged"` if an entry of the factor became NaN or grew beyond 1e8 times the size of
   * the start and of the target's factor; the run ends there, with the factor before.
   */
  status: "finished" | "diverged";
  /** The last step that was taken. */
  lastStep: number;
}

/**
 * A small start in the right directions: with `C = A*(sign(y)) / m`, whose mean is a multiple of the target,
 * `alpha` times the best factor of rank `rank`, `v_j sqrt(max(w_j, 0))` over the top eigenpairs of C (Ma &
 * Fattahi 2022, algorithm 1).
 *
 * @param operator Measurements of symmetric matrices.
 * @param y What was measured, one number per measurement.
 * @param rank Columns of the start.
 * @param alpha Its scale.
 * @returns d x rank.
 * @throws {RangeError} if the rank is not from 1 to d, alpha not positive, or `y` has not one finite number
 * per measurement.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { explicitOperator, signSpectralStart } from "refigure/sensing";
 * import { assertEquals } from "@std/assert";
 *
 * // C = diag(1, -1): the negative direction is dropped.
 * const operator = explicitOperator({ matrices: [Matrix.diagonal([1, -1])] });
 * const u = signSpectralStart(operator, new Float64Array([5]), 2, 0.1);
 * assertEquals(u.toRows().map((row) => row.map(Math.abs)), [[0.1, 0], [0, 0]]);
 * ```
 */
export function signSpectralStart(
  operator: MeasurementOperator,
  y: Float64Array,
  rank: number,
  alpha: number,
): Matrix {
  requireSquare(operator);
  const d = operator.rows;
  requireInteger("rank", rank, { min: 1, max: d });
  requireNumber("alpha", alpha, { above: 0 });
  requireLength("y", requireRealArray("y", y, "float64"), operator.measurements);
  requireFinite("Cannot start from `y`", y);
  const sum = operator.adjoint(y.map(Math.sign));
  const { values, vectors } = eigh(symmetricPart(sum).times(1 / operator.measurements));
  return Matrix.from(
    d,
    rank,
    (i, j) => alpha * Math.sqrt(Math.max(values[d - 1 - j], 0)) * vectors.get(i, d - 1 - j),
  );
}

/**
 * The sub-gradient method on the symmetric model with an absolute loss, `f(U) = sum_i |<A_i, U U^T> - y_i| /
 * 2m`: `U <- U - step_t (1/m) sum_i sign(<A_i, U U^T> - y_i) sym(A_i) U`. Started small it finds a low-rank
 * target although U has more columns than its rank and many measurements are arbitrarily wrong (Ma & Fattahi
 * 2022). One pass over the measurements per step.
 *
 * @throws {RangeError} if a size does not fit, an entry is not finite, or an option is out of range.
 * @throws {TypeError} if an option, the loss or the kind of steps is unknown.
 *
 * @example
 * ```ts
 * import { Matrix, Rng } from "refigure/arrays";
 * import { corrupt, signSpectralStart, subgradientDescent } from "refigure/sensing";
 * import { symmetricGaussianOperator } from "refigure/sensing";
 * import { assert } from "@std/assert";
 *
 * // A fifth of 200 measurements is off by a billion, and the rank is not given.
 * const rng = new Rng(0);
 * const truth = Matrix.diagonal([1, 0, 0, 0, 0]);
 * const operator = symmetricGaussianOperator({ rows: 5, measurements: 200, scale: 1, rng });
 * const y = corrupt(operator.apply(truth), { outlierProbability: 0.2, outlier: () => 1e9, rng });
 * const { errors } = subgradientDescent({
 *   operator,
 *   y,
 *   truth,
 *   u0: signSpectralStart(operator, y, 5, 1e-4),
 *   step: { kind: "geometric", first: 0.3, decay: 0.985 },
 *   steps: 1200,
 * });
 * assert(errors[errors.length - 1] < 1e-5);
 * ```
 */
export function subgradientDescent(options: SubgradientDescentOptions): SubgradientTrace {
  requireOptions("options", options, [...COMMON_OPTIONS, "operator", "y", "loss", "truth"]);
  const { operator, y, step, loss = "absolute", truth } = options;
  requireSquare(operator);
  const m = operator.measurements;
  requireLength("y", requireRealArray("y", y, "float64"), m);
  requireFinite("Cannot fit `y`", y);
  requireOneOf("loss", loss, ["absolute", "squared"]);
  const score = loss === "absolute" ? Math.sign : undefined;
  return descend(options, operator.rows, truth, Math.sqrt(normFromMeasurements(operator, y)), (u, t) => {
    const { gradient, norm, absolute } = operator.residualAdjoint(outer(u), y, { score });
    return {
      residual: norm,
      loss: loss === "absolute" ? absolute / (2 * m) : norm ** 2 / (4 * m),
      next: () => u.plus(matmul(symmetricPart(gradient), u), -stepLength(step, t, absolute / m) / m),
    };
  });
}

/**
 * The sub-gradient method with infinitely many Gaussian measurements: its direction is `phi(||D||) D U /
 * ||D||` with `D = U U^T - truth` and phi of {@linkcode signRipScale}. The exact reference for {@linkcode
 * subgradientDescent}.
 *
 * @throws {RangeError} if a size does not fit, an entry is not finite, or an option is out of range.
 * @throws {TypeError} if an option, the kind of noise or the kind of steps is unknown.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { populationSubgradientDescent } from "refigure/sensing";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // One number: u <- u (1 - 0.1 sqrt(2/pi) sign(u^2 - 1)).
 * const { u } = populationSubgradientDescent({
 *   truth: Matrix.identity(1),
 *   u0: Matrix.fromRows([[0.5]]),
 *   step: { kind: "constant", size: 0.1 },
 *   steps: 1,
 * });
 * assertAlmostEquals(u.get(0, 0), 0.5 * (1 + 0.1 * Math.sqrt(2 / Math.PI)), 1e-15);
 * ```
 */
export function populationSubgradientDescent(options: PopulationSubgradientOptions): SubgradientTrace {
  requireOptions("options", options, [...COMMON_OPTIONS, "truth", "noise"]);
  const { truth, step, noise } = options;
  requireMatrix("truth", truth);
  if (noise !== undefined) requireNoise(noise);
  return descend(options, truth.rows, truth, 0, (u, t) => {
    const difference = outer(u).plus(truth, -1);
    const norm = frobeniusNorm(difference);
    const absolute = expectedAbsolute(norm, noise);
    const size = stepLength(step, t, absolute) * (norm === 0 ? 0 : signRipScale(norm, noise) / norm);
    return {
      residual: Math.sqrt(expectedSquare(norm, noise)),
      loss: absolute / 2,
      next: () => u.plus(matmul(difference, u), -size),
    };
  });
}

/** The objective at one factor, and the step from it. */
interface Evaluation {
  residual: number;
  loss: number;
  /** The factor after a step from here. */
  next: () => Matrix;
}

/**
 * Takes and records the steps, until one diverges relative to the start and to `root`, the target's factor.
 */
function descend(
  options: SubgradientOptions,
  d: number,
  truth: Matrix | undefined,
  root: number,
  evaluate: (u: Matrix, t: number) => Evaluation,
): SubgradientTrace {
  const { u0, step, steps, onRecord } = options;
  requireStepRule(step);
  requireInteger("steps", steps);
  requireFactor("u0", u0, d);
  if (onRecord !== undefined) requireFunction("onRecord", onRecord);
  if (truth !== undefined) {
    requireFiniteMatrix("truth", truth, "Cannot compare with");
    if (truth.rows !== d || truth.columns !== d) {
      throw new RangeError(`\`truth\` must be ${d} x ${d}, got ${truth.rows} x ${truth.columns}`);
    }
  }
  const { record: wanted = recordingSteps(steps) } = options;
  const record = requireRecord(wanted);
  const size = truth === undefined ? root : Math.sqrt(euclideanNorm(truth.data));
  const scale = Math.max(euclideanNorm(u0.data), size);
  const trace: SubgradientTrace = {
    steps: [],
    errors: [],
    residuals: [],
    losses: [],
    u: u0,
    status: "finished",
    advice: null,
    lastStep: 0,
  };
  for (let t = 0; t <= steps; t++) {
    if (t === steps && !record.has(t)) break;
    const { residual, loss, next } = evaluate(trace.u, t);
    if (record.has(t)) {
      trace.steps.push(t);
      trace.residuals.push(residual);
      trace.losses.push(loss);
      if (truth !== undefined) trace.errors.push(frobeniusNorm(outer(trace.u).plus(truth, -1)));
      onRecord?.(t, trace.u);
    }
    if (t === steps) break;
    const u = next();
    if (hasDiverged(u.data, scale)) {
      Object.assign(trace, diverged(t + 1, "the steps of `step`"));
      break;
    }
    trace.u = u;
    trace.lastStep = t + 1;
  }
  return trace;
}

const outer = (u: Matrix): Matrix => gram(u, { side: "right" });

function symmetricPart(m: Matrix): Matrix {
  const out = m.clone();
  const n = m.rows;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      out.data[i * n + j] = out.data[j * n + i] = (m.data[i * n + j] + m.data[j * n + i]) / 2;
    }
  }
  return out;
}
