/** Where the maps are drawn: from 1e-4 to 1, evenly on a logarithmic axis, closer where they oscillate. */
export const MAP_GRID: readonly number[] = [
  ...Array.from({ length: 80 }, (_, i) => 10 ** (-4 + i / 40)),
  ...Array.from({ length: 161 }, (_, i) => 10 ** (-2 + i / 80)),
];

/** What a schedule does to a number after some of its steps. */
export interface MapRow {
  kind: "map";
  /** Name of the schedule. */
  schedule: string;
  /** Steps so far, from 1. */
  step: number;
  /** Values on {@link MAP_GRID}. */
  values: number[];
}

/** Extremes of a schedule's map over an interval, from a dense grid. */
export interface ExtremesRow {
  kind: "extremes";
  schedule: string;
  /** How many of its steps. */
  steps: number;
  /** The interval is [lower, 1]. */
  lower: number;
  least: number;
  most: number;
}

/** A triple of the generator beside the published one. */
export interface TripleRow {
  kind: "triple";
  /** From 1. */
  triple: number;
  /** Largest relative difference of the three numbers. */
  difference: number;
}

/**
 * Singular values of a Gaussian matrix, divided by its Frobenius norm, and of what a schedule makes of it.
 */
export interface SpectrumRow {
  kind: "spectrum";
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
}

/** Root mean square of an orthogonalized Gaussian matrix, before any factor. */
export interface RmsRow {
  kind: "rms";
  rows: number;
  columns: number;
  rank: number;
  seed: number;
  /** `exact` for the polar factor, else the name of the schedule. */
  method: string;
  rms: number;
}

/** Muon's update from averaged against summed momentum. */
export interface FormsRow {
  kind: "forms";
  seed: number;
  /** Largest relative difference in ten steps. */
  difference: number;
}

/**
 * One run of the associative memory, up to the first step at which the mean loss is at most 1.7. Its kind is the part of
 * the protocol: axes and random bases, other sizes, or angles in between.
 */
export interface MemoryRow<Kind extends MemoryKind = MemoryKind> {
  kind: Kind;
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

/** One run on the digits. */
export interface DigitsRow {
  kind: "digits";
  optimizer: string;
  learningRate: number;
  steps: number;
  batch: number;
  seed: number;
  /** Loss on all training images; null if it diverged. */
  loss: number | null;
  testError: number | null;
}

/** How a batch's gradient and what Muon makes of it agree with those of all images; averages over draws. */
export interface NoiseRow {
  kind: "noise";
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
}

/** All rows. */
export type Row =
  | MapRow
  | ExtremesRow
  | TripleRow
  | SpectrumRow
  | RmsRow
  | FormsRow
  | MemoryRow<"bases">
  | MemoryRow<"sizes">
  | MemoryRow<"angles">
  | DigitsRow
  | NoiseRow;
