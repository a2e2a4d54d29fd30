/**
 * Runs any experiment: its trials, then its claims on their rows.
 *
 * @module
 */
import type { Experiment, PresetName } from "./experiment.ts";
import { experimentSlugs, loadExperiment } from "./registry.ts";
import type { Failure, Run, RunOptions } from "./runner/types.ts";

export type { Failure, Progress, Run, RunOptions } from "./runner/types.ts";
export { experimentSlugs, loadExperiment };

/** Runs one experiment, by its slug or as an object. */
export async function runExperiment(
  slugOrExperiment: string | Experiment,
  options: RunOptions = {},
): Promise<Run> {
  const experiment = typeof slugOrExperiment === "string"
    ? await loadExperiment(slugOrExperiment)
    : slugOrExperiment;
  const preset: PresetName = options.preset ?? "laptop";
  const params = { ...experiment.presets[preset], ...options.params };
  if (options.seed !== undefined) params.seed = options.seed;
  const start = performance.now();
  const trials = experiment.trials(params);
  const rows: any[] = [], failures: Failure[] = [];
  for (const trial of trials) {
    if (options.signal?.aborted) break;
    try {
      rows.push(...JSON.parse(JSON.stringify(await experiment.run(trial, () => {}))));
    } catch (error) {
      failures.push({ trial, error: String(error), stack: (error as Error).stack });
    }
    options.onPartial?.(rows);
  }
  const interrupted = options.signal?.aborted ?? false;
  const claims = interrupted ? [] : experiment.claims(rows);
  const seconds = (performance.now() - start) / 1000;
  return { slug: experiment.slug, preset, params, rows, claims, failures, seconds, interrupted };
}
