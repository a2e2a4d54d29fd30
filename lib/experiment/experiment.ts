/** The contract between a paper and everything that runs it: data plus pure functions. */
import type { TopLevelSpec } from "vega-lite";
import { requireInteger, requireString } from "../arrays/mod.ts";
import { anyObject, experiment as experimentCheck } from "./check.ts";
import type { AnyClaim } from "./claims.ts";
import type { AnyRow, RowTable } from "./rows.ts";
import type { Report } from "./trials.ts";

/**
 * How much to run: `quick` for tests and browsers (2 s), `laptop` for the notebook (20 s on 2 cores), `full` for
 * the paper's scale.
 */
export type PresetName = "quick" | "laptop" | "full";

/** The names of the presets, smallest first. */
export const presetNames: readonly PresetName[] = ["quick", "laptop", "full"];

/** A vega-lite figure. */
export type Figure = TopLevelSpec;

/** A claim and what was measured. */
export interface Claim {
  /** Short and stable, such as `sublinear-rate`. */
  id: string;
  /** What is claimed, as one sentence. */
  statement: string;
  /** What kind of place the thresholds come from. */
  source: "theorem" | "table" | "figure" | "equation" | "derived";
  /** The place, such as "Theorem 2" or "notes 3.5". */
  reference: string;
  /** Section of the paper's notes with the details. */
  notes?: string;
  /** The thresholds in words. */
  expected: string;
  /** What was measured, in words. */
  measured: string;
  /** True for the one claim that stands for the paper. */
  headline?: boolean;
  /** Whether it holds; null when too little was run to decide (never for `laptop`, never for the headline). */
  holds: boolean | null;
}

/** What the paper is, and which of its figures is re-run. */
export interface Paper {
  /** Authors, as cited. */
  authors: string;
  /** Year of publication. */
  year: number;
  /** arXiv identifier, such as `2310.01769`. */
  arxiv?: string;
  /** The figure that is re-run, such as "Figure 2: error against iterations". */
  figure: string;
}

/**
 * The paper as it is cited: authors and year.
 *
 * @example
 * ```ts
 * import { citationOf } from "refigure/experiment";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(citationOf({ authors: "A. Author, B. Author", year: 2026 }), "A. Author, B. Author, 2026");
 * ```
 */
export function citationOf(paper: Pick<Paper, "authors" | "year">): string {
  anyObject("paper", paper);
  requireString("paper.authors", paper.authors);
  requireInteger("paper.year", paper.year);
  return `${paper.authors}, ${paper.year}`;
}

/** A parameter that readers may turn, with its range. */
export interface Knob {
  /** Name of the parameter. */
  parameter: string;
  /** What it is, for a reader. */
  label: string;
  /** Smallest value offered. */
  min: number;
  /** Largest value offered. */
  max: number;
  /** Step of the slider. */
  step: number;
}

/** Parameters: plain JSON with a seed. */
export interface AnyParams {
  /** Seed of everything random; `--seed` replaces it. */
  seed: number;
}

/** One paper's experiment. Params, Trial and Row are plain JSON. */
export interface Experiment<
  Params extends AnyParams = any,
  Trial = any,
  Row extends AnyRow = any,
> {
  /** Folder name under `experiments/`, also the notebook's name. */
  slug: string;
  /** The paper's title. */
  title: string;
  /** What is reproduced. */
  paper: Paper;
  /** The family of papers it belongs to, such as "Optimizers". */
  family: string;
  /** What the paper found, in two or three plain sentences for somebody who does not know the field. */
  summary: string;
  /** What of the paper this does not show. */
  notReproduced: string;
  /** Parameters per preset. */
  presets: Record<PresetName, Params>;
  /** Parameters that a page offers to turn. */
  knobs?: readonly Knob[];
  /**
   * Throws a RangeError for parameters that make no sense, such as a negative size, before anything runs. That a
   * value has the type of the preset's is checked without it.
   */
  check?(params: Params): void;
  /** Independent units of work, seed included. */
  trials(params: Params): Trial[];
  /** Runs one trial; deterministic in its trial. */
  run(trial: Trial, report: Report<Row>): Promise<Row[]> | Row[];
  /** A trial in words; undefined for words made from its values. */
  label?(trial: Trial): string | undefined;
  /** Figures by name; the first one is the key figure. */
  figures: Record<string, (rows: RowTable<Row>) => Figure>;
  /** The claims; at least five, one marked as the headline. */
  claims: readonly AnyClaim<RowTable<Row>>[];
}

/**
 * Returns the experiment: gives its parts their types, and checks them.
 *
 * @throws {TypeError} if a part is missing, unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { defineExperiment } from "refigure/experiment";
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
 *   run: ({ seed }) => [{ kind: "value", seed, value: 1 }],
 *   figures: {},
 *   claims: [],
 * });
 * assertEquals(await experiment.run({ seed: 0 }, () => {}), [{ kind: "value", seed: 0, value: 1 }]);
 * ```
 */
export function defineExperiment<Params extends AnyParams, Trial, Row extends AnyRow>(
  experiment: Experiment<Params, Trial, Row>,
): Experiment<Params, Trial, Row> {
  experimentCheck("experiment", experiment);
  return experiment;
}
