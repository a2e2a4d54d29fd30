/**
 * The runner's core: runs an experiment's trials through an executor, keeps finished ones in a store, and judges the
 * claims. It knows neither files nor processes, so that it runs in a browser as well.
 */
import { requireBoolean, requireOptions } from "../arrays/mod.ts";
import {
  callback,
  executor as executorCheck,
  failure,
  list,
  maybe,
  signal as signalCheck,
  store as storeCheck,
} from "./check.ts";
import { judge } from "./claims.ts";
import type { Executor, TrialStore } from "./executor.ts";
import type { Claim, Experiment, PresetName } from "./experiment.ts";
import { trialLabels } from "./label.ts";
import { type ParameterOptions, parametersOf } from "./parameters.ts";
import { type AnyRow, requireRows, rowTable } from "./rows.ts";

/** How far a run is. */
export interface Progress {
  /** Which experiment. */
  slug: string;
  /** Trials that are finished, those from the store and failed ones included. */
  done: number;
  /** All trials. */
  total: number;
  /** Trials that were in the store. */
  cached: number;
  /** Share of the work that is done, 0 to 1, running trials included. */
  fraction: number;
  /** The trials that are not finished, in words; those running come first. */
  left: string[];
  /** Seconds since the start. */
  seconds: number;
}

/** A trial that failed. */
export interface Failure {
  /** The trial. */
  trial: any;
  /** The trial in words. */
  label: string;
  /** What was thrown. */
  error: string;
  /** Where. */
  stack?: string;
}

/** The outcome of a run. */
export interface Run<Params = any, Row extends AnyRow = any> {
  /** Which experiment. */
  slug: string;
  /** Which preset was asked for. */
  preset: PresetName;
  /** The parameters that were used. */
  params: Params;
  /** All rows, in the order of the trials. */
  rows: Row[];
  /** The claims, judged on the rows; empty when the run was interrupted. */
  claims: Claim[];
  /** Trials that failed. The rows of the others are in `rows` all the same. */
  failures: Failure[];
  /** Elapsed time. */
  seconds: number;
  /** True when the run ended before all trials were finished. */
  interrupted: boolean;
}

/** Who watches a run. */
export interface Watchers {
  /** Told how far the run is. */
  onProgress?: (progress: Progress) => void;
  /** Told the rows so far, in the order of the trials, whenever there are more. */
  onPartial?: (rows: any[]) => void;
}

/** What {@linkcode runTrials} needs. */
export interface CoreOptions extends ParameterOptions, Watchers {
  /** Where trials run. */
  executor: Executor;
  /** Where finished trials are kept; default nowhere. */
  store?: TrialStore;
  /** Runs every trial anew instead of taking finished ones from the store. */
  fresh?: boolean;
  /** Runs only these of the trials, by their index; no claims are judged then. */
  only?: (index: number) => boolean;
  /** Ends the run: what is finished comes back with `interrupted: true`. */
  signal?: AbortSignal;
}

const OPTIONS = [
  "preset",
  "params",
  "seed",
  "onProgress",
  "onPartial",
  "executor",
  "store",
  "fresh",
  "only",
  "signal",
] as const;

/** A trial and what has become of it. */
interface Work {
  trial: unknown;
  label: string;
  rows?: AnyRow[];
  partial?: unknown[];
  fraction: number;
  state: "waiting" | "running" | "done";
  /** One that throws after it has returned has both rows and a failure. */
  failures: Failure[];
}

/**
 * Runs an experiment's trials and judges its claims on their rows.
 *
 * A trial that fails does so alone: it is in `failures`, the rows of the others are in `rows`.
 *
 * @throws {ExperimentError} if there is no such preset or parameter, or if the parameters make no sense.
 *
 * @example
 * ```ts
 * import { defineExperiment, type Executor, runTrials } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * const preset = { seed: 0 };
 * const experiment = defineExperiment({
 *   slug: "example",
 *   title: "An Example",
 *   paper: { authors: "A. Author", year: 2026, figure: "Figure 1" },
 *   family: "Examples",
 *   summary: "One is one.",
 *   notReproduced: "The rest.",
 *   presets: { quick: preset, laptop: preset, full: preset },
 *   trials: ({ seed }) => [{ seed }],
 *   run: ({ seed }) => [{ kind: "value", seed }],
 *   figures: {},
 *   claims: [],
 * });
 * // An executor that runs trials where it is; WorkerPool runs them in workers.
 * const executor: Executor = {
 *   async runAll(trials, on) {
 *     for (const [i, trial] of trials.entries()) {
 *       on.start(i);
 *       on.rows(i, JSON.stringify(await experiment.run(trial as { seed: number }, () => {})));
 *     }
 *   },
 *   end() {},
 * };
 * const { rows } = await runTrials(experiment, { executor });
 * assertEquals(rows, [{ kind: "value", seed: 0 }]);
 * ```
 */
