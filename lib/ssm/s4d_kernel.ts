import {
  type DType,
  type Matrix,
  type RealArray,
  requireInteger,
  requireNumber,
  type Rng,
} from "../arrays/mod.ts";
import { complexExpm1, type Discretization } from "./discretize.ts";
import { type DiagonalInit, diagonalInit } from "./initialization.ts";
import { ptdSsm, type PtdSystem } from "./ptd.ts";
import { DiagonalRecurrence } from "./recurrence.ts";
import { vandermondeKernels, vandermondeSums } from "./vandermonde_kernel.ts";

/** Parameters of H diagonal models of N modes each; `Re A = -exp(logARe)`. */
export interface S4DParameters<Data extends RealArray = Float64Array> {
  /** Logarithms of the steps, H. */
  logDt: Data;
  /** Logarithms of the negated real parts of the poles, H x N. */
  logARe: Data;
  /** Imaginary parts of the poles, H x N. */
  AIm: Data;
  /** Output weights (with the input weights in them), H x N complex numbers, interleaved. */
  C: Data;
}

/** How the parameters are read. */
export interface S4DConvention {
  /** Default `"zoh"`. */
  discretization?: Discretization;
  /** Each mode stands for itself and its conjugate. Default true. */
  pairs?: boolean;
}

interface Mode {
  aRe: number;
  aIm: number;
  dt: number;
  /** p = exp(z), or its bilinear counterpart. */
  pRe: number;
  pIm: number;
  /** dB for B = 1. */
  gainRe: number;
  gainIm: number;
  /** d gain / d log dt and d gain / d A. */
  byDtRe: number;
  byDtIm: number;
  byARe: number;
  byAIm: number;
  /** d log p / d z. */
  slopeRe: number;
  slopeIm: number;
}

/** Everything about mode k of feature h. */
function mode(q: S4DParameters<RealArray>, h: number, at: number, method: Discretization): Mode {
  const dt = Math.exp(q.logDt[h]);
  const aRe = -Math.exp(q.logARe[at]);
  const aIm = q.AIm[at];
  const zRe = dt * aRe;
  const zIm = dt * aIm;
  if (method === "zoh") {
    const [eRe, eIm] = complexExpm1(zRe, zIm);
    const d = aRe * aRe + aIm * aIm;
    const gainRe = (eRe * aRe + eIm * aIm) / d;
    const gainIm = (eIm * aRe - eRe * aIm) / d;
    const byDtRe = dt * (eRe + 1);
    const byDtIm = dt * eIm;
    const numRe = byDtRe - gainRe;
    const numIm = byDtIm - gainIm;
    return {
      aRe,
      aIm,
      dt,
      pRe: eRe + 1,
      pIm: eIm,
      gainRe,
      gainIm,
      byDtRe,
      byDtIm,
      byARe: (numRe * aRe + numIm * aIm) / d,
      byAIm: (numIm * aRe - numRe * aIm) / d,
      slopeRe: 1,
      slopeIm: 0,
    };
  }
  // r = 1 / (1 - z/2); p = (1 + z/2) r; gain = dt r; d log p / dz = r / (1 + z/2).
  const lowRe = 1 - zRe / 2;
  const lowIm = -zIm / 2;
  const d = lowRe * lowRe + lowIm * lowIm;
  const rRe = lowRe / d;
  const rIm = -lowIm / d;
  const upRe = 1 + zRe / 2;
  const upIm = zIm / 2;
  const u = upRe * upRe + upIm * upIm;
  const r2Re = rRe * rRe - rIm * rIm;
  const r2Im = 2 * rRe * rIm;
  return {
    aRe,
    aIm,
    dt,
    pRe: upRe * rRe - upIm * rIm,
    pIm: upRe * rIm + upIm * rRe,
    gainRe: dt * rRe,
    gainIm: dt * rIm,
    byDtRe: dt * (rRe + (r2Re * zRe - r2Im * zIm) / 2),
    byDtIm: dt * (rIm + (r2Re * zIm + r2Im * zRe) / 2),
    byARe: dt * dt * r2Re / 2,
    byAIm: dt * dt * r2Im / 2,
    slopeRe: (rRe * upRe + rIm * upIm) / u,
    slopeIm: (rIm * upRe - rRe * upIm) / u,
  };
}

