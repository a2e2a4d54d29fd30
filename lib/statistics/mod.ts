/**
 * What claims are measured with: straight-line fits with confidence intervals, the normal and Student's law,
 * summaries over seeds; and a minimizer without derivatives. Plain averages, medians and quantiles come from
 * `simple-statistics`.
 *
 * @module
 */
export * from "./fit_line.ts";
export * from "./nelder_mead.ts";
export * from "./normal.ts";
export * from "./quantile_abs.ts";
export * from "./student.ts";
export * from "./summarize.ts";
