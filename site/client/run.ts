/** Runs an experiment in the reader's browser: its trials in Web Workers, its claims and figures in the page. */
import type { AnyRow, Claim, Experiment, Failure, Figure, Progress } from "../../lib/experiment/mod.ts";
import { rowTable } from "../../lib/experiment/rows.ts";
import { runTrials } from "../../lib/experiment/run.ts";
import { WorkerPool } from "../../lib/experiment/worker_pool.ts";
import { figure } from "../../lib/figures/figure.ts";
import { codeFolder } from "./code.ts";

/** More workers than this take more memory than they save time. */
const MOST_WORKERS = 8;

/** How a run is started, watched and stopped. */
export interface RunHereOptions {
  /** Replaces some of the parameters of the quick preset. */
  params?: Record<string, unknown>;
  /** Ends the run within a second, whatever the trials do; the rows so far come back. */
  signal?: AbortSignal;
  /** Told how far the run is. */
  onProgress?: (progress: Progress) => void;
  /** Told the rows so far whenever there are more. */
  onRows?: (rows: AnyRow[]) => void;
}

/** What came of a run. */
export interface RunHere {
  /** All rows, in the order of the trials. */
  rows: AnyRow[];
  /** The claims, judged on the rows; one that cannot be judged does not hold. Empty if the run was interrupted. */
  claims: Claim[];
  /** Trials that failed. */
  failures: Failure[];
  /** True if the run was stopped. */
  interrupted: boolean;
  /** Elapsed time. */
  seconds: number;
}

/** A figure drawn from rows, or why it cannot be drawn. */
export type DrawnFigure = { name: string; spec: Figure } | { name: string; error: string };

/** Loads the program of a paper. */
export async function loadHere(slug: string): Promise<Experiment> {
  return (await import(moduleOf(slug))).experiment;
}

/**
 * Runs the quick preset of a paper, with some parameters replaced. Rejects if the program cannot be loaded or the
 * parameters make no sense, with one sentence for the reader.
 */
export async function runHere(slug: string, options: RunHereOptions = {}): Promise<RunHere> {
  const { params, signal, onProgress, onRows } = options;
  const start = performance.now();
  const experiment = await loadHere(slug);
  const executor = new WorkerPool(moduleOf(slug), {
    workers: Math.min(navigator.hardwareConcurrency || 2, MOST_WORKERS),
    makeWorker: () => new Worker(new URL("site/client/worker.js", codeFolder), { type: "module" }),
  });
  const { rows, claims, failures, interrupted } = await runTrials(experiment, {
    preset: "quick",
    params,
    signal,
    onProgress,
    onPartial: onRows,
    executor,
  });
  return { rows, claims, failures, interrupted, seconds: (performance.now() - start) / 1000 };
}

/**
 * Draws figures of a paper from rows, the key figure first. One that cannot be drawn, perhaps because there are too
 * few rows yet, is returned with the reason.
 *
 * @param names Which figures; default all.
 */
export async function drawHere(
  slug: string,
  rows: readonly AnyRow[],
  names?: readonly string[],
): Promise<DrawnFigure[]> {
  const { figures } = await loadHere(slug);
  const table = rowTable(rows);
  return Object.entries(figures)
    .filter(([name]) => names?.includes(name) ?? true)
    .map(([name, draw]) => {
      try {
        return { name, spec: figure(draw(table) as Parameters<typeof figure>[0]) as Figure };
      } catch (error) {
        return { name, error: error instanceof Error ? error.message : String(error) };
      }
    });
}

function moduleOf(slug: string): string {
  return new URL(`experiments/${slug}/mod.js`, codeFolder).href;
}
