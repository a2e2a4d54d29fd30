import {
  Matrix,
  requireBoolean,
  requireFinite,
  requireFunction,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOneOf,
  requireOptions,
  requireRng,
  requireSameShape,
  type Rng,
} from "../arrays/mod.ts";
import { matmul } from "../blas/mod.ts";
import { frobeniusNorm, qr, svd } from "../linalg/mod.ts";
import { completedPolarFactor, retract } from "./completed_polar.ts";
import { cannotLearn, lpGradient, requireBatch } from "./lp_gradient.ts";
import { type DictionarySchedule, dictionarySchedule, type ScheduleName } from "./dictionary_schedule.ts";

/** Options of {@linkcode OnlineOrthogonalDictionary}. */
export interface OnlineDictionaryOptions {
  /** Length of a sample, and number of atoms. */
  n: number;
  /** Power of the objective, above 2. Default 3. */
  p?: number;
  /** Step sizes: a name of {@linkcode dictionarySchedule}, or functions of the step. Default `"noncvx"`. */
  schedule?: ScheduleName | DictionarySchedule;
  /**
   * Whether step sizes above 1 are taken as 1, which keeps A in the ball. Default true; the official code
   * does not.
   */
  clip?: boolean;
  /** Whether A is made orthogonal after every step. Default true, but false for the schedule `"convex"`. */
  retract?: boolean;
  /**
   * `"frank-wolfe"` (default) goes towards the best matrix of the ball, `"projected"` along the gradient and
   * back into the ball.
   */
  update?: "frank-wolfe" | "projected";
  /**
   * Start of A, n x n. Default: random orthogonal, the transposed Q factor of a matrix of uniform numbers.
   */
  init?: Matrix;
  /** Where the start comes from; not needed with `init`. */
  rng?: Rng;
}

/** One step of learning. */
export interface DictionaryStep {
  /** Number of the step, from 0. */
  step: number;
  /**
   * Frank-Wolfe gap of the averaged gradient before the step: `||G||_* - <A, G>`, at least 0 as long as A is
   * in the ball.
   */
  gap: number;
  /** Frobenius norm of the averaged gradient. */
  gradientNorm: number;
}

/**
 * Learns an orthogonal dictionary from a stream of samples in memory for two n x n matrices: `max E ||A
 * y||_p^p` over the ball `||A||_2 <= 1` (the convex hull of the orthogonal matrices) by stochastic
 * Frank-Wolfe steps with an averaged gradient,
 *
 *     G <- (1 - rho) G + rho (|A Y|^(p-2) * A Y) Y^T / b,   A <- (1 - gamma) A + gamma polar(G),   A <-
 *     polar(A)
 *
 * (Xue & Lau 2021, "Online Orthogonal Dictionary Learning Based on Frank-Wolfe Method", arXiv 2103.01484;
 * last step optional).
 *
 * @throws {RangeError} for options out of range; by `partialFit` for a batch of another size or with entries
 * that are not finite, which is named by its number, counted from 1.
 * @throws {TypeError} for an unknown option or name, or if neither `init` nor `rng` is given.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { matmul } from "refigure/blas";
 * import { haarOrthogonal } from "refigure/linalg";
 * import { bernoulliGaussian, dictionaryError, OnlineOrthogonalDictionary } from "refigure/dictionary";
 * import { assertLess } from "@std/assert";
 *
 * const rng = new Rng(0);
 * const truth = haarOrthogonal(5, { rng });
 * const learner = new OnlineOrthogonalDictionary({ n: 5, rng });
 * for (let t = 0; t < 500; t++) {
 *   learner.partialFit(matmul(truth, bernoulliGaussian({ n: 5, samples: 10, theta: 0.3, rng })));
 * }
 * assertLess(dictionaryError(learner.analysis, truth), 0.01);
 * ```
 */
export class OnlineOrthogonalDictionary {
  readonly #n: number;
  readonly #p: number;
  readonly #schedule: DictionarySchedule;
  readonly #clip: boolean;
  readonly #retract: boolean;
  readonly #projected: boolean;
  #analysis: Matrix;
  #gradient: Matrix;
  #step = 0;

  /** Starts to learn. */
  constructor(options: OnlineDictionaryOptions) {
    requireOptions("options", options, ["n", "p", "schedule", "clip", "retract", "update", "init", "rng"]);
    const { n, p = 3, schedule = "noncvx", clip = true, update = "frank-wolfe", init, rng } = options;
    const { retract = schedule !== "convex" && update === "frank-wolfe" } = options;
    this.#n = requireInteger("n", n, { min: 1 });
    this.#p = requireNumber("p", p, { above: 2 });
    this.#schedule = typeof schedule === "object" ? requireSchedule(schedule) : dictionarySchedule(schedule);
    this.#clip = requireBoolean("clip", clip);
    this.#retract = requireBoolean("retract", retract);
    requireOneOf("update", update, ["frank-wolfe", "projected"]);
    this.#projected = update === "projected";
    if (init === undefined && rng === undefined) throw new TypeError("Either `init` or `rng` must be given");
    if (rng !== undefined) requireRng("rng", rng);
    if (init !== undefined) {
      requireSameShape("init", requireMatrix("init", init), { rows: n, columns: n });
      requireFinite("Cannot start at `init`", init.data, n);
    }
    this.#analysis = init?.clone() ?? randomAnalysis(n, rng!);
    this.#gradient = Matrix.zeros(n, n);
  }