/**
 * Factors p and weights `C dB` of all modes, H x N complex numbers each: sample l of a kernel is `2 Re sum w
 * p^l`.
 *
 * @throws {RangeError} if a parameter has the wrong size.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { S4DKernel, s4dModes } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const s4d = new S4DKernel({ dModel: 1, dState: 4, rng: new Rng(0) });
 * const { weights } = s4dModes(s4d.parameters, s4d.convention);
 * assertAlmostEquals(2 * (weights[0] + weights[2]), s4d.kernel(1).get(0, 0));
 * ```
 */
export function s4dModes(
  parameters: S4DParameters<RealArray>,
  convention: S4DConvention = {},
): { weights: Float64Array; factors: Float64Array } {
  const { discretization = "zoh" } = convention;
  const features = parameters.logDt.length;
  const n = requireParameters(parameters);
  const c = parameters.C;
  const weights = new Float64Array(2 * features * n);
  const factors = new Float64Array(2 * features * n);
  for (let h = 0; h < features; h++) {
    for (let k = h * n; k < (h + 1) * n; k++) {
      const m = mode(parameters, h, k, discretization);
      factors[2 * k] = m.pRe;
      factors[2 * k + 1] = m.pIm;
      weights[2 * k] = c[2 * k] * m.gainRe - c[2 * k + 1] * m.gainIm;
      weights[2 * k + 1] = c[2 * k] * m.gainIm + c[2 * k + 1] * m.gainRe;
    }
  }
  return { weights, factors };
}

/**
 * The convolution kernels of H diagonal models (Gu et al. 2022, equation 5).
 *
 * @param parameters Their parameters.
 * @param length Samples L.
 * @param options Convention, and precision of the answer (default `"float64"`).
 * @returns H x L.
 * @throws {TypeError} if the parameters do not fit together.
 *
 * @example
 * ```ts
 * import { s4dKernel } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const one = (x: number) => new Float64Array([x]);
 * const parameters = { logDt: one(Math.log(0.1)), logARe: one(Math.log(0.5)), AIm: one(0), C: new Float64Array([1, 0]) };
 * const k = s4dKernel(parameters, 20, { pairs: false });
 * assertAlmostEquals(k.get(0, 7), (1 - Math.exp(-0.05)) / 0.5 * Math.exp(-0.35), 1e-15);
 * ```
 */
export function s4dKernel(
  parameters: S4DParameters<RealArray>,
  length: number,
  options: S4DConvention & { dtype?: DType } = {},
): Matrix<RealArray> {
  const { pairs = true, dtype = "float64" } = options;
  const { weights, factors } = s4dModes(parameters, options);
  return vandermondeKernels(weights, factors, length, { features: parameters.logDt.length, pairs, dtype });
}

/**
 * The gradient of a loss with respect to the parameters, from its gradient with respect to the kernels.
 *
 * @param parameters Their parameters.
 * @param gradient H x L.
 * @param convention As for {@linkcode s4dKernel}.
 * @throws {TypeError} if the parameters do not fit together.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { s4dKernelGradient } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const one = (x: number) => new Float64Array([x]);
 * const parameters = { logDt: one(0), logARe: one(0), AIm: one(0), C: new Float64Array([1, 0]) };
 * // K[0] = C (1 - exp(-dt)) for A = -1: its derivative by log dt is dt exp(-dt).
 * const { logDt } = s4dKernelGradient(parameters, Matrix.fromRows([[1]]), { pairs: false });
 * assertAlmostEquals(logDt[0], Math.exp(-1), 1e-15);
 * ```
 */
