import {
  describeValue,
  requireInteger,
  requireNumber,
  requireOptions,
  requireString,
} from "../../arrays/mod.ts";
import { blasInfo, setBlasThreads, useReproducibleKernels } from "../../blas/mod.ts";
import { callback, maybe } from "../check.ts";
import type { Executor } from "../executor.ts";
import type { Experiment } from "../experiment.ts";
import type { ParameterOptions } from "../parameters.ts";
import { type Run, runTrials, type Watchers } from "../run.ts";
import { WorkerPool } from "../worker_pool.ts";
import { fingerprint } from "./fingerprint.ts";
import { processesAllowed, ProcessWorker } from "./process_worker.ts";
import { experimentUrl, importExperiment, loadExperiment } from "./registry.ts";
import { TrialCache } from "./trial_cache.ts";

/** How an experiment is run. */
export interface RunOptions extends ParameterOptions, Watchers {
  /** How many trials run at once; default the number of cores. */
  workers?: number;
  /** Ends the run: workers are terminated, and what is finished comes back with `interrupted: true`. */
  signal?: AbortSignal;
  /** Runs every trial anew instead of taking finished ones from the cache. */
  fresh?: boolean;
  /** Seconds after which a trial fails; default none. */
  timeout?: number;
  /** Runs only every n-th trial, starting from the i-th (0 to n - 1): `{ index: i, count: n }`; no claims then. */
  shard?: { index: number; count: number };
  /** Makes what runs the trials, which then has its own `workers` and `timeout`. Default: workers of this machine. */
  executor?: (place: TrialPlace) => Executor;
  /** Folder of the cache of finished trials; default `.cache/trials` in the project. */
  cache?: string;
  /** Told what the user should know, one line each. Default: standard error. */
  onWarning?: (line: string) => void;
}

/** What an executor runs, and what its rows depend on. */
export interface TrialPlace {
  /** Module that exports the experiment. */
  module: URL;
  /** Hash of the sources, packages and kernels that the rows are kept for. */
  fingerprint: string;
}

const OPTIONS = [
  "preset",
  "params",
  "seed",
  "workers",
  "signal",
  "fresh",
  "timeout",
  "shard",
  "executor",
  "cache",
  "onProgress",
  "onPartial",
  "onWarning",
] as const;

/**
 * Runs one experiment: by its slug, as the object that `refigure/experiments/<slug>` exports, or as the URL of a
 * module that exports `experiment`. Trials run side by side in workers; finished ones are kept, so that a run that was
 * interrupted, even killed, goes on where it stopped.
 *
 * A trial that throws fails alone: it is in `failures`, the rows of the others are in `rows`.
 *
 * @throws {ExperimentError} if there is no such experiment, preset or parameter.
 * @throws {RangeError} if an option is out of range.
 * @throws {TypeError} if an option is unknown.
 *
 * @example
 * ```ts
 * import { runExperiment } from "refigure/experiment/deno";
 * import { assertRejects } from "@std/assert";
 *
 * // const { rows, claims } = await runExperiment("ptd", { preset: "quick" });
 * await assertRejects(() => runExperiment("ptd", { workers: 0 }), RangeError, "`workers`");
 * ```
 */
export async function runExperiment(
  which: string | URL | Experiment,
  options: RunOptions = {},
): Promise<Run> {
  requireOptions("options", options, OPTIONS);
  const { workers = navigator.hardwareConcurrency, timeout, shard, cache = defaultCache() } = options;
  const { preset, params, seed, signal, fresh, onProgress, onPartial, onWarning } = options;
  requireString("cache", cache);
  maybe(callback)("onWarning", onWarning);
  maybe(callback)("executor", options.executor);
  requireInteger("workers", workers, { min: 1, max: 1024 });
  if (timeout !== undefined) requireNumber("timeout", timeout, { above: 0 });
  if (shard !== undefined) {
    requireOptions("shard", shard, ["index", "count"]);
    requireInteger("shard.count", shard.count, { min: 1 });
    requireInteger("shard.index", shard.index, { max: shard.count - 1 });
  }
  // Before the experiment is loaded, and before the workers: who loads the library first decides for all.
  useReproducibleKernels();
  const { experiment, module } = await find(which);
  const warn = onWarning ?? ((line: string) => console.error(`refigure: ${line}`));
  const store = new TrialCache(`${cache}/${experiment.slug}`, () => fingerprint(module), warn);
  await store.open();
  const processes: ProcessWorker[] = [];
  const makeWorker = processesAllowed()
    ? () => {
      const process = new ProcessWorker();
      processes.push(process);
      return process;
    }
    : () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const executor = options.executor?.({ module, fingerprint: await fingerprint(module) }) ??
    new WorkerPool(module.href, { workers, makeWorker, timeout });
  // Workers set the number of threads for the whole process.
  const { threads } = blasInfo();
  try {
    return await runTrials(experiment, {
      preset,
      params,
      seed,
      signal,
      fresh,
      onProgress,
      onPartial,
      executor,
      store,
      only: shard === undefined ? undefined : (i) => i % shard.count === shard.index,
    });
  } finally {
    setBlasThreads(threads);
    await Promise.all(processes.map(({ ended }) => ended));
  }
}

async function find(which: string | URL | Experiment): Promise<{ experiment: Experiment; module: URL }> {
  if (which instanceof URL) return { experiment: await importExperiment(which), module: which };
  const slug = typeof which === "string" ? which : which?.slug;
  if (typeof slug !== "string") {
    throw new TypeError(
      `\`which\` must be a slug, an experiment or the URL of a module, got ${describeValue(which)}`,
    );
  }
  return { experiment: await loadExperiment(slug), module: experimentUrl(slug) };
}

function defaultCache(): string {
  return decodeURIComponent(new URL("../../../.cache/trials", import.meta.url).pathname);
}
