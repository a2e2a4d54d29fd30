import { describeValue, requireOneOf, requireOptions } from "../arrays/check.ts";
import { summarizeBy } from "../statistics/mod.ts";
import {
  requireBooleans,
  requireFields,
  requireRows,
  requireSizes,
  requireStrings,
  requireTexts,
} from "./check.ts";
import { paint, pick, place } from "./rows.ts";
import type { FieldOf, Layer } from "./spec.ts";

/** Options of {@linkcode meanAndRange}. */
export interface MeanAndRangeOptions<Row> {
  /** The field along the horizontal axis. */
  x: FieldOf<Row>;
  /** The field along the vertical axis, of which the mean is drawn. */
  y: FieldOf<Row>;
  /** The field that names a row's line; default one line for all rows. */
  series?: FieldOf<Row>;
  /** More fields in which the rows of a point agree, such as that of a knob; they are kept. Default none. */
  by?: readonly FieldOf<Row>[];
  /** What the line shows. On a logarithmic axis `"geometric mean"` is in the middle. Default `"mean"`. */
  center?: "mean" | "median" | "geometric mean";
  /**
   * How far the band goes: from the smallest value to the largest, or a sample standard deviation to both
   * sides (a factor, with the geometric mean). Default `"range"`.
   */
  spread?: "range" | "sd";
  /** A shaded band, or a vertical bar at each point. Default `"band"`. */
  as?: "band" | "bars";
  /** Whether each mean has a dot; default true for bars, false for bands. */
  dots?: boolean;
  /** Whether each row has a small dot of its own; default false. */
  rows?: boolean;
  /** Colour of all lines; default that of the figure's `color` channel. */
  color?: string;
  /** Width of the lines in pixels, or by the name of the line, so that lines that coincide stay visible. */
  strokeWidth?: number | Readonly<Record<string, number>>;
}

const defaultWidth = 2.2;

/**
 * Lines of means with a band that shows how far the rows (seeds, mostly) spread: rows that agree in `series`
 * and `x` make one point. The axes and colours are those of the view that the mark is put in.
 *
 * @param rows One row per run and point; `y` must be finite, and positive for the geometric mean.
 * @returns A layer, with rows of the fields `x`, `y`, `series`, `low` and `high`.
 * @throws {RangeError} if `y` of a row is not finite or has no geometric mean, no row has one of the fields, a
 * field is named `low` or `high`, or a width is negative or not finite.
 * @throws {TypeError} if `center`, `spread` or `as` has an unknown value.
 *
 * @example
 * ```ts
 * import { colorBy, figure, linearAxis, logAxis, meanAndRange, renderSvg } from "refigure/figures";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const rows = ["GD", "Muon"].flatMap((method) =>
 *   [0, 1, 2].flatMap((seed) => [0, 1, 2].map((step) => ({ method, seed, step, loss: 2 ** (seed - step) })))
 * );
 * const mark = meanAndRange(rows, { x: "step", y: "loss", series: "method", center: "geometric mean" });
 * assertEquals(mark.data?.values[0], { method: "GD", step: 0, loss: 2, low: 1, high: 4 });
 * const svg = await renderSvg(figure({
 *   title: { text: "Loss halves with each step", subtitle: "Mean and range of three seeds" },
 *   encoding: {
 *     x: linearAxis("step", "Step"),
 *     y: logAxis("loss", "Loss"),
 *     color: colorBy("method", null, ["GD", "Muon"]),
 *   },
 *   layer: [mark],
 * }));
 * assertStringIncludes(svg, "Loss halves");
 * ```
 */
