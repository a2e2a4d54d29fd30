import {
  euclideanNorm,
  type IterationOutcome,
  Matrix,
  requireFinite,
  requireFunction,
  requireInteger,
  requireLength,
  requireNumber,
  requireOptions,
  requireRealArray,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { frobeniusNorm } from "../linalg/mod.ts";
import {
  requireFactor,
  requireFiniteMatrix,
  requireOperator,
  requireRecord,
  requireSquare,
} from "./check.ts";
import { diverged, hasDiverged, normFromMeasurements } from "./divergence.ts";
import { type Factors, rebalanceFactors } from "./factors.ts";
import { type LowRank, lowRank, lowRankStep } from "./low_rank_step.ts";
import type { MeasurementOperator } from "./measurement_operator.ts";
import { recordingSteps } from "./recording_steps.ts";
import { reduceToSubspace } from "./subspace.ts";

/**
 * What is to be recovered: the matrix itself, in which case errors are known, or only its measurements. Not
 * both.
 */
export type RecoveryTarget = { matrix: Matrix } | { measurements: Float64Array };

/** Options that both forms of gradient descent share. */
export interface GradientDescentOptions {
  /** The measurements; {@linkcode populationOperator} for infinitely many. */
  operator: MeasurementOperator;
  /** What is to be recovered. */
  target: RecoveryTarget;
  /** Step size; stable below about `1 / (4 sigma_1)` of the target. */
  stepSize: number;
  /** How many steps. */
  steps: number;
  /**
   * Steps after which error and loss are recorded, in any order; 0 is the start. Default {@linkcode
   * recordingSteps}`(steps)`.
   */
  record?: readonly number[];
  /** Called with the step at every record. */
  onRecord?: (step: number) => void;
}

/** The names of {@linkcode GradientDescentOptions}, for checks. */
const COMMON_OPTIONS = ["operator", "target", "stepSize", "steps", "record", "onRecord"] as const;

/** Options of {@linkcode symmetricGradientDescent}. */
export interface SymmetricGradientDescentOptions extends GradientDescentOptions {
  /** Start, n x k. */
  x0: Matrix;
}

/** Options of {@linkcode asymmetricGradientDescent}. */
export interface AsymmetricGradientDescentOptions extends GradientDescentOptions {
  /** Start of the left factor, rows x k. */
  f0: Matrix;
  /** Start of the right factor, columns x k. */
  g0: Matrix;
  /**
   * Rebalance once, when `||A(f g^T) - y||` first is at most `tolerance`; see {@linkcode rebalanceFactors}.
   */
  rebalance?: { tolerance: number; beta: number };
}

/** The course and the end of a run. */
export interface DescentTrace extends IterationOutcome {
  /** Recorded steps. */
  steps: number[];
  /** `||f g^T - target||_F` at those; empty if only measurements were given. */
  errors: number[];
  /** `||A(f g^T) - y||` at those. */
  residuals: number[];
  /** The loss at those: half of the squared residual, a quarter of it for the symmetric model. */
  losses: number[];
  /** The factors at the end; for the symmetric model both are the same. */
  factors: Factors;
  /**
   * `"finished"`, or `"diverged"` if an entry of a factor became NaN or grew beyond 1e8 times the size of the
   * start and of the target's factors; the run ends there, with the factors before.
   */
  status: "finished" | "diverged";
  /** The last step that was taken. */
  lastStep: number;
  /** The step at which the factors were rebalanced. */
  rebalancedAt?: number;
}

/**
 * Gradient descent on the symmetric model `X X^T` with the loss `||A(X X^T) - y||^2 / 4`:
 * `X <- X - stepSize sym(A*(A(X X^T) - y)) X` (Xiong, Ding & Du 2023, section 3). With more columns than the
 * target's rank it converges only like `1 / steps`.
 *
 * @throws {RangeError} if a size does not fit, an entry is not finite, or an option is out of range.
 * @throws {TypeError} if an option is unknown, or the target has both a matrix and measurements.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { populationOperator, symmetricGradientDescent } from "refigure/sensing";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // One number towards 0: x <- x - 0.1 x^3.
 * const { errors } = symmetricGradientDescent({
 *   operator: populationOperator(1),
 *   target: { matrix: Matrix.zeros(1, 1) },
 *   x0: Matrix.fromRows([[0.5]]),
 *   stepSize: 0.1,
 *   steps: 10,
 *   record: [1, 10],
 * });
 * assertAlmostEquals(errors[0], 0.23765625, 1e-15);
 * assertAlmostEquals(errors[1], 0.1649209342845056, 1e-15);
 * ```
 */
export function symmetricGradientDescent(options: SymmetricGradientDescentOptions): DescentTrace {
  requireOptions("options", options, [...COMMON_OPTIONS, "x0"]);
  const { x0, operator } = options;
  requireSquare(operator);
  requireFactor("x0", x0, operator.rows);
  return descend(options, { f: x0, g: x0 }, true);
}

/**
 * Gradient descent on the asymmetric model `F G^T` with the loss `||A(F G^T) - y||^2 / 2`, both factors at
 * once: `F <- F - stepSize M G`, `G <- G - stepSize M^T F` with `M = A*(A(F G^T) - y)` (Xiong, Ding & Du
 * 2023, section 4).
 *
 * @throws {RangeError} if a size does not fit, an entry is not finite, or an option is out of range.
 * @throws {TypeError} if an option is unknown, or the target has both a matrix and measurements.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { asymmetricGradientDescent, populationOperator } from "refigure/sensing";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Two numbers whose product goes to 0.
 * const { errors } = asymmetricGradientDescent({
 *   operator: populationOperator(1),
 *   target: { matrix: Matrix.zeros(1, 1) },
 *   f0: Matrix.fromRows([[1 / 2]]),
 *   g0: Matrix.fromRows([[1 / 6]]),
 *   stepSize: 0.1,
 *   steps: 1,
 *   record: [1],
 * });
 * assertAlmostEquals(errors[0], 0.08102430555555556, 1e-15);
 * ```
 */
export function asymmetricGradientDescent(options: AsymmetricGradientDescentOptions): DescentTrace {
  requireOptions("options", options, [...COMMON_OPTIONS, "f0", "g0", "rebalance"]);
  const { f0, g0, operator, rebalance } = options;
  requireOperator(operator);
  requireFactor("f0", f0, operator.rows);
  requireFactor("g0", g0, operator.columns);
  if (f0.columns !== g0.columns) {
    throw new RangeError(`\`g0\` must have ${f0.columns} columns as \`f0\` has, got ${g0.columns}`);
  }
  if (rebalance !== undefined) {
    requireOptions("rebalance", rebalance, ["tolerance", "beta"]);
    requireNumber("rebalance.tolerance", rebalance.tolerance, { min: 0 });
    requireNumber("rebalance.beta", rebalance.beta, { above: 0 });
  }
  return descend(options, { f: f0, g: g0 }, false, rebalance);
}

/** The objective, as a function of both factors. */
interface Problem {
  /** `||A(f g^T) - y||`. */
  residual(factors: Factors): number;
  /** `||f g^T - target||_F`, where the target is known. */
  error?(factors: Factors): number;
  /** Both factors after one simultaneous step. */
  step(factors: Factors): Factors;
}

/** Fewer steps than this are cheaper without a change of basis. */
const REDUCED_FROM = 10;

function descend(
  options: GradientDescentOptions,
  start: Factors,
  symmetric: boolean,
  rebalance?: { tolerance: number; beta: number },
): DescentTrace {
  const { steps, stepSize, operator, target, onRecord } = options;
  requireInteger("steps", steps);
  const { record = recordingSteps(steps) } = options;
  requireNumber("stepSize", stepSize, { above: 0 });
  if (onRecord !== undefined) requireFunction("onRecord", onRecord);
  requireTarget(target, operator);
  const run: Run = {
    record: requireRecord(record),
    symmetric,
    rebalance,
    scale: scaleOf(options, start, rebalance),
  };
  if (steps >= REDUCED_FROM && "matrix" in target && !Number.isFinite(operator.measurements)) {
    const reduced = reduceToSubspace(target.matrix, start, symmetric);
    if (reduced !== undefined) {
      const inside = population(reduced.target, stepSize, symmetric);
      const trace = iterate(options, inside, reduced.start, run);
      return { ...trace, factors: reduced.expand(trace.factors) };
    }
  }
  return iterate(options, problemOf(options, symmetric), start, run);
}

/** What {@linkcode iterate} needs beside the options. */
interface Run {
  /** Steps to record. */
  record: Set<number>;
  symmetric: boolean;
  rebalance?: { tolerance: number; beta: number };
  /** The size of the start and of the target's factors, by which divergence is judged. */
  scale: number;
}

/** The size of the start, of the root of the target, and of its factors once rebalanced. */
function scaleOf(
  { operator, target }: GradientDescentOptions,
  start: Factors,
  rebalance: Run["rebalance"],
): number {
  const norm = "matrix" in target
    ? euclideanNorm(target.matrix.data)
    : normFromMeasurements(operator, target.measurements);
  const scale = Math.max(euclideanNorm(start.f.data), euclideanNorm(start.g.data), Math.sqrt(norm));
  return rebalance === undefined ? scale : Math.max(scale, rebalance.beta, norm / rebalance.beta);
}

function requireTarget(target: RecoveryTarget, operator: MeasurementOperator): void {
  requireOptions("target", target, ["matrix", "measurements"]);
  const { matrix, measurements } = target as { matrix?: Matrix; measurements?: Float64Array };
  if ((matrix === undefined) === (measurements === undefined)) {
    throw new TypeError(
      `\`target\` must have a \`matrix\` or \`measurements\`, got ${
        matrix === undefined ? "neither" : "both"
      }`,
    );
  }
  if (matrix !== undefined) {
    requireFiniteMatrix("target.matrix", matrix, "Cannot recover");
    const { rows, columns } = operator;
    if (matrix.rows !== rows || matrix.columns !== columns) {
      throw new RangeError(
        `\`target.matrix\` must be ${rows} x ${columns}, got ${matrix.rows} x ${matrix.columns}`,
      );
    }
  } else if (measurements !== undefined) {
    requireRealArray("target.measurements", measurements, "float64");
    requireLength("target.measurements", measurements, operator.measurements);
    requireFinite("Cannot fit `target.measurements`", measurements);
  }
}

function iterate(
  options: GradientDescentOptions,
  problem: Problem,
  start: Factors,
  run: Run,
): DescentTrace {
  const { steps, onRecord } = options;
  const { record, symmetric, rebalance, scale } = run;
  const trace: DescentTrace = {
    steps: [],
    errors: [],
    residuals: [],
    losses: [],
    factors: start,
    status: "finished",
    advice: null,
    lastStep: 0,
  };
  let factors = start;
  for (let t = 0; t <= steps; t++) {
    if (record.has(t)) {
      const residual = problem.residual(factors);
      trace.steps.push(t);
      trace.residuals.push(residual);
      trace.losses.push(residual * residual / (symmetric ? 4 : 2));
      if (problem.error) trace.errors.push(problem.error(factors));
      onRecord?.(t);
    }
    trace.factors = factors;
    trace.lastStep = t;
    if (t === steps) break;
    if (rebalance && trace.rebalancedAt === undefined && problem.residual(factors) <= rebalance.tolerance) {
      factors = rebalanceFactors(factors.f, factors.g, rebalance.beta);
      trace.rebalancedAt = t;
    }
    factors = problem.step(factors);
    if (hasDiverged(factors.f.data, scale) || hasDiverged(factors.g.data, scale)) {
      Object.assign(trace, diverged(t + 1, "`stepSize`"));
      break;
    }
  }
  return trace;
}

function problemOf(options: GradientDescentOptions, symmetric: boolean): Problem {
  const { operator, target, stepSize } = options;
  if ("matrix" in target) {
    const { matrix } = target;
    return Number.isFinite(operator.measurements)
      ? knownTarget(operator, matrix, stepSize, symmetric)
      : population(lowRank(matrix), stepSize, symmetric);
  }
  return {
    residual: ({ f, g }) => operator.residualAdjoint(product(f, g), target.measurements).norm,
    step: (factors) =>
      move(
        factors,
        operator.residualAdjoint(product(factors.f, factors.g), target.measurements).gradient,
        stepSize,
        symmetric,
      ),
  };
}

/** With the target known, the gradient is `A* A (f g^T - target)`: no digits are lost near the solution. */
function knownTarget(
  operator: MeasurementOperator,
  target: Matrix,
  stepSize: number,
  symmetric: boolean,
): Problem {
  const difference = ({ f, g }: Factors) => product(f, g).plus(target, -1);
  return {
    residual(factors) {
      const d = difference(factors);
      const normal = operator.normal(d);
      let sum = 0;
      for (let i = 0; i < d.data.length; i++) sum += d.data[i] * normal.data[i];
      return Math.sqrt(Math.max(0, sum));
    },
    error: (factors) => frobeniusNorm(difference(factors)),
    step: (factors) => move(factors, operator.normal(difference(factors)), stepSize, symmetric),
  };
}

/** Infinitely many measurements: the gradient is `f g^T - target` itself, and never formed. */
function population({ left, right }: LowRank, stepSize: number, symmetric: boolean): Problem {
  const r = left.columns;
  const target = product(left, right);
  // The other factor sees the transposed target, whose singular values have to stand on the other side.
  const scale = Float64Array.from({ length: r }, (_, j) => euclideanNorm(left.column(j)));
  const leftT = right.map((x, _, j) => x * scale[j]);
  const rightT = left.map((x, _, j) => x / scale[j]);
  const error = ({ f, g }: Factors) => frobeniusNorm(product(f, g).plus(target, -1));
  let scratch = new Float64Array(0);
  // Two matrices a factor, in turn: a new one for every step costs half as much as the step itself.
  const turns = (): (x: Matrix) => Matrix => {
    let pair: [Matrix, Matrix] | undefined;
    return (x) => {
      pair ??= [Matrix.zeros(x.rows, x.columns), Matrix.zeros(x.rows, x.columns)];
      return x === pair[0] ? pair[1] : pair[0];
    };
  };
  const nextF = turns();
  const nextG = turns();
  const moved = (x: Matrix, y: Matrix, l: Matrix, v: Matrix, out: Matrix) => {
    const k = x.columns;
    if (scratch.length < (k + r) * k) scratch = new Float64Array((k + r) * k);
    lowRankStep(x.rows, y.rows, k, r, x.data, y.data, l.data, v.data, stepSize, out.data, scratch);
    return out;
  };
  return {
    residual: error,
    error,
    step({ f, g }) {
      const next = moved(f, g, left, right, nextF(f));
      return { f: next, g: symmetric ? next : moved(g, f, leftT, rightT, nextG(g)) };
    },
  };
}

/** One step along the gradient of the product; both right-hand sides see the old factors. */
function move({ f, g }: Factors, gradient: Matrix, stepSize: number, symmetric: boolean): Factors {
  if (symmetric) {
    const sym = gradient.plus(gradient.transpose()).map((x) => x / 2);
    const next = f.plus(matmul(sym, f), -stepSize);
    return { f: next, g: next };
  }
  return {
    f: f.plus(matmul(gradient, g), -stepSize),
    g: g.plus(matmul(gradient, f, { transposeA: true }), -stepSize),
  };
}

function product(f: Matrix, g: Matrix): Matrix {
  return matmul(f, g, { transposeB: true });
}
