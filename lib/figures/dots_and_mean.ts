import { requireOneOf, requireOptions } from "../arrays/check.ts";
import { summarizeBy } from "../statistics/mod.ts";
import { requireFields, requireRows, requireStrings, requireTexts } from "./check.ts";
import { paint, pick, place } from "./rows.ts";
import type { FieldOf, Layer } from "./spec.ts";

/** Options of {@linkcode dotsAndMean}. */
export interface DotsAndMeanOptions<Row> {
  /** The field of the number. */
  value: FieldOf<Row>;
  /** The field of the category: what is compared. */
  category: FieldOf<Row>;
  /** More fields in which the rows of a mean agree, such as that of a knob; they are kept. Default none. */
  by?: readonly FieldOf<Row>[];
  /** On which axis the number is; default `"x"`, so that categories are read as lines of text. */
  along?: "x" | "y";
  /** Colour of all; default that of the figure's `color` channel. */
  color?: string;
}

/**
 * What each category came to: a dot per row (a seed, mostly) and a bar at their mean. The axes and colours are
 * those of the view that the mark is put in; `categoryAxis` makes the axis of the categories.
 *
 * @param rows One row per dot; `value` must be finite.
 * @returns A layer.
 * @throws {RangeError} if `value` of a row is not finite, or no row has one of the fields.
 * @throws {TypeError} if `along` has an unknown value.
 *
 * @example
 * ```ts
 * import { categoryAxis, dotsAndMean, figure, linearAxis, renderSvg } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = ["Adam", "Muon"].flatMap((optimizer, i) => [0, 1, 2].map((seed) => ({ optimizer, loss: i + seed })));
 * const mark = dotsAndMean(rows, { value: "loss", category: "optimizer" });
 * assertEquals(mark.layer?.[1].data?.values, [{ optimizer: "Adam", loss: 1 }, { optimizer: "Muon", loss: 2 }]);
 * await renderSvg(figure({
 *   encoding: { x: linearAxis("loss", "Final loss"), y: categoryAxis("optimizer", { order: ["Muon", "Adam"] }) },
 *   layer: [mark],
 * }));
 * ```
 */
export function dotsAndMean<Row extends object>(
  rows: readonly Row[],
  options: DotsAndMeanOptions<Row>,
): Layer {
  requireRows("rows", rows);
  requireOptions("options", options, ["value", "category", "by", "along", "color"]);
  const { value, category, by = [], along = "x", color } = options;
  requireTexts("by", by);
  requireFields(rows, { value, category, ...Object.fromEntries(by.map((field, i) => [`by[${i}]`, field])) });
  requireOneOf("along", along, ["x", "y"]);
  requireStrings({ color });
  const [x, y] = along === "x" ? [value, category] : [category, value];
  const encoding = { ...place(x, y), ...paint(color) };
  const means = summarizeBy(rows, [...by, category], value)
    .map(({ mean, ...group }) => ({ ...pick(group as object, [...by, category]), [value]: mean }));
  return {
    layer: [
      { data: { values: rows }, mark: { type: "point", filled: true, size: 45, opacity: 0.55 }, encoding },
      {
        data: { values: means },
        mark: { type: "tick", thickness: 2.5, size: 20, opacity: 1 },
        encoding,
      },
    ],
  };
}
