/** Figures as plain JSON, with the numbers of their rows rounded. */

const significantDigits = 5;

/**
 * A copy of a spec with nothing in it but what JSON has: a `Date` becomes its ISO text, a typed array a list, a
 * number that is not finite null. The numbers of rows (`data.values`) are rounded, those of the spec are not: an
 * axis ends where it was told to.
 *
 * @throws {TypeError} naming the place of a value that JSON does not have, such as a function.
 */
export function plain<T>(spec: T): T {
  return copy(spec, "spec", (value) => value) as T;
}

function copy(value: unknown, place: string, round: (value: number) => number): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? round(value) + 0 : null;
  if (value === null || value === undefined || typeof value === "string" || typeof value === "boolean") {
    return value;
  }
  if (typeof value !== "object") {
    throw new TypeError(`\`${place}\` must be a value that JSON can hold, got a ${typeof value}`);
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return Array.from(value as unknown as ArrayLike<number>, (item) => copy(item, place, round));
  }
  if (Array.isArray(value)) return value.map((item, i) => copy(item, `${place}[${i}]`, round));
  if (value instanceof Map || value instanceof Set) {
    throw new TypeError(`\`${place}\` must be a value that JSON can hold, got a ${value.constructor.name}`);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const at = `${place}.${key}`;
      const isRows = Array.isArray(item) &&
        (/\.data$/.test(place) && key === "values" || /\.datasets$/.test(place));
      return [key, isRows ? rows(item, at) : copy(item, at, round)];
    }),
  );
}

/** Rows, each field rounded to what can be seen. */
function rows(values: readonly unknown[], place: string): unknown[] {
  const rounders = new Map<string, (value: number) => number>();
  const rounder = (field: string) => {
    let found = rounders.get(field);
    if (found === undefined) rounders.set(field, found = roundLike(values, field));
    return found;
  };
  const isRow = (row: unknown): row is object =>
    typeof row === "object" && row !== null && !Array.isArray(row) && !(row instanceof Date);
  return values.map((row, i) => {
    const at = `${place}[${i}]`;
    if (typeof row === "number" && !Number.isFinite(row)) {
      throw new RangeError(`\`${at}\` must be a row, got ${row}`);
    }
    if (!isRow(row)) return copy(row, at, (value) => value);
    return Object.fromEntries(
      Object.entries(row).map(([field, value]) => [field, copy(value, `${at}.${field}`, rounder(field))]),
    );
  });
}

/**
 * Rounds numbers of one field: to five digits, and to more where they differ by little compared with their size
 * (100000.1, 100000.2), so that no value moves by more than a thousandth of the axis.
 */
function roundLike(values: readonly unknown[], field: string): (value: number) => number {
  let low = Infinity;
  let high = -Infinity;
  for (const row of values) {
    const value = (row as Record<string, unknown> | null)?.[field];
    if (typeof value !== "number" || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const range = high - low;
  return (value) => {
    if (Number.isInteger(value)) return value;
    const more = range > 0 ? Math.floor(Math.log10(Math.abs(value) / range)) : 0;
    return Number(value.toPrecision(Math.min(17, significantDigits + Math.max(0, more))));
  };
}
