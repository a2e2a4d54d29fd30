import { requireFinite, requireNumber, requireOptions, requireRealArray } from "../arrays/mod.ts";

/** One singular mode of a network with one hidden layer. */
export interface LinearMode {
  /** Strength of the correlation to be learned, >= 0. */
  s: number;
  /** Strength of the mode in the network at time 0. */
  u0: number;
  /** Time constant: 1 / step size, so that time counts iterations. Default 1. */
  tau?: number;
}

/**
 * Strength of a mode learned by a balanced, decoupled network with one hidden layer (Saxe, McClelland &
 * Ganguli 2014, section 1.2): u(t) = s / (1 + (s/u0 - 1) exp(-2 s t / tau)), the solution of tau du/dt = 2 u
 * (s - u). A mode of strength 0 stays there, one above s decays to it.
 *
 * @param mode The mode at time 0.
 * @param t Time, any sign; one or many.
 * @throws {RangeError} if `s` or `u0` is negative, `tau` is not positive, or a time is not finite or before
 * the mode was infinite.
 *
 * @example
 * ```ts
 * import { linearModeStrength } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(linearModeStrength({ s: 2, u0: 0.01 }, 1), 0.4305879205034302, 1e-15);
 * ```
 */
export function linearModeStrength(mode: LinearMode, t: number): number;
/** The strengths at many times. */
export function linearModeStrength(mode: LinearMode, t: Float64Array): Float64Array;
export function linearModeStrength(mode: LinearMode, t: number | Float64Array): number | Float64Array {
  requireOptions("mode", mode, ["s", "u0", "tau"]);
  const s = requireNumber("s", mode.s, { min: 0 });
  const u0 = requireNumber("u0", mode.u0, { min: 0 });
  const { tau = 1 } = mode;
  requireNumber("tau", tau, { above: 0 });
  if (typeof t === "number") return logistic(s, u0, requireNumber("t", t) / tau);
  requireFinite("Cannot evaluate the mode at `t`", requireRealArray("t", t, "float64"));
  return t.map((time) => logistic(s, u0, time / tau));
}

/** Solution of du/dt = 2 u (s - u), for any sign of s and s = 0; nothing overflows. */
export function logistic(s: number, u0: number, t: number): number {
  if (u0 === 0) return 0;
  const x = 2 * s * t;
  // Of the two forms, the one with a decaying exponential.
  const below = x >= 0
    ? u0 * (s === 0 ? 2 * t : -Math.expm1(-x) / s) + Math.exp(-x)
    : 1 + u0 * Math.expm1(x) / s;
  if (!(below > 0)) throw new RangeError(`\`t\` = ${t} lies before the time at which the mode was infinite`);
  return (x >= 0 ? u0 : u0 * Math.exp(x)) / below;
}

/**
 * The time in which a mode gets from `u0` to `uf` (Saxe et al. 2014, equation 7): tau/2s ln(uf (s-u0) / (u0
 * (s-uf))).
 *
 * @throws {RangeError} if `u0` is not positive or `uf` does not lie strictly between `u0` and `s`.
 *
 * @example
 * ```ts
 * import { linearModeTime } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(linearModeTime({ s: 2, u0: 0.01 }, 1.9), 2.059435950972733, 1e-14);
 * ```
 */
export function linearModeTime(mode: LinearMode, uf: number): number {
  requireOptions("mode", mode, ["s", "u0", "tau"]);
  const { s, u0, tau = 1 } = mode;
  requirePath(s, u0, uf);
  requireNumber("tau", tau, { above: 0 });
  return tau / (2 * s) * (Math.log(uf / u0) + Math.log((s - u0) / (s - uf)));
}

/**
 * The time in which a mode gets from u0 < s/2 to half of its strength: tau/2s ln(s/u0 - 1).
 *
 * @throws {RangeError} if `u0` is not positive or exactly s/2.
 *
 * @example
 * ```ts
 * import { halfLearningTime } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(halfLearningTime({ s: 2, u0: 0.01 }), Math.log(199) / 4, 1e-14);
 * ```
 */
