/**
 * Figures: vega-lite specs in one theme, built from small named parts, and drawn to SVG.
 *
 * @module
 */
export * from "./axis.ts";
export * from "./color.ts";
export * from "./figure.ts";
export * from "./learning_rates.ts";
export * from "./render_svg.ts";
export * from "./spec.ts";
export * from "./text_width.ts";
export * from "./theme.ts";
