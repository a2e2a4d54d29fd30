import {
  complexMultiply,
  type DType,
  DTYPES,
  type Matrix,
  type RealArray,
  requireBoolean,
  requireInteger,
  requireMatrix,
  requireNumber,
  requireOneOf,
  requireOptions,
  requireRealArray,
  requireRng,
  type Rng,
} from "../arrays/mod.ts";
import { add, complexAt, conjugate, multiply, scale, setComplexAt } from "../arrays/complex.ts";
import { requirePairs } from "./check.ts";
import { type DiscreteMode, discreteMode } from "./discrete_mode.ts";
import { type Discretization, DISCRETIZATIONS } from "./discretize.ts";
import { DIAGONAL_INITS, type DiagonalInit, diagonalInit } from "./initialization.ts";
import { outputInEigenbasis, ptdSsm } from "./ptd.ts";
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

/** Names of {@linkcode S4DConvention}, for checks. */
const CONVENTION = ["discretization", "pairs"] as const;

/** The convention with its defaults. @throws {TypeError} */
export function requireConvention(name: string, convention: S4DConvention): Required<S4DConvention> {
  requireOptions(name, convention, CONVENTION);
  const { discretization = "zoh", pairs = true } = convention;
  requireOneOf("discretization", discretization, DISCRETIZATIONS);
  return { discretization, pairs: requireBoolean("pairs", pairs) };
}

/** Calls `use` with every mode, discretized: number k is mode k mod N of feature floor(k / N). */
function forEachMode(
  { logDt, logARe, AIm }: S4DParameters<RealArray>,
  n: number,
  discretization: Discretization,
  use: (mode: DiscreteMode, k: number) => void,
): void {
  for (let h = 0; h < logDt.length; h++) {
    const dt = Math.exp(logDt[h]);
    for (let k = h * n; k < (h + 1) * n; k++) {
      use(discreteMode({ re: -Math.exp(logARe[k]), im: AIm[k] }, dt, discretization), k);
    }
  }
}

/**
 * Factors p and weights `C dB` of all modes, H x N complex numbers each: sample l of a kernel is `2 Re sum w
 * p^l`.
 *
 * @throws {RangeError} if a parameter has the wrong size.
 * @throws {TypeError} if the discretization is unknown.
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
  const { discretization } = requireConvention("convention", convention);
  const n = requireParameters(parameters);
  const weights = new Float64Array(parameters.C.length);
  const factors = new Float64Array(parameters.C.length);
  forEachMode(parameters, n, discretization, ({ factor, gain }, k) => {
    setComplexAt(factors, k, factor);
    setComplexAt(weights, k, multiply(complexAt(parameters.C, k), gain));
  });
  return { weights, factors };
}

/**
 * The convolution kernels of H diagonal models (Gu et al. 2022, equation 5).
 *
 * @param parameters Their parameters.
 * @param length Samples L.
 * @param options Convention, and precision of the result (default `"float64"`).
 * @returns H x L.
 * @throws {RangeError} if a parameter has the wrong size, or `length` is not a non-negative integer.
 * @throws {TypeError} if the discretization or the precision is unknown.
 *
 * @example
 * ```ts
 * import { s4dKernel } from "refigure/ssm";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const one = (x: number) => new Float64Array([x]);
 * const C = new Float64Array([1, 0]);
 * const parameters = { logDt: one(Math.log(0.1)), logARe: one(Math.log(0.5)), AIm: one(0), C };
 * const k = s4dKernel(parameters, 20, { pairs: false });
 * assertAlmostEquals(k.get(0, 7), (1 - Math.exp(-0.05)) / 0.5 * Math.exp(-0.35), 1e-15);
 * ```
 */
export function s4dKernel(
  parameters: S4DParameters<RealArray>,
  length: number,
  options: S4DConvention & { dtype?: DType } = {},
): Matrix<RealArray> {
  requireOptions("options", options, [...CONVENTION, "dtype"]);
  const { dtype = "float64", discretization, pairs = true } = options;
  requireOneOf("dtype", dtype, DTYPES);
  const { weights, factors } = s4dModes(parameters, { discretization, pairs });
  return vandermondeKernels(weights, factors, length, { features: parameters.logDt.length, pairs, dtype });
}

