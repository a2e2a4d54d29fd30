/**
 * Notebook support: figures, figures that grow while a cell runs, progress bars, runs that the Stop button
 * ends, scorecards, and matrices as tables or heat maps. No other part of the library depends on Jupyter.
 * Outside of a kernel these functions show nothing and do everything else.
 *
 * @module
 */
export type { Claim, Experiment, Failure, Figure, Paper, PresetName, Run } from "../experiment/mod.ts";
export type { FigureSpec } from "../figures/mod.ts";
export type { ArrayOf, Complex, ComplexMatrix, DType, Matrix, RealArray } from "../arrays/mod.ts";
export { type Displayable, displaySymbol, type MediaBundle } from "./display.ts";
export { gallery } from "./gallery.ts";
export * from "./gallery_cards.ts";
export * from "./live_plot.ts";
export { type Plot, plot } from "./plot.ts";
export * from "./progress.ts";
export { reproduce, type ReproduceOptions, type ShownRun } from "./reproduce.ts";
export { scorecard } from "./scorecard.ts";
export { show, type Showable, type ShowOptions } from "./show.ts";
export { type Stoppable, stoppable } from "./stop.ts";
