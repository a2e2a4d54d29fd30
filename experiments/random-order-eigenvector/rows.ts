import { groupsOf } from "../../lib/experiment/mod.ts";

/** A budget on the hard instance. */
export interface StaircaseRow {
  kind: "staircase";
  /** Heavy rows of the stream. */
  heavy: number;
  /** How many may be stored. */
  budget: number;
  seed: number;
  /** Squared sine of the angle to the top eigenvector. */
  error: number;
  /** Memory, words of 64 bits. */
  words: number;
}

/** A learning rate of Oja's rule on the hard instance. */
export interface OjaRow {
  kind: "oja";
  d: number;
  heavy: number;
  rate: number;
  /** Squared correlation with the top eigenvector, mean over starts. */
  correlation: number;
  /** Standard error of that mean. */
  standardError: number;
}

/** The same streams with heavy rows stored. */
export interface StoredRow {
  kind: "stored";
  d: number;
  heavy: number;
  seed: number;
  error: number;
  words: number;
}

/** Orders in which rows may come. */
export type Order = "random" | "sorted";

/** A stream with a spike, in random order. */
export interface SpikedRow {
  kind: "spiked";
  /** Variance along the spike over that across it. */
  gap: number;
  /** Share of the spike that heavy rows carry. */
  share: number;
  heavy: number;
  budget: number;
  seed: number;
  error: number;
  /** The error that finite samples predict when all rows are light: (d/n)(T−1)/R. */
  law: number;
}

/** A spiked stream of light rows, shuffled or sorted. */
export interface OrderRow {
  kind: "order";
  gap: number;
  budget: number;
  order: Order;
  seed: number;
  error: number;
}

/** Random matrices cut into heavy and light rows, with exact eigenvectors. */
export interface SplitRow {
  kind: "split";
  gap: number;
  error: number;
}

/** Images of digits as a stream. */
export interface DigitsRow {
  kind: "digits";
  /** Whether the mean image was removed: this closes the gap. */
  centred: boolean;
  gap: number;
  order: Order;
  budget: number;
  seed: number;
  error: number;
}

/** Methods with the same memory. */
export interface RaceRow {
  kind: "race";
  stream: "spiked" | "hard";
  method: "heavy rows + blocks" | "Frequent Directions" | "Oja, best rate";
  words: number;
  seed: number;
  error: number;
}

/** All rows. */
export type Row = StaircaseRow | OjaRow | StoredRow | SpikedRow | OrderRow | SplitRow | DigitsRow | RaceRow;

/**
 * Error on the hard instance when only `budget` of its heavy rows are stored: those that are not are lost.
 */
export function closedForm(heavy: number, budget: number): number {
  return budget >= heavy ? 0 : (heavy - budget) / (heavy * (budget + 1));
}

/**
 * Positive: some learning rate lets Oja's rule win on the hard instance; the logarithm of signal over noise
 * at the best rate.
 */
export function ojaMargin(d: number, heavy: number): number {
  return heavy * Math.log(heavy) - heavy + 1 - Math.log(d - heavy - 1) / 2;
}

/** A stream that Oja's rule met, with the best mean squared correlation over all learning rates. */
export interface OjaBest {
  d: number;
  heavy: number;
  margin: number;
  best: number;
}

/** The best of Oja's rule in hindsight, stream by stream. */
export function bestOja(rows: readonly OjaRow[]): OjaBest[] {
  return groupsOf(rows, "d").flatMap(({ value: d, rows }) =>
    groupsOf(rows, "heavy").map(({ value: heavy, rows }) => ({
      d,
      heavy,
      margin: ojaMargin(d, heavy),
      best: Math.max(...rows.map(({ correlation }) => correlation)),
    }))
  );
}
