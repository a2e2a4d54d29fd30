/**
 * The contract between a paper and everything that runs it: data plus pure functions.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";

/**
 * How much to run: `quick` for tests (seconds), `laptop` for the notebook (well under a minute on 2 cores),
 * `full` for the paper's scale.
 */
export type PresetName = "quick" | "laptop" | "full";

/** A vega-lite figure. */
export type Figure = TopLevelSpec;

/** A falsifiable statement of the paper, measured. */
export interface Claim {
  /** Short and stable, such as `sublinear-rate`. */
  id: string;
  /** What is claimed, as one sentence. */
  statement: string;
  /** Where the expected value comes from. */
  source: "theorem" | "table" | "figure" | "derived";
  /** The place in the source, such as "Theorem 2" or "Table 3, row 4". */
  reference: string;
  /** What must be seen, threshold included. */
  expected: string;
  /** What was seen, computed from rows. */
  measured: string;
  /** True for the one claim that stands for the paper. */
  headline?: boolean;
  /**
   * Whether it holds; null when this preset is too small to decide (never for `laptop`, never for the
   * headline).
   */
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
 * One paper's experiment. Params, Trial and Row are plain JSON.
 *
 * Trials are the units of parallelism, caching and resuming: `run` must be deterministic in its trial, and
 * all randomness comes from the seed inside it.
 */
export interface Experiment<Params extends { seed: number } = any, Trial = any, Row = any> {
  /** Folder name under `experiments/`, also the notebook's name. */
  slug: string;
  /** The paper's title. */
  title: string;
  /** What is reproduced. */
  paper: Paper;
  /** What of the paper this does not show, said plainly. */
  notReproduced?: string;
  /** Parameters per preset; each has a `seed` that `--seed` replaces. */
  presets: Record<PresetName, Params>;
  /** Independent units of work, seed included. */
  trials(params: Params): Trial[];
  /** Runs one trial. `report` says how far it is (0 to 1) and may hand out rows so far, for a live figure. */
  run(trial: Trial, report: (fraction: number, partial?: Row[]) => void): Promise<Row[]> | Row[];
  /** Figures by name; the first one is the key figure. */
  figures: Record<string, (rows: Row[]) => Figure>;
  /** The claims, measured on the rows. At least five, one marked as the headline. */
  claims(rows: Row[]): Claim[];
}
