import { groupsOf, type RowOfKind } from "../../lib/experiment/mod.ts";

/** Orders in which rows may come. */
export type Order = "random" | "sorted";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** A budget on the hard instance. */
  staircase: {
    /** Heavy rows of the stream. */
    heavy: number;
    /** How many may be stored. */
    budget: number;
    seed: number;
    /** Squared sine of the angle to the top eigenvector. */
    error: number;
    /** Memory, words of 64 bits. */
    words: number;
  };
  /** A learning rate of Oja's rule on the hard instance. */
  oja: {
    d: number;
    heavy: number;
    rate: number;
    /** Squared correlation with the top eigenvector, mean over starts. */
    correlation: number;
    /** Standard error of that mean. */
    standardError: number;
  };
  /** The same streams with heavy rows stored. */
  stored: { d: number; heavy: number; seed: number; error: number; words: number };
  /** A stream with a spike, in random order. */
  spiked: {
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
  };
  /** A spiked stream of light rows, shuffled or sorted. */
  order: { gap: number; budget: number; order: Order; seed: number; error: number };
  /** Random matrices cut into heavy and light rows, with exact eigenvectors. */
  split: { gap: number; error: number };
  /** Images of digits as a stream. */
  digits: {
    /** Whether the mean image was removed: this closes the gap. */
    centred: boolean;
    gap: number;
    order: Order;
    budget: number;
    seed: number;
    error: number;
  };
  /** Methods with the same memory. */
  race: {
    stream: "spiked" | "hard";
    method: "heavy rows + blocks" | "Frequent Directions" | "Oja, best rate";
    words: number;
    seed: number;
    error: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;

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
export function bestOja(rows: readonly Row<"oja">[]): OjaBest[] {
  return groupsOf(rows, "d").flatMap(({ value: d, rows }) =>
    groupsOf(rows, "heavy").map(({ value: heavy, rows }) => ({
      d,
      heavy,
      margin: ojaMargin(d, heavy),
      best: Math.max(...rows.map(({ correlation }) => correlation)),
    }))
  );
}
