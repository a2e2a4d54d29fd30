import type { LegacyExperiment } from "../../lib/experiment/legacy.ts";
import type { Run } from "../../lib/experiment/mod.ts";
import { experimentSlugs, loadExperiment, runExperiment } from "../../lib/experiment/deno/mod.ts";
import { setBlasThreads } from "../../lib/blas/mod.ts";

const runs = new Map<string, Promise<Run>>();

/**
 * The quick run of an experiment, made once for all tests of a file; finished trials come from the runner's
 * cache.
 */
export function quickRun(slug: string): Promise<Run> {
  let run = runs.get(slug);
  if (run === undefined) runs.set(slug, run = runExperiment(slug, { preset: "quick" }));
  return run;
}

/** The quick trials of an experiment, run in this process, so that a test can run some of them changed. */
export async function quickTrials<Params extends { seed: number }, Trial, Row>(
  experiment: LegacyExperiment<Params, Trial, Row>,
) {
  setBlasThreads(1);
  const run = async (trials: Trial[]): Promise<Row[]> =>
    (await Promise.all(trials.map((trial) => experiment.run(trial, () => {})))).flat();
  const trials = experiment.trials(experiment.presets.quick);
  const rows = await run(trials);
  return {
    trials,
    rows,
    /** Runs trials that a test has made, in this process. */
    run,
    /** Whether a claim holds on some rows. */
    verdict: (of: Row[], id: string) => experiment.claims(of).find((claim) => claim.id === id)!.holds,
    /**
     * The rows, with those of the trials that `change` changes run anew; trials and rows are told apart by
     * `kind`.
     */
    broken: async (change: (trial: Trial) => Trial | undefined): Promise<Row[]> => {
      const changed = trials.map(change).filter((trial) => trial !== undefined);
      const kinds = new Set(changed.map(kindOf));
      return rows.filter((row) => !kinds.has(kindOf(row))).concat(await run(changed));
    },
  };
}

function kindOf(of: unknown): string {
  return (of as { kind: string }).kind;
}

/** Papers that have not moved to the new shape yet. */
export async function legacySlugs(): Promise<string[]> {
  const slugs: string[] = [];
  for (const slug of experimentSlugs()) if ("old" in await loadExperiment(slug)) slugs.push(slug);
  return slugs;
}
