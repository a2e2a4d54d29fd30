import { describeValue } from "../arrays/mod.ts";
import { nearest } from "../arrays/nearest.ts";

/** Throws unless `value` is an array. @throws {TypeError} */
export function requireArray(name: string, value: readonly unknown[]): void {
  if (!Array.isArray(value)) throw new TypeError(`\`${name}\` must be an array, got ${describeValue(value)}`);
}

/** Throws unless `rows` is an array of objects. @throws {TypeError} */
export function requireRows(rows: readonly object[]): void {
  requireArray("rows", rows);
  rows.forEach((row, i) => {
    if (typeof row !== "object" || row === null) {
      throw new TypeError(`\`rows[${i}]\` must be an object, got ${describeValue(row)}`);
    }
  });
}

/** Throws unless one of the rows, where there are any, has the field `key`. @throws {TypeError} */
export function requireField(name: string, key: PropertyKey, rows: readonly object[]): void {
  if (rows.length === 0 || rows.some((row) => key in row)) return;
  const hint = typeof key === "string" ? nearest(key, Object.keys(rows[0])) : "";
  throw new TypeError(`\`${name}\` must name fields of the rows, got ${describeValue(key)}${hint}`);
}
