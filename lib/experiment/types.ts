/** What goes into a run and what comes out of it. */
import type { Claim, PresetName } from "./experiment.ts";

/** How an experiment is run. */
export interface RunOptions {
  /** How much to run; default `"laptop"`. */
  preset?: PresetName;
  /** Replaces some of the preset's parameters. */
  params?: Record<string, unknown>;
  /** Replaces the preset's seed. */
  seed?: number;
  /** How many trials run at once; default the number of cores. */
  workers?: number;
  /** Ends the run: workers are terminated, and what is finished comes back with `interrupted: true`. */
  signal?: AbortSignal;
  /** Runs every trial anew instead of taking finished ones from the cache. */
  fresh?: boolean;
  /** Folder of the cache of finished trials; default `.cache/trials` in the project. */
  cache?: string;
  /** Told how far the run is. */
  onProgress?: (progress: Progress) => void;
  /** Told the rows so far, in the order of the trials, whenever there are more. */
  onPartial?: (rows: any[]) => void;
  /**
   * Told what the user should know (a corrupt cache entry, a cache that cannot be written), one line each.
   * Default: standard error.
   */
  onWarning?: (line: string) => void;
}

/** How far a run is. */
export interface Progress {
  /** Which experiment. */
  slug: string;
  /** Trials that are finished, those from the cache and failed ones included. */
  done: number;
  /** All trials. */
  total: number;
  /** Trials that were in the cache. */
  cached: number;
  /** Share of the work that is done, 0 to 1, running trials included. */
  fraction: number;
  /** The trials that are not finished, by their label; those running come first. */
  left: string[];
  /** Seconds since the start. */
  seconds: number;
}

/** A trial that threw, or (with `trial` null) figures or claims that did. */
export interface Failure {
  /** The trial's parameters. */
  trial: any;
  /** What it said. */
  error: string;
  /** Where. */
  stack?: string;
}

/** The outcome of a run. */
export interface Run<Params = any, Row = any> {
  /** Which experiment. */
  slug: string;
  /** Which preset was asked for. */
  preset: PresetName;
  /** The parameters that were used. */
  params: Params;
  /** All rows, in the order of the trials. */
  rows: Row[];
  /** The claims, measured on the rows; empty when the run was interrupted. */
  claims: Claim[];
  /** Trials that failed. The others are in `rows` all the same. */
  failures: Failure[];
  /** Elapsed time. */
  seconds: number;
  /** True when the signal ended it before all trials were finished. */
  interrupted: boolean;
}
