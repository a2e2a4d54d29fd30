import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** Where the maps are drawn: from 1e-4 to 1, evenly on a logarithmic axis, closer where they oscillate. */
export const MAP_GRID: readonly number[] = [
  ...Array.from({ length: 80 }, (_, i) => 10 ** (-4 + i / 40)),
  ...Array.from({ length: 161 }, (_, i) => 10 ** (-2 + i / 80)),
];

/** One run of the associative memory, up to the first step at which the mean loss is at most 1.7. */
export interface MemoryRun {
  optimizer: string;
  learningRate: number;
  facts: number;
  /** Turn of keys and values in degrees; `random` for random bases, 0 for the axes. */
  turn: number | "random";
  seed: number;
  steps: number;
  /** Mean loss at the end. */
  meanLoss: number;
  /** Loss of the rarest quarter over the mean loss, at the end. */
  ratio: number;
  /** Mean and tail loss at every step; only at the rate that is drawn. */
  curve: [mean: number, tail: number][] | null;
  /** Loss of every fact at the end, the most frequent first; only at the rate that is drawn. */
  losses: number[] | null;
}

/** Parts of the memory's protocol. */
export type MemoryKind = "bases" | "sizes" | "angles";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** What a schedule does to a number after some of its steps. */
  map: {
    /** Name of the schedule. */
    schedule: string;
    /** Steps so far, from 1. */
    step: number;
    /** Values on {@link MAP_GRID}. */
    values: number[];
  };
  /** Extremes of a schedule's map over an interval, from a dense grid. */
  extremes: {
    schedule: string;
    /** How many of its steps. */
    steps: number;
    /** The interval is [lower, 1]. */
    lower: number;
    least: number;
    most: number;
  };
  /** A triple of the generator beside the published one. */
  triple: {
    /** From 1. */
    triple: number;
    /** Largest relative difference of the three numbers. */
    difference: number;
  };
  /**
   * Singular values of a Gaussian matrix, divided by its Frobenius norm, and of what a schedule makes of it.
   */
  spectrum: {
    rows: number;
    columns: number;
    seed: number;
    schedule: string;
    /** Before; descending. */
    before: number[];
    /** After, in the order of those before. */
    after: number[];
    /** Largest difference between a singular value after and the scalar map of the one before. */
    deviation: number;
  };
  /** Root mean square of an orthogonalized Gaussian matrix, before any factor. */
  rms: {
    rows: number;
    columns: number;
    rank: number;
    seed: number;
    /** `exact` for the polar factor, else the name of the schedule. */
    method: string;
    rms: number;
  };
  /** Muon's update from averaged against summed momentum. */
  forms: {
    seed: number;
    /** Largest relative difference in ten steps. */
    difference: number;
  };
  /** The memory on the axes and in random bases. */
  bases: MemoryRun;
  /** At other sizes. */
  sizes: MemoryRun;
  /** At angles in between. */
  angles: MemoryRun;
  /** One run on the digits. */
  digits: {
    optimizer: string;
    learningRate: number;
    steps: number;
    batch: number;
    seed: number;
    /** Loss on all training images; null if it diverged. */
    loss: number | null;
    testError: number | null;
  };
  /** How a batch's gradient and what Muon makes of it agree with those of all images; averages over draws. */
  noise: {
    seed: number;
    batch: number;
    /** Cosine of the batch's gradient and the full gradient. */
    gradient: number;
    /** Cosine of their orthogonalizations. */
    update: number;
    /** Cosine of the batch's orthogonalized gradient and the full gradient. */
    descent: number;
    /** Cosine of the full gradient and its orthogonalization: what `descent` can reach. */
    ceiling: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;
