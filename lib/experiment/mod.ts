/**
 * The contract between a paper and everything that runs it: claims, trials, rows, the runner and the scorecard.
 *
 * @module
 */
export type { Claim, Experiment, Figure, Paper, PresetName } from "./experiment.ts";
export * from "./runner.ts";
export { scorecardText } from "./scorecard.ts";