/**
 * The gradient of a loss with respect to the parameters, from its gradient with respect to the kernels.
 *
 * @param parameters Their parameters.
 * @param gradient H x L.
 * @param convention As for {@linkcode s4dKernel}.
 * @returns A gradient of the same sizes as the parameters.
 * @throws {RangeError} if the parameters or the gradient have the wrong size.
 * @throws {TypeError} if the discretization is unknown.
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
  const { discretization, pairs } = requireConvention("convention", convention);
  const n = requireParameters(parameters);
  const features = parameters.logDt.length;
  requireMatrix("gradient", gradient);
  if (gradient.rows !== features) {
    throw new RangeError(`\`gradient\` must be ${features} x L, got ${gradient.rows} x ${gradient.columns}`);
  }
  const modes: DiscreteMode[] = [];
  const factors = new Float64Array(parameters.C.length);
  forEachMode(parameters, n, discretization, (mode, k) => {
    modes.push(mode);
    setComplexAt(factors, k, mode.factor);
  });
  const { zeroth, first } = vandermondeSums(gradient, factors);
  const twice = pairs ? 2 : 1;
  const logDt = new Float64Array(features);
  const logARe = new Float64Array(features * n);
  const AIm = new Float64Array(features * n);
  const C = new Float64Array(2 * features * n);
  modes.forEach(({ dt, pole, gain, gainByLogDt, gainByA, slope }, k) => {
    const s0 = scale(complexAt(zeroth, k), twice);
    const s1 = scale(complexAt(first, k), twice);
    const c = complexAt(parameters.C, k);
    setComplexAt(C, k, conjugate(multiply(s0, gain)));
    const byGain = multiply(s0, c);
    const byZ = multiply(multiply(multiply(c, gain), slope), s1);
    logDt[Math.floor(k / n)] += multiply(byGain, gainByLogDt).re + dt * multiply(byZ, pole).re;
    const byA = add(multiply(byGain, gainByA), scale(byZ, dt));
    // A = -exp(logARe) + i AIm: the real part's derivative by logARe is itself.
    logARe[k] = byA.re * pole.re;
    AIm[k] = -byA.im;
  });
  return { logDt, logARe, AIm, C };
}

/** Checks the sizes of the parameters and returns N. @throws {TypeError | RangeError} */
function requireParameters(parameters: S4DParameters<RealArray>): number {
  requireOptions("parameters", parameters, ["logDt", "logARe", "AIm", "C"]);
  const { logDt, logARe, AIm, C } = parameters;
  for (const [name, values] of Object.entries({ logDt, logARe, AIm, C })) {
    requireRealArray(`parameters.${name}`, values);
  }
  const n = logARe.length / logDt.length;
  if (!Number.isInteger(n) || AIm.length !== logARe.length || C.length !== 2 * AIm.length) {
    throw new RangeError(
      "`parameters` must be logDt [H], logARe and AIm [H x N], C [H x N x 2], got lengths " +
        `${logDt.length}, ${logARe.length}, ${AIm.length}, ${C.length}`,
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

/** What {@linkcode S4DKernel} starts from. */
const KERNEL_INITS = [...DIAGONAL_INITS.filter((name) => name !== "dss"), "ptd" as const];

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
 * const k = s4d.kernel(5);
 * const stream = s4d.recurrence();
 * const impulse = new Float64Array([1, 1]);
 * const rest = new Float64Array(2);
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
    requireOptions("options", options, [
      ...CONVENTION,
      "dModel",
      "dState",
      "dtMin",
      "dtMax",
      "init",
      "eps",
      "rng",
    ]);
    const { dModel, dState = 64, dtMin = 1e-3, dtMax = 0.1, init = "lin", rng } = options;
    const { discretization = "zoh", pairs } = options;
    requireInteger("dModel", dModel, { min: 1 });
    requireStart({ dState, dtMin, dtMax, init, eps: options.eps });
    requireOneOf("discretization", discretization, DISCRETIZATIONS);
    requireRng("rng", rng);
    const steps = rng.split("dt");
    const output = rng.split("C");
    const poles = rng.split("A");
    const logDt = Float64Array.from(
      { length: dModel },
      () => steps.uniform(Math.log(dtMin), Math.log(dtMax)),
    );
    const start = init === "ptd"
      ? perturbedStart(dModel, dState, options.eps, { poles, output })
      : diagonalStart(dModel, dState, init, { poles, output });
    if (pairs !== undefined && requireBoolean("pairs", pairs) !== start.pairs) {
      throw new RangeError(
        `\`pairs\` must be ${start.pairs} for init "${init}", which decides it, got ${pairs}`,
      );
    }
    this.parameters = { logDt, ...start.parameters };
    this.convention = { discretization, pairs: start.pairs };
  }

  /** The kernels of `length` samples, H x L, in float64 unless `dtype` is given. */
  kernel(length: number, options: { dtype?: DType } = {}): Matrix<RealArray> {
    requireOptions("options", options, ["dtype"]);
    return s4dKernel(this.parameters, length, { ...this.convention, dtype: options.dtype });
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

/** Checks the options of an initialization. @throws {TypeError | RangeError} */
export function requireStart(
  { dState, dtMin, dtMax, init, eps }: Pick<S4DOptions, "init" | "eps"> & {
    dState: number;
    dtMin: number;
    dtMax: number;
  },
): void {
  requireOneOf("init", init ?? "lin", KERNEL_INITS);
  if (init === "ptd") requireInteger("dState", dState, { min: 1 });
  else requirePairs("dState", dState);
  requireNumber("dtMin", dtMin, { above: 0 });
  requireNumber("dtMax", dtMax, { min: dtMin });
  if (eps !== undefined) requireNumber("eps", eps, { min: 0 });
}

/** Everything but the steps, and whether modes are pairs. */
interface Start {
  parameters: Omit<S4DParameters, "logDt">;
  pairs: boolean;
}

/** Streams of a start, one for the poles and one for the output weights. */
interface StartStreams {
  poles: Rng;
  output: Rng;
}

/** Poles by name, and output weights `C B` with C complex normal of variance 1. */
function diagonalStart(
  features: number,
  dState: number,
  init: DiagonalInit,
  { poles, output }: StartStreams,
): Start {
  const systems = Array.from(
    { length: features },
    (_, h) => diagonalInit(init, dState, { rng: poles.split(h) }),
  );
  const { pairs } = systems[0];
  const n = systems[0].A.length / 2;
  const logARe = new Float64Array(features * n);
  const AIm = new Float64Array(features * n);
  const C = new Float64Array(2 * features * n);
  systems.forEach(({ A, B }, h) => {
    for (let k = 0; k < n; k++) {
      logARe[h * n + k] = Math.log(-A[2 * k]);
      AIm[h * n + k] = A[2 * k + 1];
      C[2 * (h * n + k)] = output.normal() * Math.SQRT1_2 * B[2 * k];
      C[2 * (h * n + k) + 1] = output.normal() * Math.SQRT1_2 * B[2 * k];
    }
  });
  return { parameters: { logARe, AIm, C }, pairs };
}

/**
 * Perturbed and diagonalized HiPPO-LegS with normal real output weights of standard deviation `1 / sqrt(n)`:
 * all n modes, whose kernels are real.
 */
function perturbedStart(
  features: number,
  n: number,
  eps: number | undefined,
  { poles, output }: StartStreams,
): Start {
  const system = ptdSsm(n, { eps, rng: poles });
  const { lambda, B } = system;
  const logARe = new Float64Array(features * n);
  const AIm = new Float64Array(features * n);
  const C = new Float64Array(2 * features * n);
  for (let h = 0; h < features; h++) {
    for (let k = 0; k < n; k++) {
      logARe[h * n + k] = Math.log(-lambda[2 * k]);
      AIm[h * n + k] = lambda[2 * k + 1];
    }
    const left = outputInEigenbasis(system.V, output.normals(n, 1 / Math.sqrt(n)));
    C.set(complexMultiply(left, B), 2 * h * n);
  }
  return { parameters: { logARe, AIm, C }, pairs: false };
}
