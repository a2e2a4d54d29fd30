/**
 * Where to measure a function so that least squares recovers it: projection determinantal point processes,
 * volume sampling and independent points from the leverage density, for spaces of polynomials and for any
 * basis on a list of candidates; and the weighted least-squares fit.
 *
 * @module
 */
export { type ConditionOptions, type Design, designGram, isWellConditioned } from "./design_gram.ts";
export * from "./discrete_space.ts";
export {
  type DppDraw,
  type DrawOptions,
  FunctionSpace,
  type FunctionSpaceOptions,
} from "./function_space.ts";
export * from "./hermite_space.ts";
export * from "./legendre_space.ts";
export * from "./repetition_factor.ts";
export * from "./sample_design.ts";
export * from "./volume_density.ts";
export * from "./weighted_least_squares.ts";
