import { mean, quantileSorted, sampleStandardDeviation } from "simple-statistics";

/** What a group of values comes to. */
export interface Summary {
  /** How many values. */
  count: number;
  /** Average. */
  mean: number;
  /** Middle value. */
  median: number;
  /** Sample standard deviation (n - 1); 0 for one value. */
  sd: number;
  /** Smallest. */
  min: number;
  /** Largest. */
  max: number;
  /** First quartile. */
  q1: number;
  /** Third quartile. */
  q3: number;
}

/**
 * Groups rows by some of their fields and summarizes another one: what a figure over seeds shows. Groups come
 * out in the order in which they first appear.
 *
 * @throws {RangeError} if a value is not a finite number.
 *
 * @example
 * ```ts
 * import { summarizeBy } from "refigure/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = [{ k: 1, seed: 0, error: 2 }, { k: 1, seed: 1, error: 4 }, { k: 2, seed: 0, error: 9 }];
 * const groups = summarizeBy(rows, ["k"], "error");
 * assertEquals(groups.map(({ k, mean, count }) => ({ k, mean, count })), [
 *   { k: 1, mean: 3, count: 2 },
 *   { k: 2, mean: 9, count: 1 },
 * ]);
 * ```
 */
export function summarizeBy<Row extends object, Key extends keyof Row>(
  rows: readonly Row[],
  keys: readonly Key[],
  value: keyof Row,
): (Pick<Row, Key> & Summary)[] {
  const groups = new Map<string, { keys: Pick<Row, Key>; values: number[] }>();
  rows.forEach((row, i) => {
    const picked = Object.fromEntries(keys.map((key) => [key, row[key]])) as Pick<Row, Key>;
    const name = JSON.stringify(picked);
    const given = row[value];
    if (typeof given !== "number" || !Number.isFinite(given)) {
      throw new RangeError(`Cannot summarize \`${String(value)}\`: row ${i} has ${String(given)}`);
    }
    if (!groups.has(name)) groups.set(name, { keys: picked, values: [] });
    groups.get(name)!.values.push(given);
  });
  return [...groups.values()].map(({ keys, values }) => ({ ...keys, ...summary(values) }));
}

function summary(values: number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    count: values.length,
    mean: mean(values),
    median: quantileSorted(sorted, 0.5),
    sd: values.length > 1 ? sampleStandardDeviation(values) : 0,
    min: sorted[0],
    max: sorted[sorted.length - 1],
    q1: quantileSorted(sorted, 0.25),
    q3: quantileSorted(sorted, 0.75),
  };
}
