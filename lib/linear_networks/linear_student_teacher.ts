import {
  euclideanNorm,
  type IterationOutcome,
  Matrix,
  requireFinite,
  requireInteger,
  requireLength,
  requireMatrix,
  requireNumber,
  requireNumbers,
  requireOptions,
} from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import { solveOde } from "../numerics/ode.ts";
import { linearTangentKernel } from "./student_teacher_alignment.ts";

/** Options of {@linkcode linearStudentTeacher}. */
export interface StudentTeacherOptions {
  /** First layer at the start, h x d. */
  w1: Matrix;
  /** Second layer at the start, h numbers. */
  w2: ArrayLike<number>;
  /** The teacher, d numbers. */
  beta: ArrayLike<number>;
  /** Training ends when `|beta - W1^T w2|` is below this share of `|beta|`. Default 1e-6. */
  tolerance?: number;
  /**
   * Relative tolerance of the solver; the absolute one is a hundredth of it for a teacher of norm 1.
   * Default 1e-7.
   */
  relativeTolerance?: number;
  /** Training ends at this time at the latest. Default 1e5 divided by the norm of the teacher. */
  maxTime?: number;
}

/** The end of training. */
export interface StudentTeacherRun extends IterationOutcome {
  /** First layer at the end, h x d. */
  w1: Matrix;
  /** Second layer at the end. */
  w2: Float64Array;
  /** When training ended. */
  time: number;
  /** `|beta - W1^T w2|` at the end. */
  residual: number;
  /**
   * `"converged"`; `"step-limit"` if `maxTime` or the solver's steps came first; `"step-too-small"` if the
   * solver gave up.
   */
  status: "converged" | "step-limit" | "step-too-small";
  /** Tangent kernel at the start, d x d. */
  k0: Matrix;
  /** Tangent kernel at the end, d x d. */
  kf: Matrix;
}

/**
 * Trains the two-layer linear network `f = w2^T W1 x` on a linear teacher `beta^T x` with white inputs, by
 * gradient flow on `|beta - W1^T w2|^2 / 2`: `dW1/dt = w2 e^T`, `dw2/dt = W1 e` with `e = beta - W1^T w2`
 * (the setting of Liu et al. 2023, section 4).
 *
 * A start of low rank whose rows are orthogonal to the teacher, with `w2 = 0`, is a saddle: nothing is
 * learned, and the run ends at `maxTime` with status `"step-limit"`. Starts of low rank are unstable: with
 * `|W1|` of 3 or more give them a small perturbation, or round-off decides where they go.
 *
 * @throws {RangeError} if sizes differ, an entry is not finite, or an option is out of range.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { isotropicAlignment, linearStudentTeacher } from "refigure/linear_networks";
 * import { kernelAlignment } from "refigure/tangent_kernels";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const start = { w1: Matrix.identity(4), w2: [0, 0, 0, 0] };
 * const { k0, kf } = linearStudentTeacher({ ...start, beta: [0.6, 0, 0.8, 0] });
 * assertAlmostEquals(kernelAlignment(k0, kf), isotropicAlignment({ d: 4, sigma: 2 }), 1e-6);
 * ```
 */
export function linearStudentTeacher(options: StudentTeacherOptions): StudentTeacherRun {
  requireOptions("options", options, ["w1", "w2", "beta", "tolerance", "relativeTolerance", "maxTime"]);
  const { w1, w2, beta, tolerance = 1e-6, relativeTolerance = 1e-7 } = options;
  requireMatrix("w1", w1);
  requireNumbers("w2", w2);
  requireNumbers("beta", beta);
  const h = w1.rows;
  const d = w1.columns;
  requireInteger("w1.rows", h, { min: 1 });
  requireLength("w2", w2, h);
  requireLength("beta", beta, d);
  requireFinite("Cannot train from `w1`", w1.data, d);
  requireFinite("Cannot train from `w2`", w2);
  requireFinite("Cannot learn `beta`", beta);
  requireNumber("tolerance", tolerance, { above: 0 });
  requireNumber("relativeTolerance", relativeTolerance, { above: 0 });
  const teacher = Float64Array.from(beta);
  const norm = euclideanNorm(teacher);
  // Powers of two near the units of the teacher and, its root, of the weights: 1 for a teacher of norm 1.
  const unit = norm === 0 ? 1 : 2 ** Math.round(Math.log2(norm));
  const weightUnit = norm === 0 ? 1 : 2 ** Math.round(Math.log2(norm) / 2);
  const { maxTime = 1e5 / unit } = options;
  requireNumber("maxTime", maxTime, { above: 0 });
  const wanted = tolerance * (norm === 0 ? 1 : norm);
  const e = new Float64Array(d);
  const error = (y: Float64Array) => {
    engine().gemv(true, h, d, y, d, y.subarray(h * d), e);
    let square = 0;
    for (let j = 0; j < d; j++) square += (e[j] = teacher[j] - e[j]) ** 2;
    return Math.sqrt(square);
  };
  const flow = (_t: number, y: Float64Array, dy: Float64Array) => {
    error(y);
    let k = 0;
    for (let i = 0; i < h; i++) {
      const out = y[h * d + i];
      let sum = 0;
      for (let j = 0; j < d; j++, k++) {
        dy[k] = out * e[j];
        sum += y[k] * e[j];
      }
      dy[h * d + i] = sum;
    }
  };
  let y: Float64Array = new Float64Array(h * d + h);
  let time = 0;
  y.set(w1.data);
  y.set(w2, h * d);
  let outcome: Pick<StudentTeacherRun, "status" | "advice"> = { status: "converged", advice: null };
  // In stretches, because the time at which the teacher is learned is not known in advance.
  while (error(y) > wanted) {
    if (time >= maxTime) {
      const advice = `The teacher is not learned at time ${maxTime}: raise \`maxTime\`, or perturb the start`;
      outcome = { status: "step-limit", advice };
      break;
    }
    const until = Math.min(maxTime, time + Math.max(1 / norm, time / 2));
    const solution = solveOde(flow, y, [time, until], {
      rtol: relativeTolerance,
      atol: relativeTolerance / 100 * weightUnit,
      maxSteps: 1_000_000,
    });
    if (solution.status !== "finished") {
      outcome = { status: solution.status, advice: solution.advice };
      break;
    }
    y = solution.states.row(1);
    time = until;
  }
  return {
    w1: new Matrix(h, d, y.slice(0, h * d)),
    w2: y.slice(h * d),
    time,
    residual: error(y),
    ...outcome,
    k0: linearTangentKernel(w1, w2),
    kf: linearTangentKernel(new Matrix(h, d, y.slice(0, h * d)), y.slice(h * d)),
  };
}
