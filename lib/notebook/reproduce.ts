import { requireOptions } from "../arrays/check.ts";
import { nearest } from "../arrays/nearest.ts";
import {
  type AnyRow,
  type Experiment,
  ExperimentError,
  groupFailures,
  type PresetName,
  type Progress,
  rowTable,
  type Run,
} from "../experiment/mod.ts";
import { type Displayable, displaySymbol } from "./display.ts";
import { type LivePlot, livePlot } from "./live_plot.ts";
import { type Plot, plot } from "./plot.ts";
import { showPassing } from "./passing.ts";
import { progress } from "./progress.ts";
import { stoppable } from "./stop.ts";

/** A run that a notebook shows: its figures by name. */
export type ShownRun<Params = any, Row extends AnyRow = any> = Run<Params, Row> & Displayable & {
  /**
   * A figure of the experiment, drawn from the rows of this run; as the last expression of a cell it is shown.
   *
   * @param name Which one; default the key figure.
   */
  plot(name?: string): Plot;
};

/** How an experiment is run in a notebook. */
export interface ReproduceOptions<Params> {
  /** How much to run; default `"laptop"`, well under a minute. */
  preset?: PresetName;
  /** Knobs: replaces some of the preset's parameters. */
  params?: Partial<Params>;
  /** Replaces the preset's seed. */
  seed?: number;
  /** How many trials run at once; default the number of cores. */
  workers?: number;
  /** Which figure grows meanwhile; default the first, false for none. */
  figure?: string | false;
  /** Runs every trial anew instead of taking finished ones from the cache. */
  fresh?: boolean;
}

/**
 * Runs an experiment in workers, so that the notebook stays responsive: a progress bar shows what is left,
 * the key figure grows, and Stop ends the run but not the kernel. What is finished is kept: running the cell
 * again goes on from there.
 *
 * @param which The slug, `experiment` from `refigure/experiments/<slug>`, or the URL of a module that exports
 * `experiment`.
 * @returns Rows, claims and failures; with `interrupted: true`, the rows so far and no claims, after Stop.
 * @throws {ExperimentError} if there is no such experiment, preset, parameter or figure, or if the parameters
 * make no sense; nothing runs then.
 * @throws {TypeError} if an option has an unknown name.
 *
 * @example
 * ```ts
 * import { reproduce } from "refigure/notebook";
 * import { assertRejects } from "@std/assert";
 *
 * // const run = await reproduce("matrix-sensing-overparam", { params: { ratio: 0.5 } });
 * await assertRejects(() => reproduce("no-such-paper"), RangeError, "Unknown experiment");
 * ```
 */
export async function reproduce<Params extends { seed: number }, Trial, Row extends AnyRow>(
  which: Experiment<Params, Trial, Row>,
  options?: ReproduceOptions<Params>,
): Promise<ShownRun<Params, Row>>;
/** The same for a slug or a URL, of whose parameters and rows nothing is known beforehand. */
export async function reproduce(
  which: string | URL,
  options?: ReproduceOptions<Record<string, unknown>>,
): Promise<ShownRun>;
export async function reproduce(
  which: string | URL | Experiment,
  options: ReproduceOptions<Record<string, unknown>> = {},
): Promise<ShownRun> {
  requireOptions("options", options, ["preset", "params", "seed", "workers", "figure", "fresh"]);
  // Loaded when needed: a notebook that only plots does not wait for the runner.
  const { runExperiment } = await import("../experiment/deno/mod.ts");
  const experiment = await load(which);
  const preset = presetOfEnvironment() ?? options.preset ?? "laptop";
  const {
    params,
    seed,
    workers,
    fresh,
    figure = Object.keys(experiment.figures)[0] ?? false,
  } = options;
  const draw = figure === false ? undefined : figureOf(experiment, figure);
  const bar = progress(`${experiment.slug}, ${preset} preset`);
  let live: LivePlot | undefined;
  let latest: Progress | undefined;
  const warnings: string[] = [];
  using work = stoppable();
  let run: Run;
  try {
    run = await runExperiment(which, {
      preset,
      params,
      seed,
      workers,
      fresh,
      signal: work.signal,
      onProgress: (now) => {
        latest = now;
        bar.update(now.fraction, doing(now));
      },
      onPartial: (rows) => {
        if (draw !== undefined && rows.length > 0) (live ??= livePlot()).update(() => draw(rowTable(rows)));
      },
      onWarning: (line) => warnings.push(line),
    });
  } catch (error) {
    // A bar that stays where it was would look like a run that goes on.
    if (latest !== undefined) await bar.end(`${experiment.slug}, ${preset} preset: failed.`);
    throw error;
  }
  const summary = outcome(run, latest!);
  await bar.end(summary);
  await showPassing(warnings);
  if (draw !== undefined && run.rows.length > 0) {
    await finish(live ?? livePlot(), run, () => draw(rowTable(run.rows)));
  }
  experiments.set(run, experiment);
  // Not enumerable: rows and claims are what the run is, how it is shown is not.
  Object.defineProperties(run, {
    [displaySymbol]: { value: () => ({ "text/plain": summary }) },
    plot: {
      value: (name = Object.keys(experiment.figures)[0]) =>
        plot(figureOf(experiment, name)(rowTable(run.rows))),
    },
  });
  return run as ShownRun;
}