export async function runTrials(experiment: Experiment, options: CoreOptions): Promise<Run> {
  const start = performance.now();
  requireOptions("options", options, OPTIONS);
  const { executor, store, signal, preset = "laptop", fresh = false } = options;
  executorCheck("executor", executor);
  maybe(storeCheck)("store", store);
  maybe(signalCheck)("signal", signal);
  requireBoolean("fresh", fresh);
  for (const name of ["only", "onProgress", "onPartial"] as const) maybe(callback)(name, options[name]);
  const params = parametersOf(experiment, { preset, params: options.params, seed: options.seed });
  const trials = experiment.trials(params);
  const labels = trialLabels(trials);
  const all: Work[] = trials.map((trial, i) => ({
    trial,
    label: experiment.label?.(trial) ?? labels[i],
    fraction: 0,
    state: "waiting",
    failures: [],
  }));
  const work = all.filter((_, i) => options.only?.(i) ?? true);
  const fail = (item: Work, { message, stack }: { message: string; stack?: string }) => {
    // A trial that throws after it has returned keeps its rows, and its failure is reported.
    if (item.state !== "done") Object.assign(item, { rows: [], fraction: 1, state: "done" });
    item.failures.push({ trial: item.trial, label: item.label, error: message, stack });
  };
  let cached = 0;
  if (!fresh && store !== undefined) {
    for (const item of work) {
      const rows = await store.read(item.trial);
      if (rows === undefined) continue;
      Object.assign(item, { rows, fraction: 1, state: "done" });
      cached++;
    }
  }
  const rowsSoFar = () => work.flatMap(({ rows, partial }) => rows ?? (partial as AnyRow[]) ?? []);
  const tell = () => options.onProgress?.(progressOf(experiment.slug, work, cached, start));
  tell();
  if (cached > 0) options.onPartial?.(rowsSoFar());

  const waiting = work.filter(({ state }) => state === "waiting");
  const stop = () => executor.end();
  signal?.addEventListener("abort", stop);
  const writes: Promise<void>[] = [];
  try {
    if (!signal?.aborted) {
      await executor.runAll(waiting.map(({ trial }) => trial), {
        start(i) {
          waiting[i].state = "running";
          store?.started?.(waiting[i].trial, waiting[i].label);
          tell();
        },
        report(i, fraction, partial) {
          const item = waiting[i];
          item.fraction = Math.max(item.fraction, Math.min(fraction, 1) || 0);
          if (partial !== undefined) item.partial = partial;
          tell();
          if (partial !== undefined) options.onPartial?.(rowsSoFar());
        },
        rows(i, json) {
          const item = waiting[i];
          try {
            const rows: unknown = JSON.parse(json);
            requireRows(rows);
            Object.assign(item, { rows, fraction: 1, state: "done" });
            if (store !== undefined) writes.push(store.write(item.trial, json));
          } catch (error) {
            fail(item, error as Error);
          }
          tell();
          options.onPartial?.(rowsSoFar());
        },
        error(i, error) {
          fail(waiting[i], error);
          tell();
        },
      });
    }
    await Promise.all(writes);
  } finally {
    signal?.removeEventListener("abort", stop);
    executor.end();
    await store?.close?.();
  }
  const interrupted = work.some(({ state }) => state !== "done");
  const rows = rowsSoFar();
  const failures = work.flatMap((item) => item.failures);
  const claims = interrupted || options.only !== undefined ? [] : judgeSafely(experiment, rows);
  const seconds = (performance.now() - start) / 1000;
  return { slug: experiment.slug, preset, params, rows, claims, failures, seconds, interrupted };
}

/** The claims on the rows; what one of them returns cannot hide the others. */
function judgeSafely(experiment: Experiment, rows: readonly AnyRow[]): Claim[] {
  const table = rowTable(rows);
  return experiment.claims.map((claim) => judge(claim, table));
}

function progressOf(slug: string, work: readonly Work[], cached: number, start: number): Progress {
  return {
    slug,
    done: work.filter(({ state }) => state === "done").length,
    total: work.length,
    cached,
    fraction: work.reduce((sum, { fraction }) => sum + fraction, 0) / Math.max(1, work.length),
    left: (["running", "waiting"] as const).flatMap((state) => work.filter((item) => item.state === state))
      .map(({ label }) => label),
    seconds: (performance.now() - start) / 1000,
  };
}

/** What {@linkcode groupFailures} returns. */
export interface FailureGroup {
  /** What was thrown. */
  error: string;
  /** The trials that threw it, in words. */
  labels: string[];
}

/**
 * Failures with the same message together, so that it is shown once.
 *
 * @example
 * ```ts
 * import { groupFailures } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * const failures = ["seed 0", "seed 1"].map((label) => ({ trial: {}, label, error: "no memory" }));
 * assertEquals(groupFailures(failures), [{ error: "no memory", labels: ["seed 0", "seed 1"] }]);
 * ```
 */
export function groupFailures(failures: readonly Failure[]): FailureGroup[] {
  list(failure)("failures", failures);
  const groups = new Map<string, string[]>();
  for (const { error, label } of failures) groups.set(error, [...groups.get(error) ?? [], label]);
  return [...groups].map(([error, labels]) => ({ error, labels }));
}
