import { type Run, runExperiment } from "../../experiments/runner.ts";

const runs = new Map<string, Promise<Run>>();

/** The quick run of an experiment, made once for all tests of a file; finished trials come from the runner's cache. */
export function quickRun(slug: string): Promise<Run> {
  let run = runs.get(slug);
  if (run === undefined) runs.set(slug, run = runExperiment(slug, { preset: "quick" }));
  return run;
}
