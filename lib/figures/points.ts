import { requireBoolean, requireOptions } from "../arrays/check.ts";
import { requireFields, requireRows, requireSizes, requireStrings } from "./check.ts";
import { theoryColor } from "./color.ts";
import { paint, place } from "./rows.ts";
import type { FieldOf, Layer } from "./spec.ts";

/** Options of {@linkcode points} and {@linkcode publishedPoints}. */
export interface PointsOptions<Row> {
  /** The field along the horizontal axis; default that of the view. */
  x?: FieldOf<Row>;
  /** The field along the vertical axis; default that of the view. */
  y?: FieldOf<Row>;
  /** Colour of all points; default that of the figure's `color` channel. */
  color?: string;
  /** Area of a point in square pixels; default 45, of published ones 80. */
  size?: number;
  /** Opacity; default 0.75, so that points on each other are seen; of published ones 1. */
  opacity?: number;
}

/**
 * A dot per row. One outside of the domain of an axis is not shown, one at its end is shown whole.
 *
 * @param rows One row per dot. The axes and colours are those of the view that the mark is put in.
 * @returns A layer.
 * @throws {RangeError} if no row has one of the fields, or a number in the options is negative or not finite.
 *
 * @example
 * ```ts
 * import { colorBy, figure, linearAxis, points, renderSvg } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = [{ predicted: 1, measured: 1.1, run: "a" }, { predicted: 2, measured: 1.9, run: "b" }];
 * const svg = await renderSvg(figure({
 *   encoding: {
 *     x: linearAxis("predicted", "Predicted"),
 *     y: linearAxis("measured", "Measured"),
 *     color: colorBy("run", null, ["a", "b"]),
 *   },
 *   layer: [points(rows, { size: 60 })],
 * }));
 * assertEquals(svg.match(/aria-roledescription="point"/g)?.length, 2);
 * ```
 */
export function points<Row extends object>(rows: readonly Row[], options: PointsOptions<Row> = {}): Layer {
  requireOptions("options", options, ["x", "y", "color", "size", "opacity"]);
  const { x, y, color, size = 45, opacity = 0.75 } = options;
  requirePoints(rows, { x, y, color, size, opacity });
  return {
    data: { values: rows },
    mark: { type: "point", filled: true, clip: "auto", size, opacity },
    encoding: { ...place(x, y), ...paint(color) },
  };
}

/** Options of {@linkcode publishedPoints}. */
export interface PublishedPointsOptions<Row> extends PointsOptions<Row> {
  /**
   * Whether the marks have the colours of the view's series, where the paper's numbers are of the same
   * methods; else they are dark, as theory is. Default false.
   */
  bySeries?: boolean;
}

/**
 * Numbers that are printed in the paper (or in the output of its released code), as hollow diamonds beside
 * what was measured here.
 *
 * @param rows One row per number.
 * @returns A layer.
 * @throws {RangeError} if no row has one of the fields, or a number in the options is negative or not finite.
 *
 * @example
 * ```ts
 * import { figure, linearAxis, points, publishedPoints, renderSvg } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * const published = publishedPoints([{ width: 64, accuracy: 0.92 }]);
 * const svg = await renderSvg(figure({
 *   title: { text: "Wider is better", subtitle: "Diamonds: Table 2 of the paper" },
 *   encoding: { x: linearAxis("width", "Width"), y: linearAxis("accuracy", "Accuracy") },
 *   layer: [points([{ width: 64, accuracy: 0.91 }]), published],
 * }));
 * assertEquals(svg.match(/aria-roledescription="point"/g)?.length, 2);
 * ```
 */
export function publishedPoints<Row extends object>(
  rows: readonly Row[],
  options: PublishedPointsOptions<Row> = {},
): Layer {
  requireOptions("options", options, ["x", "y", "color", "size", "opacity", "bySeries"]);
  const { x, y, bySeries = false, size = 80, opacity = 1 } = options;
  requireBoolean("bySeries", bySeries);
  const { color = bySeries ? undefined : theoryColor } = options;
  requirePoints(rows, { x, y, color, size, opacity });
  return {
    data: { values: rows },
    mark: { type: "point", shape: "diamond", filled: false, strokeWidth: 1.6, clip: "auto", size, opacity },
    encoding: { ...place(x, y), ...paint(color) },
  };
}

function requirePoints(
  rows: readonly object[],
  { x, y, color, size, opacity }: { x?: string; y?: string; color?: string; size: number; opacity: number },
): void {
  requireRows("rows", rows);
  requireFields(rows, { x, y });
  requireStrings({ color });
  requireSizes({ size, opacity }, { min: 0 });
}
