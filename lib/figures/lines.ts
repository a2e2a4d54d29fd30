import { requireOptions } from "../arrays/check.ts";
import { requireBooleans, requireFields, requireRows, requireSizes, requireStrings } from "./check.ts";
import { paint, place } from "./rows.ts";
import type { FieldOf, Layer } from "./spec.ts";

/** Options of {@linkcode lines}. */
export interface LinesOptions<Row> {
  /** The field along the horizontal axis; default that of the view. */
  x?: FieldOf<Row>;
  /** The field along the vertical axis; default that of the view. */
  y?: FieldOf<Row>;
  /**
   * The field that tells lines of the same colour apart, such as the seed; with it the lines are thin.
   * Lines of different colours are different lines anyway.
   */
  each?: FieldOf<Row>;
  /** Colour of all lines; default that of the figure's `color` channel. */
  color?: string;
  /** Width in pixels; default 2.2, with `each` 1.1. */
  strokeWidth?: number;
  /** Opacity; default 1, with `each` 0.65. */
  opacity?: number;
  /** Whether each row has a dot; default false. */
  dots?: boolean;
  /** Whether the line goes through the rows in their order, instead of from left to right. Default false. */
  inOrder?: boolean;
}

/**
 * A line per series, or with `each` a thin line per run.
 *
 * @param rows The points of the lines. The axes and colours are those of the view that the mark is put in.
 * @returns A layer.
 * @throws {RangeError} if no row has one of the fields, or a number in the options is negative or not finite.
 *
 * @example
 * ```ts
 * import { colorBy, figure, linearAxis, lines, renderSvg } from "refigure/figures";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = [0, 1].flatMap((seed) => [0, 1, 2].map((step) => ({ seed, step, loss: 3 + seed - step })));
 * const svg = await renderSvg(figure({
 *   encoding: { x: linearAxis("step", "Step"), y: linearAxis("loss", "Loss") },
 *   layer: [lines(rows, { each: "seed" })],
 * }));
 * assertEquals(svg.match(/aria-roledescription="line mark"/g)?.length, 2);
 * ```
 */
export function lines<Row extends object>(rows: readonly Row[], options: LinesOptions<Row> = {}): Layer {
  requireRows("rows", rows);
  requireOptions("options", options, [
    "x",
    "y",
    "each",
    "color",
    "strokeWidth",
    "opacity",
    "dots",
    "inOrder",
  ]);
  const { x, y, each, color, dots = false, inOrder = false } = options;
  const { strokeWidth = each === undefined ? 2.2 : 1.1, opacity = each === undefined ? 1 : 0.65 } = options;
  requireFields(rows, { x, y, each });
  requireStrings({ color });
  requireSizes({ strokeWidth, opacity }, { min: 0 });
  requireBooleans({ dots, inOrder });
  const encoding = {
    ...place(x, y),
    ...paint(color),
    ...(each === undefined ? {} : { detail: { field: each, type: "nominal" } }),
    ...(inOrder ? { order: { value: null } } : {}),
  };
  const line = { mark: { type: "line", clip: true, strokeWidth, opacity }, encoding };
  const data = { values: rows };
  if (!dots) return { data, ...line };
  const dot = { mark: { type: "point", filled: true, clip: "auto", size: 30, opacity: 1 } };
  return { data, layer: [line, { ...dot, encoding: { ...place(x, y), ...paint(color) } }] };
}
