/** What trials return. */
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** Size of the target. */
export const D = 20;
/** Rank of the target; its nonzero eigenvalues are 1. */
export const RANK = 2;

/** What is minimized: the mean absolute residual, or the mean squared one. */
export type Loss = "absolute" | "squared";

/** What is looked at. */
export type Panel =
  | "start" // scales of the start and numbers of columns
  | "scale" // error against the scale of the start
  | "population" // infinitely many measurements
  | "budget" // whether the steps suffice
  | "baseline" // beside gradient descent on the squared loss
  | "dense" // half of the measurements wrong
  | "limits" // what does not work
  | "gaussian"; // dense noise

/** Which run a row belongs to. */
export interface RunKey {
  panel: Panel;
  /** Measurements; null for infinitely many. */
  m: number | null;
  /** Columns of the factor; the target has rank 2. */
  k: number;
  /** Scale of the start. */
  alpha: number;
  /** What is minimized. */
  loss: Loss;
  /** Share of the measurements that are outliers. */
  probability: number;
  /** Their standard deviation. */
  std: number;
  /** Standard deviation of dense noise. */
  noise: number;
  /** By what the step is multiplied each time; 1 for a constant step. */
  decay: number;
  /** Seed. */
  seed: number;
}

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** One point of an error curve. */
  curve: RunKey & {
    step: number;
    /** `||U U^T - X||_F`. */
    error: number;
    /** Training loss over that of the true matrix; null where nobody asked. */
    lossRatio: number | null;
  };
  /** What a run came to. */
  run: RunKey & {
    diverged: boolean;
    /** Error after the last step. */
    lastError: number;
    /** The smallest error at any recorded step, and where. */
    bestError: number;
    bestStep: number;
    /** Length of the last step; null for a constant one. */
    lastLength: number | null;
    /** Training loss at the end over that of the true matrix. */
    lossRatio: number | null;
    /**
     * Exponential rate fitted to the second half of the run, with half the width of its 95 % interval; of
     * exact-rank runs.
     */
    rate: number | null;
    rateMargin: number | null;
    /**
     * Growth that the schedule allows, by the second eigenvalue of the data's spectral matrix, and what is
     * needed; see stepBudget.
     */
    have: number | null;
    need: number | null;
  };
  /** Outliers of one size, the same draws for all sizes. */
  size: {
    seed: number;
    /** Standard deviation of the outliers. */
    std: number;
    lastError: number;
    /**
     * Largest relative difference of the error to the run with the largest outliers, over all recorded steps.
     */
    difference: number;
  };
  /** How far the target has grown in the factor, and what it does not need. */
  race: {
    /** With the measurements, or with infinitely many. */
    run: "measured" | "population";
    step: number;
    /** Second singular value of U: the weaker of the two that the target needs. */
    signal: number;
    /** Third singular value of U: the largest of those that are too many. */
    residual: number;
    /** What the expectation says the signal is while it is small; null once it is not. */
    predicted: number | null;
  };
  /** The sign-RIP, measured on many streamed matrices. */
  rip: {
    noise: "outliers" | "gaussian";
    m: number;
    predicted: number;
    /** Along X. */
    along: number;
    /** Along a matrix orthogonal to X. */
    across: number;
  };
  /** Principal components of digits, recovered from sketches. */
  digits: {
    seed: number;
    loss: Loss;
    /** Relative error after the last step, and the smallest. */
    lastError: number;
    bestError: number;
  };
  /** A pixel of a principal component. */
  pixel: { method: "truth" | Loss; component: number; x: number; y: number; value: number };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

/** Those of a panel. */
export function ofPanel<R extends RunKey>(rows: readonly R[], panel: Panel): R[] {
  return rows.filter((row) => row.panel === panel);
}
