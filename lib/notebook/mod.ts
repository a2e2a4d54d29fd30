/**
 * The notebook room: figures, figures that grow, progress, runs that Stop stops, scorecards, matrices at a
 * glance. The only place that knows Jupyter; outside of a kernel it shows nothing and works all the same.
 *
 * @module
 */
export type { Claim, Experiment, Failure, Figure, Paper, PresetName, Run } from "../experiment/mod.ts";
export type { FigureSpec } from "../figures/mod.ts";
export type { ArrayOf, Complex, ComplexMatrix, DType, Matrix, RealArray } from "../arrays/mod.ts";
export { type Displayable, displaySymbol, type MediaBundle } from "./display.ts";
export * from "./gallery.ts";
export * from "./live_plot.ts";
export { type Plot, plot } from "./plot.ts";
export * from "./progress.ts";
export { reproduce, type ReproduceOptions, type ShownRun } from "./reproduce.ts";
export { scorecard } from "./scorecard.ts";
export { show, type Showable, type ShowOptions } from "./show.ts";
export { type Stoppable, stoppable } from "./stop.ts";
