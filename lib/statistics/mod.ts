/**
 * Statistics for measurements: straight-line fits with confidence intervals, the normal distribution and
 * Student's t, summaries of groups of rows; and a minimizer without derivatives. For plain averages, medians
 * and quantiles use `simple-statistics`.
 *
 * @module
 */
export * from "./energy_distance.ts";
export * from "./fit_line.ts";
export * from "./group_by.ts";
export * from "./nelder_mead.ts";
export * from "./normal.ts";
export * from "./quantile_abs.ts";
export * from "./student.ts";
export * from "./summarize.ts";