export function halfLearningTime(mode: LinearMode): number {
  requireOptions("mode", mode, ["s", "u0", "tau"]);
  return linearModeTime(mode, mode.s / 2);
}

/** Throws unless `s` and `u0` are positive and `uf` is strictly between them. @throws {RangeError} */
export function requirePath(s: number, u0: number, uf: number): void {
  requireNumber("s", s, { above: 0 });
  requireNumber("u0", u0, { above: 0 });
  requireNumber("uf", uf);
  if (!(uf > Math.min(u0, s) && uf < Math.max(u0, s))) {
    throw new RangeError(`\`uf\` must lie strictly between u0 = ${u0} and s = ${s}, got ${uf}`);
  }
}

/** Two weights in a row, of which the product is learned. */
export interface UnbalancedMode {
  /** Strength of the correlation to be learned, >= 0. */
  s: number;
  /** First weight at time 0. */
  a0: number;
  /** Second weight at time 0. */
  b0: number;
  /** Time constant. Default 1. */
  tau?: number;
}

/**
 * The two weights of a mode from any start: tau da/dt = b (s - ab), tau db/dt = a (s - ab) (Saxe et al. 2014,
 * appendix A, derived anew). The difference c = a^2 - b^2 is conserved, and the ratio T = b/a moves along a
 * hyperbolic tangent: T(t) = (k - m e) / (1 + k m e) with e = exp(-r t / tau), r = sqrt(c^2 + 4 s^2), k = 2s
 * / (r + c) its limit and m = (k - T0) / (1 + k T0). With a much larger than b the sigmoid becomes an
 * exponential.
 *
 * @throws {RangeError} if an argument is out of range, or `t` is so far in the past that the weights were
 * infinite.
 *
 * @example
 * ```ts
 * import { unbalancedModeState } from "refigure/linear_networks";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { a, b } = unbalancedModeState({ s: 2, a0: 0.5, b0: 0.02 }, 1);
 * assertAlmostEquals(a, 1.206996614464215, 1e-14);
 * assertAlmostEquals(b, 1.098745114814203, 1e-14);
 * ```
 */
export function unbalancedModeState(mode: UnbalancedMode, t: number): { a: number; b: number } {
  requireOptions("mode", mode, ["s", "a0", "b0", "tau"]);
  const { s, a0, b0, tau = 1 } = mode;
  requireNumber("s", s, { min: 0 });
  requireNumber("a0", a0);
  requireNumber("b0", b0);
  requireNumber("tau", tau, { above: 0 });
  requireNumber("t", t);
  const c = (a0 - b0) * (a0 + b0);
  if (c < 0) {
    const { a, b } = unbalancedModeState({ s, a0: b0, b0: a0, tau }, t);
    return { a: b, b: a };
  }
  if (a0 < 0) {
    const { a, b } = unbalancedModeState({ s, a0: -a0, b0: -b0, tau }, t);
    return { a: -a, b: -b };
  }
  if (c === 0) {
    // Equal weights follow the logistic law; opposite ones that of the negative correlation.
    const sign = Math.sign(b0);
    const root = Math.sqrt(logistic(sign * s, a0 * a0, t / tau));
    return { a: root, b: sign * root };
  }
  const r = Math.hypot(c, 2 * s);
  const k = 2 * s / (r + c);
  const e = Math.exp(-r * t / tau);
  // 1 - k and 1 - T0 without cancellation: both are small for a nearly balanced start.
  const belowOne = 2 * c / ((r + c) * (1 + k));
  const ratio = b0 / a0;
  const distance = b0 > 0 ? c / (a0 * (a0 + b0)) - belowOne : k - ratio;
  const m = e * distance / (1 + k * ratio);
  const denominator = 1 + k * m;
  const below = (belowOne + m * (1 + k)) / denominator;
  const above = (1 + k - m * belowOne) / denominator;
  if (!(below > 0 && above > 0)) {
    throw new RangeError(`\`t\` = ${t} lies before the time at which the weights were infinite`);
  }
  const a = Math.sqrt(c / (below * above));
  return { a, b: a * (k - m) / denominator };
}
