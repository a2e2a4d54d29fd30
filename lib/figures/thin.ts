import { requireInteger, requireOneOf, requireOptions } from "../arrays/check.ts";
import { groupBy } from "../statistics/mod.ts";
import { requireFields, requireRows, requireTexts } from "./check.ts";
import type { FieldOf } from "./spec.ts";

/** Options of {@linkcode thin}. */
export interface ThinOptions<Row> {
  /** The field along which rows are thinned; they must be in its order within each series. */
  x?: FieldOf<Row>;
  /** The fields that name a row's line; default one line. */
  series?: FieldOf<Row> | readonly FieldOf<Row>[];
  /** How many rows a line keeps at most; default 100. */
  count?: number;
  /**
   * Whether the kept rows are at about equal distances of their index, or of the logarithm of `x`, which is
   * right for a logarithmic axis. Default `"linear"`.
   */
  spacing?: "linear" | "log";
}

/**
 * Some of the rows of each line, the first and the last among them: a line of a thousand points looks the same
 * with a hundred, and the stored figure is a tenth of the size.
 *
 * @returns Rows in their order.
 * @throws {RangeError} if `count` is not an integer of at least 2, or `x` of a row is not positive with
 * `spacing: "log"`.
 * @throws {TypeError} if `spacing` has an unknown value, or is `"log"` without `x`.
 *
 * @example
 * ```ts
 * import { thin } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = Array.from({ length: 1000 }, (_, i) => ({ step: i + 1 }));
 * assertEquals(thin(rows, { count: 4 }).map(({ step }) => step), [1, 334, 667, 1000]);
 * const kept = thin(rows, { x: "step", count: 4, spacing: "log" });
 * assertEquals(kept.map(({ step }) => step), [1, 10, 100, 1000]);
 * ```
 */
export function thin<Row extends object>(rows: readonly Row[], options: ThinOptions<Row> = {}): Row[] {
  requireRows("rows", rows);
  requireOptions("options", options, ["x", "series", "count", "spacing"]);
  const { x, series = [], count = 100, spacing = "linear" } = options;
  requireInteger("count", count, { min: 2 });
  requireOneOf("spacing", spacing, ["linear", "log"]);
  if (spacing === "log" && x === undefined) throw new TypeError('`x` is needed with `spacing: "log"`');
  const keys = (Array.isArray(series) ? series : [series]) as FieldOf<Row>[];
  requireTexts("series", keys);
  requireFields(rows, { x, ...Object.fromEntries(keys.map((key, i) => [`series[${i}]`, key])) });
  const places = rows.map((row, place) => ({ place, series: keys.map((key) => row[key]) }));
  const lines = groupBy(places, ["series"]).map((group) => group.rows.map(({ place }) => place));
  const kept = lines.flatMap((line) => {
    if (line.length <= count) return line;
    const at = spacing === "log" ? line.map((i) => logOf(rows[i][x!], x!, i)) : line.map((_, k) => k);
    return spread(at, count).map((k) => line[k]);
  });
  return kept.sort((a, b) => a - b).map((i) => rows[i]);
}

/** The indices of `count` places that are about equally far apart; fewer where places are sparse. */
function spread(places: readonly number[], count: number): number[] {
  const first = places[0];
  const last = places[places.length - 1];
  const chosen = new Set<number>();
  let k = 0;
  for (let j = 0; j < count; j++) {
    const wanted = first + j * (last - first) / (count - 1);
    while (k + 1 < places.length && Math.abs(places[k + 1] - wanted) <= Math.abs(places[k] - wanted)) k++;
    chosen.add(k);
  }
  return [...chosen.add(places.length - 1)];
}

function logOf(value: unknown, field: string, i: number): number {
  if (typeof value === "number" && value > 0) return Math.log(value);
  throw new RangeError(`Cannot thin along the logarithm of \`${field}\`: row ${i} has ${String(value)}`);
}
