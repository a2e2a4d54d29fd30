import { describeValue, type RealArray, requireFunction, requireOneOf } from "../arrays/mod.ts";
import { erf } from "../statistics/mod.ts";
import { compiledThenLoop, kernelsOf, tables } from "./compiled.ts";
import { geluSingles } from "./gelu.ts";
import { sinCos } from "./sin_cos.ts";

/** Names of the activations of {@linkcode DenseNetwork}; {@linkcode activationJet} has their formulas. */
export type ActivationName =
  | "sine"
  | "gaussian"
  | "tanh"
  | "sigmoid"
  | "relu"
  | "silu"
  | "gelu"
  | "softplus";

/**
 * An activation given by its value and two derivatives: `jet(z, out)` writes phi(z), phi'(z) and phi''(z) into
 * `out[0]`, `out[1]` and `out[2]`.
 */
export interface CustomActivation {
  /** For messages. */
  readonly name: string;
  /** Writes the value and two derivatives at `z`. */
  readonly jet: (z: number, out: Float64Array) => void;
}

/** An activation by its name, or one of the caller's own. */
export type ActivationFunction = ActivationName | CustomActivation;

type Jet = CustomActivation["jet"];

/** The numerically stable logistic function. */
function logistic(z: number): number {
  const e = Math.exp(-Math.abs(z));
  return (z < 0 ? e : 1) / (1 + e);
}

const JETS: Record<ActivationName, Jet> = {
  sine(z, out) {
    out[0] = Math.sin(z);
    out[1] = Math.cos(z);
    out[2] = -out[0];
  },
  gaussian(z, out) {
    const g = Math.exp(-z * z);
    out[0] = g;
    out[1] = -2 * z * g;
    out[2] = (4 * z * z - 2) * g;
  },
  tanh(z, out) {
    const t = Math.tanh(z);
    out[0] = t;
    out[1] = 1 - t * t;
    out[2] = -2 * t * out[1];
  },
  sigmoid(z, out) {
    const s = logistic(z);
    out[0] = s;
    out[1] = s * (1 - s);
    out[2] = out[1] * (1 - 2 * s);
  },
  relu(z, out) {
    // Of a NaN, no comparison is true.
    out[0] = z > 0 ? z : z <= 0 ? 0 : NaN;
    out[1] = z > 0 ? 1 : z <= 0 ? 0 : NaN;
    out[2] = z === z ? 0 : NaN;
  },
  silu(z, out) {
    const s = logistic(z);
    const slope = s * (1 - s);
    out[0] = z * s;
    out[1] = s + z * slope;
    out[2] = slope * (2 + z * (1 - 2 * s));
  },
  gelu(z, out) {
    const density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
    const probability = (1 + erf(z * Math.SQRT1_2)) / 2;
    out[0] = z * probability;
    out[1] = probability + z * density;
    out[2] = (2 - z * z) * density;
  },
  softplus(z, out) {
    const s = logistic(z);
    out[0] = Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
    out[1] = s;
    out[2] = s * (1 - s);
  },
};

/** The names of the table. */
export const ACTIVATION_NAMES: readonly ActivationName[] = Object.keys(JETS) as ActivationName[];

/**
 * The value and two derivatives of an activation as a function that writes them:
 *
 * | name | phi(z) |
 * |---|---|
 * | `sine` | sin z |
 * | `gaussian` | exp(-z^2) |
 * | `tanh` | tanh z |
 * | `sigmoid` | 1 / (1 + exp(-z)) |
 * | `relu` | max(0, z); both derivatives are 0 at z = 0 |
 * | `silu` | z sigmoid(z) (Ramachandran et al. 2017) |
 * | `gelu` | z Phi(z), exact (Hendrycks & Gimpel 2016) |
 * | `softplus` | log(1 + exp(z)) |
 *
 * NaN gives NaN.
 *
 * @throws {TypeError} if the name is none of the table.
 *
 * @example
 * ```ts
 * import { activationJet } from "refigure/networks";
 * import { assertEquals } from "@std/assert";
 *
 * const out = new Float64Array(3);
 * activationJet("tanh")(0, out);
 * assertEquals(out, Float64Array.of(0, 1, -0));
 * ```
 */
export function activationJet(name: ActivationName): (z: number, out: Float64Array) => void {
  return JETS[requireOneOf("name", name, ACTIVATION_NAMES)];
}

/** Returns `activation` if it is one. @throws {TypeError} */
export function requireActivation(name: string, activation: ActivationFunction): ActivationFunction {
  if (typeof activation === "object" && activation !== null) {
    if (typeof activation.name !== "string") {
      throw new TypeError(`\`${name}.name\` must be a string, got ${describeValue(activation.name)}`);
    }
    requireFunction(`${name}.jet`, activation.jet);
    return activation;
  }
  return requireOneOf(name, activation, ACTIVATION_NAMES);
}

const scratch = new Float64Array(3);

/**
 * Replaces the first `count` entries of `z` by their activations and writes the derivatives into `slope`, the
 * second ones into `curvature` if it is given. Arrays of a pass are worked on by compiled loops where there are some,
 * which give the same bits.
 */
export function activate(
  activation: ActivationFunction,
  z: RealArray,
  count: number,
  slope: RealArray,
  curvature?: RealArray,
): void {
  if (activation === "sine") {
    sinCos(z, count, z, slope);
    if (curvature !== undefined) { for (let i = 0; i < count; i++) curvature[i] = -z[i]; }
    return;
  }
  const isSingle = z instanceof Float32Array;
  if (activation === "gelu" && isSingle && curvature === undefined) {
    geluSingles(z, count, slope as Float32Array);
    return;
  }
  const run = kernelsOf(z);
  const at = z.byteOffset;
  const slopeAt = slope.byteOffset;
  const curvatureAt = curvature?.byteOffset ?? 0;
  if (run !== null && activation === "relu") {
    (isSingle ? run.relu32 : run.relu64)(at, slopeAt, curvatureAt, count);
    return;
  }
  const jet = typeof activation === "string" ? JETS[activation] : activation.jet;
  const loop = (from: number, to: number) => eachJet(jet, z, from, to, slope, curvature);
  if (run === null || activation !== "silu" || !isSingle) return loop(0, count);
  compiledThenLoop(count, (from) => {
    const bytes = 4 * from;
    const bent = curvatureAt === 0 ? 0 : curvatureAt + bytes;
    return run.silu32(at + bytes, slopeAt + bytes, bent, count - from, tables.exponentials);
  }, loop);
}

function eachJet(
  jet: Jet,
  z: RealArray,
  from: number,
  to: number,
  slope: RealArray,
  curvature?: RealArray,
): void {
  for (let i = from; i < to; i++) {
    jet(z[i], scratch);
    z[i] = scratch[0];
    slope[i] = scratch[1];
    if (curvature !== undefined) curvature[i] = scratch[2];
  }
}