export function meanAndRange<Row extends object>(
  rows: readonly Row[],
  options: MeanAndRangeOptions<Row>,
): Layer {
  requireRows("rows", rows);
  // deno-fmt-ignore
  requireOptions("options", options, [
    "x", "y", "series", "by", "center", "spread", "as", "dots", "rows", "color", "strokeWidth",
  ]);
  const { x, y, series, by = [], as = "band", dots = as === "bars", color, strokeWidth = defaultWidth } =
    options;
  requireTexts("by", by);
  requireFields(rows, { x, y, series, ...Object.fromEntries(by.map((field, i) => [`by[${i}]`, field])) });
  requireStrings({ color });
  requireBooleans({ dots, rows: options.rows });
  requireWidths(strokeWidth);
  requireOneOf("as", as, ["band", "bars"]);
  for (const field of [x, y, series, ...by]) {
    if (field === "low" || field === "high") {
      throw new RangeError(`A field must not be named "${field}": meanAndRange adds one of that name`);
    }
  }
  const spread: Layer = {
    mark: as === "band"
      ? { type: "area", opacity: 0.18, clip: true }
      : { type: "rule", strokeWidth: 1.6, clip: "auto" },
    // `stack: null`: with a colour and two quantitative axes, vega-lite before 5.17 stacks the areas along x.
    encoding: {
      x: { field: x, stack: null },
      y: { field: "low", stack: null },
      y2: { field: "high" },
      ...paint(color),
    },
  };
  const line: Layer = {
    mark: {
      type: "line",
      clip: true,
      strokeWidth: typeof strokeWidth === "number" ? strokeWidth : defaultWidth,
    },
    encoding: {
      ...place(x, y),
      ...paint(color),
      ...(typeof strokeWidth === "number" || series === undefined
        ? {}
        : { size: widthBy(series, strokeWidth) }),
    },
  };
  // A layer of its own: dots that belong to the line would have sizes by `strokeWidth`.
  const dot: Layer = {
    mark: { type: "point", filled: true, size: 45, opacity: 1, clip: "auto" },
    encoding: { ...place(x, y), ...paint(color) },
  };
  const each: Layer = {
    data: { values: rows.map((row) => pick(row, [...by, x, y, series])) },
    mark: { type: "point", filled: true, size: 16, opacity: 0.45, clip: "auto" },
    encoding: { ...place(x, y), ...paint(color) },
  };
  return {
    data: { values: summary(rows, options) },
    layer: [spread, ...(options.rows === true ? [each] : []), line, ...(dots ? [dot] : [])],
  };
}

/** One row per line and point: its centre and the ends of its band. */
function summary<Row extends object>(
  rows: readonly Row[],
  { x, y, series, by = [], center = "mean", spread = "range" }: MeanAndRangeOptions<Row>,
): object[] {
  requireOneOf("center", center, ["mean", "median", "geometric mean"]);
  requireOneOf("spread", spread, ["range", "sd"]);
  const isGeometric = center === "geometric mean";
  const values = isGeometric ? rows.map((row, i) => ({ ...row, [y]: logOf(row[y], y, i) })) : rows;
  const keys = [...by, ...(series === undefined ? [] : [series]), x];
  const back = isGeometric ? Math.exp : (value: number) => value;
  return summarizeBy(values as readonly Row[], keys, y).map((group) => {
    const middle = center === "median" ? group.median : group.mean;
    const [low, high] = spread === "range" ? [group.min, group.max] : [middle - group.sd, middle + group.sd];
    return { ...pick(group as object, keys), [y]: back(middle), low: back(low), high: back(high) };
  });
}

function logOf(value: unknown, field: string, i: number): number {
  if (typeof value === "number" && value > 0) return Math.log(value);
  throw new RangeError(`Cannot take the geometric mean of \`${field}\`: row ${i} has ${String(value)}`);
}

function requireWidths(strokeWidth: number | Readonly<Record<string, number>>): void {
  if (typeof strokeWidth === "number") return requireSizes({ strokeWidth }, { min: 0 });
  const isPlain = typeof strokeWidth === "object" && strokeWidth !== null &&
    Object.getPrototypeOf(strokeWidth) === Object.prototype;
  if (!isPlain) {
    throw new TypeError(
      `\`strokeWidth\` must be a number, or numbers by the names of lines, got ${describeValue(strokeWidth)}`,
    );
  }
  requireSizes(strokeWidth as Record<string, number>, { min: 0 });
}

/** Widths by name, for the channel `size`: vega-lite ignores `strokeWidth` on lines. */
function widthBy(series: string, widths: Readonly<Record<string, number>>) {
  const condition = Object.entries(widths).map(([name, value]) => ({
    test: { field: series, equal: name },
    value,
  }));
  return { condition, value: defaultWidth };
}
