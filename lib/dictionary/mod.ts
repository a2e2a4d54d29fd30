/**
 * Orthogonal dictionary learning, online and in batches.
 *
 * @module
 */
export * from "./alternating_dictionary.ts";
export * from "./bernoulli_gaussian.ts";
export { completedPolarFactor } from "./completed_polar.ts";
export * from "./dictionary_schedule.ts";
export * from "./lasso.ts";
export { lpGradient } from "./lp_gradient.ts";
export * from "./noise_floor.ts";
export * from "./online_dictionary.ts";
export * from "./population_l3.ts";