/** A figure of an experiment by its name. @throws {ExperimentError} naming those there are. */
function figureOf(experiment: Experiment, name: string): Experiment["figures"][string] {
  const names = Object.keys(experiment.figures);
  if (!names.includes(name)) {
    throw new ExperimentError(
      `${experiment.slug} has no figure "${name}"${nearest(String(name), names)}; there are: ${
        names.join(", ") || "none"
      }`,
    );
  }
  return experiment.figures[name];
}

const experiments = new WeakMap<object, Experiment>();

/** The experiment that a run came from. */
export async function experimentOf(run: Run): Promise<Experiment> {
  return experiments.get(run) ?? await load(run.slug);
}

/**
 * The preset that every run of the notebook uses instead of its own, from the environment: tests run
 * notebooks at a small size.
 */
function presetOfEnvironment(): PresetName | undefined {
  const variable = "REFIGURE_PRESET";
  const isReadable = Deno.permissions.querySync({ name: "env", variable }).state === "granted";
  return (isReadable && Deno.env.get(variable) || undefined) as PresetName | undefined;
}

async function load(which: string | URL | Experiment): Promise<Experiment> {
  const isExperiment = typeof which === "object" && which !== null && "slug" in which;
  if (typeof which !== "string" && !(which instanceof URL) && !isExperiment) {
    throw new TypeError(
      `\`which\` must be a slug, a URL or an experiment, got ${JSON.stringify(which) ?? String(which)}`,
    );
  }
  const { importExperiment, loadExperiment } = await import("../experiment/deno/mod.ts");
  if (which instanceof URL) return await importExperiment(which);
  return await loadExperiment(typeof which === "string" ? which : which.slug);
}

/**
 * The last drawing. That of an interrupted or broken run may lack rows the figure needs; a complete one must
 * be drawn.
 */
async function finish(live: LivePlot, run: Run, spec: () => Parameters<LivePlot["end"]>[0]): Promise<void> {
  try {
    await live.end(spec());
  } catch (error) {
    if (!run.interrupted && run.failures.length === 0) throw error;
  }
}

function doing({ done, total, left }: Progress): string {
  const count = `${done} of ${total} trials done`;
  return left.length === 0 ? count : `${left[0]} (${count})`;
}

function outcome({ slug, preset, rows, failures, interrupted }: Run, { done, total }: Progress): string {
  const head = `${slug}, ${preset} preset: `;
  const lines = interrupted
    ? [
      `${head}interrupted with ${done} of ${total} trials finished (${rows.length} rows so far). ` +
      `They are kept; run this cell again to go on.`,
    ]
    : [
      `${head}${total - failures.length} of ${total} trials finished, ${rows.length} rows.`,
    ];
  for (const { labels, error } of groupFailures(failures)) {
    lines.push(`Failed: ${labels[0]}${labels.length > 1 ? ` and ${labels.length - 1} more` : ""}: ${error}`);
  }
  return lines.join("\n");
}
