/**
 * What claims are measured with: straight-line fits with confidence intervals, and summaries over seeds. Plain averages,
 * medians and quantiles come from `simple-statistics`.
 *
 * @module
 */
export * from "./fit_line.ts";
export * from "./normal.ts";
export * from "./student.ts";
export * from "./summarize.ts";