export function s4dKernelGradient(
  parameters: S4DParameters<RealArray>,
  gradient: Matrix<RealArray>,
  convention: S4DConvention = {},
): S4DParameters {
  const { discretization = "zoh", pairs = true } = convention;
  const features = parameters.logDt.length;
  const n = requireParameters(parameters);
  const c = parameters.C;
  const { weights: w, factors } = s4dModes(parameters, convention);
  if (gradient.rows !== features) {
    throw new TypeError(`\`gradient\` must be ${features} x L, got ${gradient.rows} x ${gradient.columns}`);
  }
  const { zeroth, first } = vandermondeSums(gradient, factors);
  const scale = pairs ? 2 : 1;
  const logDt = new Float64Array(features);
  const logARe = new Float64Array(features * n);
  const AIm = new Float64Array(features * n);
  const C = new Float64Array(2 * features * n);
  for (let h = 0; h < features; h++) {
    for (let k = h * n; k < (h + 1) * n; k++) {
      const m = mode(parameters, h, k, discretization);
      const s0Re = scale * zeroth[2 * k];
      const s0Im = scale * zeroth[2 * k + 1];
      // By C: s0 gain.
      C[2 * k] = s0Re * m.gainRe - s0Im * m.gainIm;
      C[2 * k + 1] = -(s0Re * m.gainIm + s0Im * m.gainRe);
      // By z through p: w s1 d log p / dz.
      const wRe = w[2 * k] * m.slopeRe - w[2 * k + 1] * m.slopeIm;
      const wIm = w[2 * k] * m.slopeIm + w[2 * k + 1] * m.slopeRe;
      const s1Re = scale * first[2 * k];
      const s1Im = scale * first[2 * k + 1];
      const throughRe = wRe * s1Re - wIm * s1Im;
      const throughIm = wRe * s1Im + wIm * s1Re;
      // By the gain: s0 C.
      const gRe = s0Re * c[2 * k] - s0Im * c[2 * k + 1];
      const gIm = s0Re * c[2 * k + 1] + s0Im * c[2 * k];
      logDt[h] += gRe * m.byDtRe - gIm * m.byDtIm + m.dt * (throughRe * m.aRe - throughIm * m.aIm);
      const eRe = gRe * m.byARe - gIm * m.byAIm + m.dt * throughRe;
      const eIm = gRe * m.byAIm + gIm * m.byARe + m.dt * throughIm;
      logARe[k] = eRe * m.aRe;
      AIm[k] = -eIm;
    }
  }
  return { logDt, logARe, AIm, C };
}

function requireParameters(q: S4DParameters<RealArray>): number {
  const features = q.logDt.length;
  const n = q.logARe.length / features;
  if (!Number.isInteger(n) || q.AIm.length !== q.logARe.length || q.C.length !== 2 * q.AIm.length) {
    throw new TypeError(
      `parameters must be logDt [H], logARe and AIm [H x N], C [H x N x 2], got lengths ${q.logDt.length}, ${q.logARe.length}, ${q.AIm.length}, ${q.C.length}`,
    );
  }
  return n;
}

/** Options of {@linkcode S4DKernel}. */
export interface S4DOptions extends S4DConvention {
  /** Features H. */
  dModel: number;
  /** Real state size N, even. Default 64. */
  dState?: number;
  /** Range of the steps at the start. Default 1e-3 to 0.1. */
  dtMin?: number;
  /** See `dtMin`. */
  dtMax?: number;
  /**
   * An initialization, or `"ptd"`: HiPPO-LegS perturbed, then diagonalized, all N complex modes kept. Default
   * `"lin"`.
   */
  init?: Exclude<DiagonalInit, "dss"> | "ptd";
  /** Size of the perturbation for `"ptd"`. Default 0.3. */
  eps?: number;
  /** Stream of the start. */
  rng: Rng;
}

/**
 * H diagonal models with their initial parameters: log dt uniform, poles by name, C complex normal of
 * variance 1 times B (Gu et al. 2022, section 4; official defaults). Parameters are in `parameters`, to be
 * changed at will.
 *
 * @throws {RangeError} if a size is out of range.
 *
 * @example
 * ```ts
 * import { Rng } from "refigure/arrays";
 * import { S4DKernel } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const s4d = new S4DKernel({ dModel: 2, dState: 8, rng: new Rng(0) });
 * const k = s4d.kernel(5), stream = s4d.recurrence();
 * const impulse = new Float64Array([1, 1]), rest = new Float64Array(2);
 * assertAlmostEquals(stream.step(impulse)[1], k.get(1, 0));
 * assertAlmostEquals(stream.step(rest)[1], k.get(1, 1));
 * ```
 */
