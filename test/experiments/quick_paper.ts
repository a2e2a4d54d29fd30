/** The quick run of a paper, trial by trial, so that a test can run some of its trials changed. */
import { setBlasThreads } from "../../lib/blas/mod.ts";
import { fingerprint } from "../../lib/experiment/deno/fingerprint.ts";
import { experimentUrl } from "../../lib/experiment/deno/mod.ts";
import { TrialCache } from "../../lib/experiment/deno/trial_cache.ts";
import { type AnyParams, type AnyRow, type Experiment, requireRows } from "../../lib/experiment/mod.ts";

/** A paper at quick size. */
export interface QuickPaper<Params = any, Trial = any, Row extends AnyRow = any> {
  /** The parameters of the quick preset. */
  params: Params;
  /** Its trials. */
  trials: Trial[];
  /** All rows, in the order of the trials. */
  rows: Row[];
  /** Runs trials here, such as changed ones, and returns their rows. */
  run(trials: readonly Trial[]): Promise<Row[]>;
  /**
   * The rows with some trials changed: `change` returns the trial to run instead, or undefined to keep this one as it
   * is. Throws if it changes none, since then nothing is broken.
   */
  rerun(change: (trial: Trial) => Trial | undefined | false): Promise<Row[]>;
  /** The rows with those of one kind changed. Throws if there is none of that kind. */
  alter<Kind extends Row["kind"]>(
    kind: Kind,
    change: (row: Extract<Row, { kind: Kind }>) => Extract<Row, { kind: Kind }>,
  ): Row[];
}

/** Runs the quick preset in this process; finished trials come from the runner's cache. */
export async function quickPaper<Params extends AnyParams, Trial, Row extends AnyRow>(
  experiment: Experiment<Params, Trial, Row>,
): Promise<QuickPaper<Params, Trial, Row>> {
  setBlasThreads(1);
  const params = experiment.presets.quick;
  const trials = experiment.trials(params);
  const runOne = async (trial: Trial): Promise<Row[]> => {
    const rows = await experiment.run(trial, () => {});
    requireRows(rows);
    return rows as Row[];
  };
  const folder = decodeURIComponent(new URL("../../.cache/trials", import.meta.url).pathname);
  const module = experimentUrl(experiment.slug);
  const cache = new TrialCache(`${folder}/${experiment.slug}`, () => fingerprint(module), () => {});
  await cache.open();
  const byTrial: Row[][] = [];
  for (const trial of trials) {
    const kept = await cache.read(trial);
    const rows = kept ?? await runOne(trial);
    if (kept === undefined) await cache.write(trial, JSON.stringify(rows));
    byTrial.push(rows as Row[]);
  }
  await cache.close();
  const rows = byTrial.flat();
  const run = async (list: readonly Trial[]) => {
    const made: Row[] = [];
    for (const trial of list) made.push(...await runOne(trial));
    return made;
  };
  return {
    params,
    trials,
    rows,
    run,
    async rerun(change) {
      const made: Row[] = [];
      let changed = 0;
      for (const [i, trial] of trials.entries()) {
        const other = change(trial);
        if (other) changed++;
        made.push(...other ? await runOne(other) : byTrial[i]);
      }
      if (changed === 0) throw new Error("no trial was changed");
      return made;
    },
    alter(kind, change) {
      if (!rows.some((row) => row.kind === kind)) throw new Error(`there are no rows of kind "${kind}"`);
      return rows.map((row) => row.kind === kind ? change(row as Extract<Row, { kind: typeof kind }>) : row);
    },
  };
}
