import { requireOneOf } from "../arrays/mod.ts";
import { activationJet } from "../networks/mod.ts";

/** Names of {@linkcode fixedActivation}. */
export const FIXED_ACTIVATIONS = [
  "identity",
  "relu",
  "silu",
  "gelu",
  "tanh",
  "sigmoid",
  "geglu",
  "swishglu",
] as const;

/** An activation without learned coefficients: `silu` is also called swish. */
export type FixedActivation = typeof FIXED_ACTIVATIONS[number];

/** Value and slope of an activation at x, written to `out[0]` and `out[1]`. */
type Jet = (x: number, out: Float64Array) => void;

/** The same of x times an activation. */
function timesInput(jet: Jet): Jet {
  return (x, out) => {
    jet(x, out);
    out[1] = out[0] + x * out[1];
    out[0] *= x;
  };
}

function jetOf(name: FixedActivation): Jet {
  requireOneOf("name", name, FIXED_ACTIVATIONS);
  if (name === "geglu") return timesInput(activationJet("gelu"));
  if (name === "swishglu") return timesInput(activationJet("silu"));
  if (name !== "identity") return activationJet(name);
  return (x, out) => {
    out[0] = x;
    out[1] = x === x ? 1 : NaN;
  };
}

/**
 * A fixed activation as a function of one number: those of `activationJet` of `refigure/networks`, the
 * `identity`, and the products `geglu` gelu(x) x and `swishglu` silu(x) x, to which the Kolmogorov-Arnold
 * transformer also fits rationals.
 *
 * @returns The function; NaN for NaN.
 * @throws {TypeError} if there is no activation of this name.
 *
 * @example
 * ```ts
 * import { fixedActivation } from "refigure/kan";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(fixedActivation("silu")(1), 0.7310585786300049, 1e-15);
 * assertAlmostEquals(fixedActivation("gelu")(-2), -2 * 0.022750131948179195, 1e-15);
 * ```
 */
export function fixedActivation(name: FixedActivation): (x: number) => number {
  const jet = jetOf(name);
  const out = new Float64Array(3);
  return (x) => {
    jet(x, out);
    return out[0];
  };
}

/**
 * The derivative of {@linkcode fixedActivation}; 0 for ReLU at 0.
 *
 * @returns The derivative as a function of one number; NaN for NaN.
 * @throws {TypeError} if there is no activation of this name.
 *
 * @example
 * ```ts
 * import { fixedActivationSlope } from "refigure/kan";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fixedActivationSlope("silu")(0), 0.5);
 * ```
 */
export function fixedActivationSlope(name: FixedActivation): (x: number) => number {
  const jet = jetOf(name);
  const out = new Float64Array(3);
  return (x) => {
    jet(x, out);
    return out[1];
  };
}
