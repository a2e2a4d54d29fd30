/**
 * Statistics for measurements: straight-line fits with confidence intervals, the normal distribution and
 * Student's t, summaries of groups of rows; nearest neighbours, principal components, and distances between
 * samples; and a minimizer without derivatives. For plain averages, medians and quantiles use
 * `simple-statistics`.
 *
 * @module
 */
export * from "./energy_distance.ts";
export * from "./fit_line.ts";
export * from "./frechet_distance.ts";
export * from "./group_by.ts";
export {
  type NearestNeighbors,
  nearestNeighbors,
  type NearestNeighborsOptions,
  type NearnessMetric,
} from "./nearest_neighbors.ts";
export * from "./nelder_mead.ts";
export * from "./normal.ts";
export * from "./precision_recall.ts";
export { type PrincipalComponents, principalComponents } from "./principal_components.ts";
export * from "./quantile_abs.ts";
export * from "./student.ts";
export * from "./summarize.ts";