  /** Batches so far. */
  get steps(): number {
    return this.#step;
  }

  /** A, n x n, atoms as rows; a copy. Orthogonal if retraction is on. */
  get analysis(): Matrix {
    return this.#analysis.clone();
  }

  /** D = A^T, n x n, atoms as columns. */
  get dictionary(): Matrix {
    return this.#analysis.transpose();
  }

  /** Words of memory between batches. */
  get words(): number {
    return this.#analysis.data.length + this.#gradient.data.length;
  }

  /** Learns from a batch Y, n x b, one sample per column. */
  partialFit(samples: Matrix): DictionaryStep {
    const step = this.#step;
    const a = this.#analysis;
    requireBatch(samples, this.#n, cannotLearn(step));
    const limit = (x: number) => this.#clip ? Math.min(1, x) : x;
    const { rho, gamma } = this.#schedule;
    const share = limit(requireNumber(`schedule.rho(${step})`, rho(step), { min: 0 }));
    const size = limit(requireNumber(`schedule.gamma(${step})`, gamma(step), { min: 0 }));
    const fresh = lpGradient(a, samples, { p: this.#p });
    const g = this.#gradient;
    for (let k = 0; k < g.data.length; k++) g.data[k] += share * (fresh.data[k] - g.data[k]);
    const target = completedPolarFactor(g, { reference: a });
    let gap = 0;
    for (let k = 0; k < g.data.length; k++) gap += (target.data[k] - a.data[k]) * g.data[k];
    const next = this.#projected ? clipSingularValues(a.plus(g, size)) : a.plus(target.minus(a), size);
    this.#analysis = this.#retract ? retract(next) : next;
    this.#step++;
    return { step, gap, gradientNorm: frobeniusNorm(g) };
  }

  /**
   * Codes `A Y` of samples, n x b.
   *
   * @param samples n x b, one sample per column.
   * @param options `keep`: only this many entries of every column, those of largest magnitude (default all);
   * `threshold`: only entries of a larger magnitude (default 0).
   * @returns n x b, one code per column.
   * @throws {RangeError} if the samples have another length or an option is out of range.
   */
  transform(samples: Matrix, options: { keep?: number; threshold?: number } = {}): Matrix {
    requireOptions("options", options, ["keep", "threshold"]);
    const { keep = this.#n, threshold = 0 } = options;
    requireInteger("keep", keep, { max: this.#n });
    requireNumber("threshold", threshold, { min: 0 });
    requireBatch(samples, this.#n, "Cannot code `samples`");
    const codes = matmul(this.#analysis, samples);
    for (let j = 0; j < codes.columns; j++) {
      const sizes = codes.column(j).map(Math.abs);
      const order = Array.from(sizes.keys()).sort((a, b) => sizes[b] - sizes[a]);
      order.forEach((i, rank) => {
        if (rank >= keep || sizes[i] <= threshold) codes.set(i, j, 0);
      });
    }
    return codes;
  }

  /** Samples `A^T X` from codes X, n x b. @throws {RangeError} if the codes have another length. */
  inverseTransform(codes: Matrix): Matrix {
    requireMatrix("codes", codes);
    if (codes.rows !== this.#n) {
      throw new RangeError(`\`codes\` must have ${this.#n} rows, got ${codes.rows}`);
    }
    return matmul(this.#analysis, codes, { transposeA: true });
  }
}

/** Returns `schedule` if it has both functions. @throws {TypeError} */
function requireSchedule(schedule: DictionarySchedule): DictionarySchedule {
  requireOptions("schedule", schedule, ["rho", "gamma"]);
  requireFunction("schedule.rho", schedule.rho);
  requireFunction("schedule.gamma", schedule.gamma);
  return schedule;
}

/** A random orthogonal start as in the official code. */
function randomAnalysis(n: number, rng: Rng): Matrix {
  return qr(Matrix.from(n, n, () => rng.uniform())).q.transpose();
}

/** The nearest matrix of the ball `||A||_2 <= 1`. */
function clipSingularValues(a: Matrix): Matrix {
  const { u, s, vt } = svd(a);
  return matmul(u.map((x, _, j) => x * Math.min(1, s[j])), vt);
}
