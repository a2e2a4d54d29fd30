import { requireOneOf } from "../arrays/mod.ts";
import { normalCdf } from "../statistics/mod.ts";

/** Names of {@linkcode activationFunction}. */
export const ACTIVATIONS = [
  "identity",
  "relu",
  "silu",
  "gelu",
  "tanh",
  "sigmoid",
  "geglu",
  "swishglu",
] as const;

/** A fixed activation: `silu` is also called swish. */
export type ActivationName = typeof ACTIVATIONS[number];

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const FUNCTIONS: Record<ActivationName, (x: number) => number> = {
  identity: (x) => x,
  relu: (x) => x > 0 ? x : x <= 0 ? 0 : NaN,
  silu: (x) => x * sigmoid(x),
  gelu: (x) => x * normalCdf(x),
  tanh: Math.tanh,
  sigmoid,
  geglu: (x) => x * x * normalCdf(x),
  swishglu: (x) => x * x * sigmoid(x),
};

const normalDensity = (x: number) => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);

const SLOPES: Record<ActivationName, (x: number) => number> = {
  identity: (x) => 0 * x + 1,
  relu: (x) => x > 0 ? 1 : x <= 0 ? 0 : NaN,
  silu: (x) => {
    const s = sigmoid(x);
    return s * (1 + x * (1 - s));
  },
  gelu: (x) => normalCdf(x) + x * normalDensity(x),
  tanh: (x) => 1 - Math.tanh(x) ** 2,
  sigmoid: (x) => {
    const s = sigmoid(x);
    return s * (1 - s);
  },
  geglu: (x) => x * (2 * normalCdf(x) + x * normalDensity(x)),
  swishglu: (x) => {
    const s = sigmoid(x);
    return x * s * (2 + x * (1 - s));
  },
};

/**
 * A fixed activation as a function of one number: `silu` x / (1 + exp(-x)), the exact `gelu` x Phi(x), `relu`,
 * `tanh`, `sigmoid`, `identity`, and the products `geglu` gelu(x) x and `swishglu` silu(x) x, which the
 * Kolmogorov-Arnold transformer also fits rationals to.
 *
 * @returns The function; NaN for NaN.
 * @throws {TypeError} if there is no activation of this name.
 *
 * @example
 * ```ts
 * import { activationFunction } from "refigure/kan";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(activationFunction("silu")(1), 0.7310585786300049, 1e-15);
 * assertAlmostEquals(activationFunction("gelu")(-2), -2 * 0.022750131948179195, 1e-15);
 * ```
 */
export function activationFunction(name: ActivationName): (x: number) => number {
  return FUNCTIONS[requireOneOf("name", name, ACTIVATIONS)];
}

/**
 * The derivative of {@linkcode activationFunction}; 0 for ReLU at 0.
 *
 * @returns The derivative as a function of one number; NaN for NaN.
 * @throws {TypeError} if there is no activation of this name.
 *
 * @example
 * ```ts
 * import { activationSlope } from "refigure/kan";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(activationSlope("silu")(0), 0.5);
 * ```
 */
export function activationSlope(name: ActivationName): (x: number) => number {
  return SLOPES[requireOneOf("name", name, ACTIVATIONS)];
}
