/**
 * Figures: vega-lite specs in one theme, built from small named parts, and drawn to SVG.
 *
 * @module
 */
export * from "./annotation.ts";
export * from "./axis.ts";
export * from "./category_axis.ts";
export * from "./color.ts";
export * from "./dots_and_mean.ts";
export * from "./figure.ts";
export * from "./interactive.ts";
export * from "./knob.ts";
export * from "./learning_rates.ts";
export * from "./legend.ts";
export * from "./lines.ts";
export * from "./mean_and_range.ts";
export * from "./number_label.ts";
export * from "./panels.ts";
export * from "./pictures.ts";
export * from "./points.ts";
export * from "./rank_by.ts";
export * from "./render_svg.ts";
export * from "./spec.ts";
export { textWidth } from "./text_width.ts";
export * from "./theme.ts";
export * from "./theory_line.ts";
export * from "./thin.ts";
