import { requireArray, requireField, requireRows } from "./check.ts";

/** Rows that agree in some fields. */
export interface Group<Row, Key extends keyof Row> {
  /** These fields. */
  keys: Pick<Row, Key>;
  /** The rows, in the order given. */
  rows: Row[];
}

/**
 * Groups rows by some of their fields, in the order in which the groups first appear. Fields are compared by
 * value, arrays and plain objects entry by entry; NaN equals NaN, and NaN, `null`, `undefined` and the
 * infinities are different from each other.
 *
 * @param rows Plain objects.
 * @param keys Names of fields.
 * @returns One group per combination of values.
 * @throws {TypeError} if `rows` or `keys` is not an array, or no row has a field of this name.
 *
 * @example
 * ```ts
 * import { groupBy } from "refigure/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = [{ k: NaN, seed: 0 }, { k: null, seed: 0 }, { k: NaN, seed: 1 }];
 * assertEquals(groupBy(rows, ["k"]).map((group) => group.rows.length), [2, 1]);
 * ```
 */
export function groupBy<Row extends object, Key extends keyof Row>(
  rows: readonly Row[],
  keys: readonly Key[],
): Group<Row, Key>[] {
  requireRows(rows);
  requireArray("keys", keys);
  for (const key of keys) requireField("keys", key, rows);
  const groups = new Map<string, Group<Row, Key>>();
  for (const row of rows) {
    const picked = Object.fromEntries(keys.map((key) => [key, row[key]])) as Pick<Row, Key>;
    const name = JSON.stringify(keys.map((key) => row[key]), distinguish);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { keys: picked, rows: [row] });
    else group.rows.push(row);
  }
  return [...groups.values()];
}

/** What JSON would write as `null`, leave out or refuse, as an object that no row holds. */
function distinguish(_name: string, value: unknown): unknown {
  const isPlain = value === null || typeof value === "boolean" || typeof value === "string" ||
    typeof value === "object" || Number.isFinite(value);
  return isPlain ? value : { "\u0000": `${typeof value} ${String(value)}` };
}
