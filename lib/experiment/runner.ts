/**
 * Runs any experiment: its trials side by side in workers, then its claims on their rows. Finished trials are
 * kept, so a run that was interrupted, even killed, goes on where it stopped.
 *
 * @module
 */
import { blasInfo, setBlasThreads } from "../blas/mod.ts";
import { requireInteger } from "../arrays/mod.ts";
import type { Claim, Experiment, PresetName } from "./experiment.ts";
import { ExperimentError, experimentSlugs, experimentUrl, loadExperiment } from "./registry.ts";
import { TrialCache } from "./cache.ts";
import { fingerprint } from "./fingerprint.ts";
import { label } from "./label.ts";
import { nearest } from "./nearest.ts";
import { Pool } from "./pool.ts";
import type { Failure, Run, RunOptions } from "./types.ts";

export type { Failure, Progress, Run, RunOptions } from "./types.ts";
export { ExperimentError, experimentSlugs, loadExperiment };

/** A trial and what has become of it. */
interface Work {
  trial: unknown;
  rows?: unknown[];
  partial?: unknown[];
  fraction: number;
  state: "waiting" | "running" | "done";
}

/**
 * Runs one experiment: by its slug, as the object that `refigure/experiments/<slug>` exports, or as the URL
 * of a module that exports `experiment`.
 *
 * A trial that throws fails alone: it is in `failures` with its parameters, the others are in `rows`.
 *
 * @throws {ExperimentError} if there is no such experiment, preset or parameter.
 * @throws {RangeError} if `workers` or `seed` is out of range.
 */
export async function runExperiment(
  which: string | URL | Experiment,
  options: RunOptions = {},
): Promise<Run> {
  const start = performance.now();
  const { experiment, module } = await find(which);
  const { preset = "laptop", signal, workers = navigator.hardwareConcurrency } = options;
  requireInteger("workers", workers, { min: 1, max: 1024 });
  const params = parameters(experiment, preset, options);
  const work: Work[] = experiment.trials(params).map((trial) => ({ trial, fraction: 0, state: "waiting" }));
  const failures: Failure[] = [];
  const warn = options.onWarning ?? ((line: string) => console.error(`refigure: ${line}`));
  const cache = new TrialCache(
    `${options.cache ?? defaultCache()}/${experiment.slug}`,
    await fingerprint(module),
    warn,
  );
  let cached = 0;
  if (!options.fresh) {
    for (const item of work) {
      const rows = await cache.read(item.trial);
      if (rows === undefined) continue;
      Object.assign(item, { rows, fraction: 1, state: "done" });
      cached++;
    }
  }
  const rowsSoFar = () => work.flatMap(({ rows, partial }) => rows ?? partial ?? []);
  const tell = () =>
    options.onProgress?.({
      slug: experiment.slug,
      done: work.filter(({ state }) => state === "done").length,
      total: work.length,
      cached,
      fraction: work.reduce((sum, { fraction }) => sum + fraction, 0) / Math.max(1, work.length),
      left: ["running", "waiting"].flatMap((state) => work.filter((item) => item.state === state))
        .map(({ trial }) => label(trial)),
      seconds: (performance.now() - start) / 1000,
    });
  tell();
  if (cached > 0) options.onPartial?.(rowsSoFar());

  const pool = new Pool(module, workers);
  const stop = () => pool.end();
  signal?.addEventListener("abort", stop);
  const threads = blasInfo().threads;
  const writes: Promise<void>[] = [];
  try {
    if (!signal?.aborted) {
      await pool.runAll(work.filter(({ state }) => state === "waiting"), {
        trialOf: (item) => item.trial,
        start: (item) => {
          item.state = "running";
          tell();
        },
        report: (item, fraction, partial) => {
          item.fraction = Math.max(item.fraction, Math.min(fraction, 1));
          if (partial !== undefined) item.partial = partial;
          tell();
          if (partial !== undefined) options.onPartial?.(rowsSoFar());
        },
        rows: (item, json) => {
          Object.assign(item, { rows: JSON.parse(json), fraction: 1, state: "done" });
          writes.push(cache.write(item.trial, json));
          tell();
          options.onPartial?.(rowsSoFar());
        },
        error: (item, error) => {
          Object.assign(item, { rows: [], fraction: 1, state: "done" });
          failures.push({ trial: item.trial, error: error.message, stack: error.stack });
          tell();
        },
      });
    }
    await Promise.all(writes);
  } finally {
    signal?.removeEventListener("abort", stop);
    pool.end();
    setBlasThreads(threads);
  }
  const interrupted = work.some(({ state }) => state !== "done");
  const rows = rowsSoFar();
  const claims = interrupted ? [] : measure(experiment, rows, failures);
  const seconds = (performance.now() - start) / 1000;
  return { slug: experiment.slug, preset, params, rows, claims, failures, seconds, interrupted };
}

/** The claims on the rows; rows that are missing because trials failed must not hide the other results. */
function measure(experiment: Experiment, rows: unknown[], failures: Failure[]): Claim[] {
  try {
    return experiment.claims(rows);
  } catch (error) {
    const { message, stack } = error as Error;
    failures.push({ trial: null, error: `the claims could not be measured: ${message}`, stack });
    return [];
  }
}

async function find(which: string | URL | Experiment): Promise<{ experiment: Experiment; module: URL }> {
  if (which instanceof URL) {
    const { experiment } = await import(which.href) as { experiment?: Experiment };
    if (experiment === undefined) throw new ExperimentError(`${which} exports no \`experiment\``);
    return { experiment, module: which };
  }
  const slug = typeof which === "string" ? which : which.slug;
  return { experiment: await loadExperiment(slug), module: experimentUrl(slug) };
}

/** The preset's parameters with what the caller replaces. */
function parameters(experiment: Experiment, preset: PresetName, options: RunOptions): { seed: number } {
  const presets = Object.keys(experiment.presets);
  if (!presets.includes(preset)) {
    throw new ExperimentError(
      `Unknown preset "${preset}"${nearest(preset, presets)}; there are: ${presets.join(", ")}`,
    );
  }
  const params = experiment.presets[preset];
  const known = Object.keys(params);
  for (const name of Object.keys(options.params ?? {})) {
    if (!known.includes(name)) {
      throw new ExperimentError(
        `${experiment.slug} has no parameter "${name}"${nearest(name, known)}; there are: ${
          known.join(", ")
        }`,
      );
    }
  }
  const { seed } = options;
  if (seed !== undefined) requireInteger("seed", seed, { min: Number.MIN_SAFE_INTEGER });
  return { ...params, ...options.params, ...(seed === undefined ? {} : { seed }) };
}

function defaultCache(): string {
  return decodeURIComponent(new URL("../../.cache/trials", import.meta.url).pathname);
}
