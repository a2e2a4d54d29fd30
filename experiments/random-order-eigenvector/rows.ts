/** A budget on the hard instance. */
export interface StaircaseRow {
  type: "staircase";
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
  type: "oja";
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
  type: "stored";
  d: number;
  heavy: number;
  seed: number;
  error: number;
  words: number;
}

/** Orders in which rows may come. */
export type Order = "random" | "sorted";

/** A stream with a spike. */
export interface SpikedRow {
  type: "spiked";
  /** Variance along the spike over that across it. */
  gap: number;
  /** Share of the spike that heavy rows carry. */
  share: number;
  heavy: number;
  budget: number;
  order: Order;
  seed: number;
  error: number;
}

/** Random matrices cut into heavy and light rows, with exact eigenvectors. */
export interface SplitRow {
  type: "split";
  gap: number;
  error: number;
}

/** Images of digits as a stream. */
export interface DigitsRow {
  type: "digits";
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
  type: "race";
  stream: "spiked" | "hard";
  method: "heavy rows + blocks" | "Frequent Directions" | "Oja, best rate";
  words: number;
  seed: number;
  error: number;
}

/** All rows. */
export type Row = StaircaseRow | OjaRow | StoredRow | SpikedRow | SplitRow | DigitsRow | RaceRow;

/** The rows of one type. */
export function ofType<Type extends Row["type"]>(rows: Row[], type: Type): Extract<Row, { type: Type }>[] {
  return rows.filter((row): row is Extract<Row, { type: Type }> => row.type === type);
}

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

/** Average. */
export const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
