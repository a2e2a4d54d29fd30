/**
 * Runs the experiments of a folder with Deno: a registry, workers, and a cache of finished trials on disk.
 *
 * @module
 */
export { experimentSlugs, experimentUrl, importExperiment, loadExperiment } from "./registry.ts";
export * from "./run_experiment.ts";
