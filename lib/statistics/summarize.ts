import { mean, quantileSorted, sampleStandardDeviation } from "simple-statistics";
import { describeValue } from "../arrays/mod.ts";
import { powerOfTwoScale } from "../arrays/scaling.ts";
import { requireField } from "./check.ts";
import { groupBy } from "./group_by.ts";

/** Summary statistics of a group of values. */
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
 * Groups rows by some of their fields, as {@linkcode groupBy} does, and summarizes another field: what a
 * figure over seeds shows. Groups come out in the order in which they first appear.
 *
 * @param rows Plain objects.
 * @param keys Names of the fields to group by.
 * @param value Name of the field to summarize.
 * @returns One object per group: its keys and the summary.
 * @throws {RangeError} if a value is NaN or infinite.
 * @throws {TypeError} if a value is not a number, or no row has a field of one of these names.
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
  const groups = groupBy(rows, keys);
  requireField("value", value, rows);
  rows.forEach((row, i) => {
    const given = row[value];
    if (typeof given !== "number" || !Number.isFinite(given)) {
      const ErrorClass = typeof given === "number" ? RangeError : TypeError;
      throw new ErrorClass(`Cannot summarize \`${String(value)}\`: row ${i} has ${describeValue(given)}`);
    }
  });
  return groups.map((group) => ({
    ...group.keys,
    ...summary(Float64Array.from(group.rows, (row) => row[value] as number)),
  }));
}

/** Squares of values beyond these over- or underflow; in between, no scaling is needed. */
const LARGEST = 2 ** 500;
const SMALLEST = 2 ** -500;

function summary(values: Float64Array): Summary {
  const sorted = values.slice().sort();
  const size = Math.max(Math.abs(sorted[0]), Math.abs(sorted[sorted.length - 1]));
  if (size > LARGEST || (size < SMALLEST && size > 0)) {
    const { half, other } = powerOfTwoScale(values);
    const { count, ...scaled } = summary(values.map((x) => x * half * other));
    const restored = Object.entries(scaled).map(([name, x]) => [name, x / half / other]);
    return { count, ...Object.fromEntries(restored) };
  }
  // simple-statistics is typed for plain arrays and reads any array.
  const list = values as unknown as number[];
  const ascending = sorted as unknown as number[];
  return {
    count: values.length,
    mean: mean(list),
    median: quantileSorted(ascending, 0.5),
    sd: values.length > 1 ? sampleStandardDeviation(list) : 0,
    min: sorted[0],
    max: sorted[sorted.length - 1],
    q1: quantileSorted(ascending, 0.25),
    q3: quantileSorted(ascending, 0.75),
  };
}