export class S4DKernel {
  /** What is trained. */
  readonly parameters: S4DParameters;
  /** How it is read. */
  readonly convention: Required<S4DConvention>;

  /** A kernel at its start. @param options Sizes and the start. */
  constructor(options: S4DOptions) {
    const { dModel, dState = 64, dtMin = 1e-3, dtMax = 0.1, init = "lin", discretization = "zoh", rng } =
      options;
    requireInteger("dModel", dModel, { min: 1 });
    requireNumber("dtMin", dtMin, { above: 0 });
    requireNumber("dtMax", dtMax, { min: dtMin });
    const steps = rng.split("dt");
    const output = rng.split("C");
    const poles = rng.split("A");
    const logDt = Float64Array.from(
      { length: dModel },
      () => steps.uniform(Math.log(dtMin), Math.log(dtMax)),
    );
    if (init === "ptd") {
      const C = { normals: (count: number) => output.normals(count, 1 / Math.sqrt(dState)) };
      this.parameters = ptdParameters(logDt, ptdSsm(dState, { eps: options.eps, rng: poles }), C);
      this.convention = { discretization, pairs: false };
      return;
    }
    const systems = Array.from({ length: dModel }, (_, h) => diagonalInit(init, dState, poles.split(h)));
    const n = systems[0].A.length / 2;
    const { pairs } = systems[0];
    const logARe = new Float64Array(dModel * n);
    const AIm = new Float64Array(dModel * n);
    const C = new Float64Array(2 * dModel * n);
    systems.forEach(({ A, B }, h) => {
      for (let k = 0; k < n; k++) {
        logARe[h * n + k] = Math.log(-A[2 * k]);
        AIm[h * n + k] = A[2 * k + 1];
        C[2 * (h * n + k)] = output.normal() * Math.SQRT1_2 * B[2 * k];
        C[2 * (h * n + k) + 1] = output.normal() * Math.SQRT1_2 * B[2 * k];
      }
    });
    this.parameters = { logDt, logARe, AIm, C };
    this.convention = { discretization, pairs };
  }

  /** The kernels of `length` samples, H x L. */
  kernel(length: number, dtype: DType = "float64"): Matrix<RealArray> {
    return s4dKernel(this.parameters, length, { ...this.convention, dtype });
  }

  /** The gradient with respect to the parameters from that with respect to the kernels. */
  gradient(gradient: Matrix<RealArray>): S4DParameters {
    return s4dKernelGradient(this.parameters, gradient, this.convention);
  }

  /** The same models as a stream: one sample in, one sample out, fixed memory. */
  recurrence(): DiagonalRecurrence {
    const { weights, factors } = s4dModes(this.parameters, this.convention);
    return new DiagonalRecurrence(weights, factors, {
      features: this.parameters.logDt.length,
      pairs: this.convention.pairs,
    });
  }
}

/**
 * Parameters in eigen-coordinates: the residues of `C V` and `V^{-1} B` for a normal real C, so that kernels
 * are real.
 */
function ptdParameters(
  logDt: Float64Array,
  system: PtdSystem,
  output: { normals(count: number): Float64Array },
): S4DParameters {
  const { lambda, V, B } = system;
  const n = V.rows;
  const features = logDt.length;
  const logARe = new Float64Array(features * n);
  const AIm = new Float64Array(features * n);
  const C = new Float64Array(2 * features * n);
  for (let h = 0; h < features; h++) {
    const c = output.normals(n);
    for (let k = 0; k < n; k++) {
      let re = 0;
      let im = 0;
      for (let i = 0; i < n; i++) {
        re += c[i] * V.data[2 * (i * n + k)];
        im += c[i] * V.data[2 * (i * n + k) + 1];
      }
      logARe[h * n + k] = Math.log(-lambda[2 * k]);
      AIm[h * n + k] = lambda[2 * k + 1];
      C[2 * (h * n + k)] = re * B[2 * k] - im * B[2 * k + 1];
      C[2 * (h * n + k) + 1] = re * B[2 * k + 1] + im * B[2 * k];
    }
  }
  return { logDt, logARe, AIm, C };
}
