import { describeValue } from "../arrays/mod.ts";
import { nearest } from "../arrays/nearest.ts";

/** Throws unless `value` is an array. @throws {TypeError} */
export function requireArray(name: string, value: readonly unknown[]): void {
  if (!Array.isArray(value)) throw new TypeError(`\`${name}\` must be an array, got ${describeValue(value)}`);
}

/** Throws unless rows are objects and one of them has the field `key`, where there are rows. @throws {TypeError} */
export function requireField(name: string, key: PropertyKey, rows: readonly object[]): void {
  for (const row of rows) {
    if (typeof row !== "object" || row === null) {
      throw new TypeError(`\`rows\` must hold objects, got ${describeValue(row)}`);
    }
    if (key in row) return;
  }
  if (rows.length === 0) return;
  const hint = typeof key === "string" ? nearest(key, Object.keys(rows[0])) : "";
  throw new TypeError(`\`${name}\` must name fields of the rows, got ${describeValue(key)}${hint}`);
}
