/**
 * The contract between a paper and everything that runs it: trials, rows, claims and figures as data, the runner's
 * core, and the scorecard. It runs in Deno, Node and browsers; `refigure/experiment/deno` adds the registry, workers
 * and the cache on disk.
 *
 * @module
 */
export * from "./bound.ts";
export * from "./claims.ts";
export type { Executor, TrialEvents, TrialStore } from "./executor.ts";
export * from "./experiment.ts";
export * from "./findings.ts";
export { trialLabels } from "./label.ts";
export * from "./numbers.ts";
export { ExperimentError, type ParameterOptions, parametersOf } from "./parameters.ts";
export * from "./rows.ts";
export * from "./run.ts";
export * from "./scorecard.ts";
export * from "./source.ts";
export { serveTrials } from "./trial_server.ts";
export * from "./trials.ts";
export { type TrialWorker, WorkerPool, type WorkerPoolOptions } from "./worker_pool.ts";
